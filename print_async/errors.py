"""Everything that this library raises, as one tree.

    PrintAsyncError
    ├── TransportError            the wire failed; `sent` tells whether the server may have seen the request
    │   ├── ConnectFailed         nothing was sent
    │   │   └── CertificateRejected
    │   ├── ConnectionLost        sent, and the answer is missing or cut short
    │   └── TransportTimeout      a phase took longer than its limit; `phase` names it
    ├── StatusError               the server answered, and the answer is no
    │   ├── UnexpectedRedirect    3xx: never followed with a credential
    │   ├── BadRequest            400, 422
    │   ├── Unauthorized          401, after a fresh token was refused as well
    │   ├── Forbidden             403
    │   ├── NotFound              404, 410
    │   ├── Conflict              409, 412
    │   ├── RateLimited           429
    │   └── ServerError           5xx
    ├── DecodeError               the answer is not what the documents promise
    ├── AuthError
    │   ├── TokenRequestFailed    no token for now; tried again after a pause
    │   ├── LoginRequired         no token until somebody signs in, or corrects the credential
    │   ├── TokenStoreError       the store could not be read or written; nothing was spent
    │   ├── AuthorizationRefused  the browser came back with an error, or with the wrong state
    │   ├── InsufficientScope     known before any request: the token lacks a scope
    │   ├── WrongTokenKind        known before any request: a client token where a user's is needed, or the reverse
    │   └── ForeignOrigin         the credential would have left its own servers
    ├── PagingError               `cursor` tells where to resume
    │   ├── CrossOriginLink       the server's next link leads elsewhere
    │   ├── PaginationLoop        the server's next link leads back
    │   └── InvalidCursor         not a cursor of this list
    ├── PrintError                a document was not printed, or nobody can say whether it was
    │   ├── PrintOptionsError     known before anything was sent: the printer cannot do what is asked
    │   ├── PrinterNotFound       no printer, or more than one, of that id or name; nothing was sent
    │   ├── UploadFailed          the document did not reach the server; nothing was printed
    │   ├── PrintFailed           the server refused the document, or the job has failed
    │   ├── PrintTimeout          not done in time; the job itself goes on
    │   └── PrintOutcomeUnknown   handed over, and the answer is lost: look before printing again
    ├── PaymentError              a payment was left open; it is not committed
    │   ├── PaymentOutcomeUnknown  committed, and the answer is lost: look before paying again
    │   └── PaymentSessionNotEnded  what the session has blocked may stay so; its payments are settled
    ├── MirrorError               the SQLite file of a mirror cannot be used
    └── ClientClosed              used after `aclose()`

Bad arguments are `ValueError` or `TypeError`, raised before any I/O. No message, attribute or pickle of these errors
holds a secret. All of them can be pickled and copied.
"""

from decimal import Decimal


class PrintAsyncError(Exception):
    """The root of all errors here.

    Attributes:
        retryable: Whether the same call may simply be made again, without doing anything twice.
        cursor: Where a walk over a list can resume (`resume=`), if the error ended one.
    """

    retryable: bool = False
    cursor: str | None = None


class TransportError(PrintAsyncError):
    """The connection failed.

    Attributes:
        method, url: Of the request; the URL without its query.
        sent: False where it is certain that the server saw nothing of the request.
        phase: `connect`, `send`, `headers` or `body`.
    """

    def __init__(
        self, message: str, *, method: str = "", url: str = "", sent: bool = True, phase: str = "headers"
    ) -> None:
        super().__init__(message)
        self.method = method
        self.url = url
        self.sent = sent
        self.phase = phase
        self.retryable: bool = not sent


class ConnectFailed(TransportError):
    """No connection: refused, unreachable, or the name is unknown. Nothing was sent, so any call may be retried."""

    def __init__(
        self, message: str, *, method: str = "", url: str = "", sent: bool = False, phase: str = "connect"
    ) -> None:
        super().__init__(message, method=method, url=url, sent=sent, phase=phase)


class CertificateRejected(ConnectFailed):
    """The server's certificate is not trusted, expired, or for another name. Retrying does not help."""

    def __init__(
        self, message: str, *, method: str = "", url: str = "", sent: bool = False, phase: str = "connect"
    ) -> None:
        super().__init__(message, method=method, url=url, sent=sent, phase=phase)
        self.retryable: bool = False


class ConnectionLost(TransportError):
    """The connection broke after the request was, or may have been, sent."""


class TransportTimeout(TransportError):
    """A phase of the exchange took longer than the transport's limit for it."""


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


class DecodeError(PrintAsyncError):
    """The answer could not be read: not JSON, or not of the documented shape."""


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


class PagingError(PrintAsyncError):
    """A list could not be walked to its end; `cursor` tells where to resume."""


class CrossOriginLink(PagingError):
    """The server's next link leads off the list's own address. It was not followed."""


class PaginationLoop(PagingError):
    """The server's next link was seen before: following it would never end."""


class InvalidCursor(PagingError, ValueError):
    """The text is not a cursor, or is one of another list."""


class PrintError(PrintAsyncError):
    """A document was not printed, or it cannot be said whether it was.

    Attributes:
        printer: The printer's id, or what was given to find it; `None` where there is none yet.
        file_id: The document's id at the server, once it has one.
        job_id: The job's id, once it has one.
    """

    def __init__(
        self, message: str, *, printer: str | None = None, file_id: str | None = None, job_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.printer = printer
        self.file_id = file_id
        self.job_id = job_id


class PrintOptionsError(PrintError, ValueError):
    """The printer cannot do what the options ask for. Nothing was sent; the message lists what it can do.

    Attributes:
        problems: One text for each option that does not fit.
    """

    def __init__(self, message: str, *, printer: str | None = None, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message, printer=printer)
        self.problems = problems


class PrinterNotFound(PrintError, LookupError):
    """There is no such printer for this credential, or more than one of that name. Nothing was sent."""


class UploadFailed(PrintError):
    """The document did not reach the server whole. Nothing was printed, so printing it again doubles nothing.

    The failure itself is the `__cause__`, where there is one.

    Attributes:
        status: The HTTP status of the answer that ended it; `None` without one.
        code: What the storage calls the reason, such as `AuthenticationFailed`.
    """

    retryable = True

    def __init__(
        self, message: str, *, file_id: str | None = None, status: int | None = None, code: str | None = None
    ) -> None:
        super().__init__(message, file_id=file_id)
        self.status = status
        self.code = code


class PrintFailed(PrintError):
    """The server refused the document, or the job ended in a failure. Nothing more will come out of it by itself.

    Attributes:
        code: The vendor's code.
        message: What the vendor says about it; `None` where it says nothing.
    """

    def __init__(
        self,
        text: str,
        *,
        code: int | None = None,
        message: str | None = None,
        printer: str | None = None,
        file_id: str | None = None,
        job_id: str | None = None,
    ) -> None:
        super().__init__(text, printer=printer, file_id=file_id, job_id=job_id)
        self.code = code
        self.message = message


class PrintTimeout(PrintError, TimeoutError):
    """Not done in the time given for it. Nothing was called off: the message says what goes on, and how to follow."""


class PrintOutcomeUnknown(PrintError):
    """A document was handed over and the answer is lost: it may come out of the printer, or not.

    It was not sent again, and must not be without a look at the printer or its queue: `file_id`, `printer`, `document`
    and `submitted_at` are what to look for. The failure itself is the `__cause__`, where there is one.

    Attributes:
        document: The document's name, as the queue shows it; `None` without one.
        submitted_at: When it was handed over: wall clock, seconds since 1970.
    """

    def __init__(
        self,
        message: str,
        *,
        printer: str | None = None,
        file_id: str | None = None,
        document: str | None = None,
        submitted_at: float | None = None,
    ) -> None:
        super().__init__(message, printer=printer, file_id=file_id)
        self.document = document
        self.submitted_at = submitted_at


class PaymentError(PrintAsyncError):
    """Something about a payment. Where it is no subclass: the payment is not committed, and was left open.

    Attributes:
        reference: What the money is on, or comes through: the reference of an account or of a payment provider.
        session_id: The payment session, where there is one.
        payment_id: The payment, where it is about one.
    """

    def __init__(
        self,
        message: str,
        *,
        reference: str | None = None,
        session_id: int | None = None,
        payment_id: int | str | None = None,
    ) -> None:
        super().__init__(message)
        self.reference = reference
        self.session_id = session_id
        self.payment_id = payment_id


class PaymentOutcomeUnknown(PaymentError):
    """The commit of a payment was sent and its answer is lost: the money may have moved, or not.

    It was not sent again, nor was the payment rolled back. Nobody may pay again without a look at the balance, or at
    the list of payments, where there is one; the message says which. The failure itself is the `__cause__`.

    Attributes:
        amount: What may have moved, a `Decimal` in the server's currency; `None` where that is not known.
        submitted_at: When the commit was sent: wall clock, seconds since 1970.
    """

    def __init__(
        self,
        message: str,
        *,
        reference: str | None = None,
        session_id: int | None = None,
        payment_id: int | str | None = None,
        amount: Decimal | None = None,
        submitted_at: float | None = None,
    ) -> None:
        super().__init__(message, reference=reference, session_id=session_id, payment_id=payment_id)
        self.amount = amount
        self.submitted_at = submitted_at


class PaymentSessionNotEnded(PaymentError):
    """A payment session is over here, but the server could not be told: what it has blocked may stay blocked.

    Its payments are settled, so the work must not be done again; ending the session may be tried again. The failure
    itself is the `__cause__`.

    Attributes:
        committed: The ids of the payments that were committed in it.
    """

    def __init__(
        self,
        message: str,
        *,
        reference: str | None = None,
        session_id: int | None = None,
        committed: tuple[int, ...] = (),
    ) -> None:
        super().__init__(message, reference=reference, session_id=session_id)
        self.committed = committed


class MirrorError(PrintAsyncError):
    """The file of a mirror belongs to another source, is in use, or is no SQLite file. It was not changed."""


class ClientClosed(PrintAsyncError):
    """The client, session or transport was used after `aclose()`."""


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
