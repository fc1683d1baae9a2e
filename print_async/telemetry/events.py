"""What happens on the way of a call. No event has a secret in it: no header, no query, no body.

An error in an event is one of `print_async.errors`, none of which shows a secret. Of any other, such as one that the
stream of a body raises, an event has the class alone: its text may quote what was sent.
"""

from typing import Literal

import attrs

from print_async.errors import AuthError, PrintAsyncError


@attrs.frozen(eq=False)
class RequestEvent:
    """A request is sent to an API, with a token. The same object is in the event of its answer."""

    method: str
    """The HTTP method."""
    url: str
    """Without its query."""
    operation: str | None
    """Method and path template, such as `GET /v3/users/{user_id}`; `None` where it is not known."""
    attempt: int
    """Which sending of its call, from 1: each retry counts, and so does the second one after a 401."""


@attrs.frozen(eq=False)
class ResponseEvent:
    """The answer has come, or will not. There is one for every `RequestEvent`."""

    request: RequestEvent
    """What was sent."""
    seconds: float
    """From the sending to the last byte; where the body is left on the wire, to the head of the answer."""
    status: int | None
    """The HTTP status; `None` without an answer."""
    error: PrintAsyncError | None
    """Why there is no answer; `None` where there is one, or where it is no error of ours."""
    failure: str | None
    """Without an answer, the class of what came instead: of `error`; `CancelledError` where the call was cancelled, or
    its deadline has passed; or of an error that is not ours."""


@attrs.frozen(eq=False)
class RetryEvent:
    """A call is going to be made again."""

    method: str
    """The HTTP method."""
    url: str
    """Without its query."""
    operation: str | None
    """Method and path template; `None` where it is not known."""
    attempt: int
    """How often it has been sent so far; 0 where it was not, for want of a token."""
    pause: float
    """Seconds until it is tried again."""
    error: PrintAsyncError
    """What the last try ended with."""


@attrs.frozen(eq=False)
class RefreshEvent:
    """The session has got another token, or its attempt to get one has failed.

    A `sign_in` that somebody asks for, and that fails, only raises: it is no attempt of the session's own.
    """

    outcome: Literal["sign-in", "refresh", "store", "failed"]
    """Where the token is from; `failed` where there is none."""
    seconds: float
    """It took, the wait for the store's lock included."""
    generation: int | None
    """Of the token; `None` where there is none."""
    error: AuthError | None
    """Why there is none. `LoginRequired`: there will be none until somebody signs in, or corrects the credential."""
    usable: bool
    """Whether there is a token to go on with, be it the one before."""


@attrs.frozen(eq=False)
class LimitChange:
    """A server is sent more, or fewer, requests at a time than before."""

    origin: str
    """The server: scheme, host and port, such as `https://print.acme.com`."""
    limit: int
    """How many requests may be in flight from now on."""
    previous: int
    """How many it were before."""
    in_flight: int
    """How many are, at this moment."""
    reason: str
    """Why, in a word or two, such as `429`; never a text of the server's."""
