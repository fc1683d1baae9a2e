"""The wire failed."""

from print_async.errors.base import PrintAsyncError
from print_async.phases import Span


class TransportError(PrintAsyncError):
    """The connection failed.

    Attributes:
        method, url: Of the request; the URL without its query.
        sent: False where it is certain that the server saw nothing of the request.
        phase: `connect`, `send`, `headers` or `body`; see `print_async.phases`.
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
    """The connection broke after the request was, or may have been, sent.

    Attributes:
        stale: Whether it had been in use before, and ended without a byte of an answer: most likely the server had
            closed it while it was idle, and never saw the request.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str = "",
        url: str = "",
        sent: bool = True,
        phase: str = "headers",
        stale: bool = False,
    ) -> None:
        super().__init__(message, method=method, url=url, sent=sent, phase=phase)
        self.stale = stale


class TransportTimeout(TransportError):
    """A phase of the exchange took longer than the transport's limit for it."""


class DeadlineExceeded(TransportError, TimeoutError):
    """Your deadline passed: of a `deadline` block, of the `timeout` of a call, a service or a client.

    `phase` is where the call was, one of those of `print_async.phases`; `sent` is true where the server may have acted
    on it. What went on was given up.

    Attributes:
        seconds: How much time there was.
        waterfall: Where it went: the phases in their order, each with its seconds.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str = "",
        url: str = "",
        sent: bool = True,
        phase: str = "headers",
        seconds: float = 0.0,
        waterfall: tuple[Span, ...] = (),
    ) -> None:
        super().__init__(message, method=method, url=url, sent=sent, phase=phase)
        self.seconds = seconds
        self.waterfall = waterfall
