"""There is no token, or it must not be used for this."""

from print_async.errors.base import PrintAsyncError


class AuthError(PrintAsyncError):
    """Something about the credential."""


class TokenRequestFailed(AuthError):
    """The token endpoint could not be reached, failed, or answered nonsense. The session tries again after a pause.

    Attributes:
        status: The HTTP status of the answer; `None` without one.
        retry_after: Seconds the server asks to wait.
        answer_lost: Whether the request may have arrived and no answer came back, so that what it spent may be spent.
    """

    retryable = True

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        answer_lost: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after
        self.answer_lost = answer_lost


class LoginRequired(AuthError):
    """The token endpoint refused the credential for good. Nothing is tried again until it is replaced.

    Attributes:
        error: The code of RFC 6749 section 5.2 (`invalid_grant`, `invalid_client`, ...) or the vendor's own.
        description: What the server says about it.
        lost_at: When somebody spent the credential and the answer was lost, if that is the likely cause: wall clock,
            seconds since 1970.
    """

    def __init__(
        self,
        message: str,
        *,
        error: str | None = None,
        description: str | None = None,
        lost_at: float | None = None,
    ) -> None:
        super().__init__(message)
        self.error = error
        self.description = description
        self.lost_at = lost_at


class TokenStoreError(AuthError):
    """The token store cannot be read or written, or holds what is no token. No token was spent. Tried again later."""

    retryable = True


class AuthorizationRefused(AuthError):
    """The browser's way back from the sign-in page is not an answer to our request, or says no.

    Attributes:
        error: The code of RFC 6749 section 4.1.2.1, or one of ours: `state_mismatch`, `no_code`, `cannot_listen`,
            `no_browser`, `timeout`.
    """

    def __init__(self, message: str, *, error: str = "") -> None:
        super().__init__(message)
        self.error = error


class InsufficientScope(AuthError):
    """The operation needs scopes that the token is known not to have. Nothing was sent.

    Attributes:
        missing: The scopes to ask an administrator for.
    """

    def __init__(self, message: str, *, missing: frozenset[str] = frozenset()) -> None:
        super().__init__(message)
        self.missing = missing


class WrongTokenKind(AuthError):
    """The operation needs another kind of token (`client` or `user`) than the grant gives. Nothing was sent."""


class ForeignOrigin(AuthError):
    """A request would have carried the credential to a server that it is not bound to. Nothing was sent."""
