"""What happens on the way of a call. No event has a secret in it: no header, no query, no body."""

from typing import Literal

import attrs

from print_async.errors import AuthError, PrintAsyncError


@attrs.frozen(eq=False)
class RequestEvent:
    """A request is sent to an API, with a token. The same object is in the event of its answer."""

    method: str
    url: str
    """Without its query."""
    operation: str | None
    """Method and path template, such as `GET /v3/users/{user_id}`; `None` where it is not known."""
    attempt: int
    """Which one of its call, from 1."""


@attrs.frozen(eq=False)
class ResponseEvent:
    """The answer has come, or will not."""

    request: RequestEvent
    seconds: float
    """From the sending to the last byte; where the body is left on the wire, to the head of the answer."""
    status: int | None
    """`None` without an answer."""
    error: BaseException | None
    """Why there is none: a `TransportError`, or the cancellation of the call."""


@attrs.frozen(eq=False)
class RetryEvent:
    """A call is going to be sent again."""

    method: str
    url: str
    """Without its query."""
    operation: str | None
    attempt: int
    """The one that failed, from 1."""
    pause: float
    """Seconds until the next one."""
    error: PrintAsyncError
    """What the failed one ended with."""


@attrs.frozen(eq=False)
class RefreshEvent:
    """The session has got another token, or has failed to."""

    outcome: Literal["sign-in", "refresh", "store", "failed"]
    """Where the token is from; `failed` where there is none."""
    seconds: float
    """It took, the wait for the store's lock included."""
    generation: int | None
    """Of the token; `None` where there is none."""
    error: AuthError | None
    """Why there is none."""
    usable: bool
    """Whether there is a token to go on with, be it the one before."""
