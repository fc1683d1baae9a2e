"""What may be sent again, and after which pause: a pure decision.

The rule that matters here: a retry at the wrong moment prints a document twice. So a call that is not idempotent is
sent again only where it is certain that the server did not act on it: nothing was sent, or the answer was 429.
"""

import attrs
from attrs.validators import ge

from print_async.errors import PrintAsyncError, StatusError, TokenRequestFailed, TransportError

_GATEWAY = frozenset({502, 503, 504})


def is_safe(error: PrintAsyncError, *, idempotent: bool) -> bool:
    """Tell whether sending the same call again cannot do anything twice, and has a chance to succeed."""
    if isinstance(error, TransportError):
        return error.retryable if not error.sent else idempotent
    if isinstance(error, StatusError):
        return error.status == 429 or (idempotent and error.status in _GATEWAY)
    return isinstance(error, TokenRequestFailed) and error.retryable


def may_have_acted(error: PrintAsyncError) -> bool:
    """Tell whether the server may have done what the call asks for, though it ended in this error."""
    if isinstance(error, TransportError):
        return error.sent
    return not isinstance(error, StatusError) or error.status >= 500


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How often and how soon. Seconds throughout; `RetryPolicy(attempts=1)` never sends anything twice."""

    attempts: int = attrs.field(default=5, validator=ge(1))
    """How often a call is sent at most, the first time included."""
    base: float = attrs.field(default=0.25, validator=ge(0))
    """The pause after attempt n is random between 0 and base * 2^(n-1) (full jitter)..."""
    cap: float = attrs.field(default=20.0, validator=ge(0))
    """... or the cap, if that is less. A server's Retry-After is never undercut, and not capped."""

    def pause(self, error: PrintAsyncError, *, attempt: int, idempotent: bool, draw: float) -> float | None:
        """Return the seconds to wait before sending again, or `None` to give up.

        Args:
            error: What the attempt ended with.
            attempt: Which one it was, from 1.
            idempotent: Whether doing it twice is the same as doing it once.
            draw: A random number from 0 to 1.
        """
        if attempt >= self.attempts or not is_safe(error, idempotent=idempotent):
            return None
        asked: float | None = getattr(error, "retry_after", None)
        backoff: float = min(self.cap, self.base * 2 ** min(attempt - 1, 30)) * draw
        return max(backoff, asked or 0.0)
