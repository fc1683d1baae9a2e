"""What a call can be told. Who says it: the call itself, else its service, else the client."""

import attrs
from attrs.validators import gt, optional

from print_async.codec import UNSET, UnsetType
from print_async.retry import RetryPolicy


@attrs.frozen(kw_only=True)
class CallOptions:
    """How the calls of a client, or of one service of it, are made."""

    timeout: float | None = attrs.field(default=None, validator=optional(gt(0)))
    """Seconds for a call in all, its queue, retries and pauses included; `None` for no limit. A `deadline` block around
    the call counts besides."""
    retry: RetryPolicy = RetryPolicy()
    """What is sent again, and when."""

    def but(
        self, *, timeout: float | UnsetType | None = UNSET, retry: RetryPolicy | UnsetType = UNSET
    ) -> "CallOptions":
        """Return the same, except for what is given here."""
        return CallOptions(
            timeout=self.timeout if timeout is UNSET else timeout, retry=self.retry if retry is UNSET else retry
        )
