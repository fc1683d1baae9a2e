"""The server answered, and the answer is no."""

from print_async.errors.base import PrintAsyncError


class StatusError(PrintAsyncError):
    """The server answered with a status that is not a success.

    Attributes:
        status: The HTTP status.
        code, message, data: What the vendor's error body says: its own code (which may differ from the status), its
            message, and the rest. `None` where it says nothing.
        method, path: Of the request; the path without its query.
        request_id: The server's id of the exchange, where it sent one.
        retry_after: Seconds to wait, from the Retry-After header; `None` without one.
    """

    def __init__(
        self,
        text: str,
        *,
        status: int = 0,
        code: int | str | None = None,
        message: str | None = None,
        data: object = None,
        method: str = "",
        path: str = "",
        request_id: str | None = None,
        retry_after: float | None = None,
        retryable: bool = False,
    ) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.message = message
        self.data = data
        self.method = method
        self.path = path
        self.request_id = request_id
        self.retry_after = retry_after
        self.retryable: bool = retryable


class UnexpectedRedirect(StatusError):
    """The server redirects. Redirects are not followed, because the request carries a credential."""


class BadRequest(StatusError):
    """The server does not accept what was sent; `message` and `data` say why."""


class Unauthorized(StatusError):
    """The token is refused, and so was a fresh one."""


class Forbidden(StatusError):
    """The token is good and not allowed to do this: a scope or a right is missing."""


class NotFound(StatusError):
    """There is no such thing, or not for this credential."""


class Conflict(StatusError):
    """The state of the thing does not allow this."""


class RateLimited(StatusError):
    """Too many requests. Not done, so any call may be retried, after `retry_after`."""


class ServerError(StatusError):
    """The server's own fault."""


_BY_STATUS: dict[int, type[StatusError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: NotFound,
    412: Conflict,
    422: BadRequest,
    429: RateLimited,
}


_BY_HUNDRED: dict[int, type[StatusError]] = {3: UnexpectedRedirect, 5: ServerError}


def error_class(status: int) -> type[StatusError]:
    """Return the class of error for an HTTP status: the most special one that fits, else `StatusError`."""
    return _BY_STATUS.get(status) or _BY_HUNDRED.get(status // 100) or StatusError
