"""What may be set about how much a server is sent."""

import attrs
from attrs.validators import ge, gt, optional

from print_async.limits.pacing import Pacer


@attrs.frozen(kw_only=True)
class LimitPolicy:
    """How many requests are in flight at a time, and how many go in a second. Further ones wait for their turn."""

    max_in_flight: int = attrs.field(default=100, validator=ge(1))
    """The most at a time, to all servers of a session, and never more than its transport has connections."""
    adaptive: bool = True
    """Send a server fewer at a time while it answers 429 or 503, or takes the longer the more it is sent."""
    per_second: float | None = attrs.field(default=None, validator=optional(gt(0)))
    """The most in a second, to each server; `None` for no limit."""
    pacer: Pacer | None = None
    """A rate that is shared with other processes, instead of `per_second`."""

    def __attrs_post_init__(self) -> None:
        if self.per_second is not None and self.pacer is not None:
            raise ValueError("give one of per_second and pacer: both say how many requests go in a second")
