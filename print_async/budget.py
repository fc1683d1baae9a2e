"""How many retries one server gets, so that an outage is not multiplied by those who wait for its end.

Pauses that grow spread the retries of one call; they do not make them fewer. When everything fails, every call would be
sent as often as its policy allows. So the retries of all calls to one server take from one budget, and each success
gives a part of one back: while a few calls in a hundred fail all of them are retried, and when all do, hardly any.
(The idea is that of the AWS SDKs' standard retry mode, and of Finagle's.)
"""

import attrs
from attrs.validators import ge


@attrs.define
class RetryBudget:
    """The retries that are left, for one server. Not counted: those after 429, and over a connection that was stale."""

    capacity: float = attrs.field(default=20.0, validator=ge(0))
    """The most there can be; it begins full."""
    refund: float = attrs.field(default=0.25, validator=ge(0))
    """What each call that succeeds gives back."""
    left: float = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.left = self.capacity

    def take(self) -> bool:
        """Take one, and tell whether there was one."""
        if self.left < 1:
            return False
        self.left -= 1
        return True

    def give(self) -> None:
        """A call has succeeded."""
        if self.left < self.capacity:
            self.left = min(self.capacity, self.left + self.refund)
