"""The wire failed."""

from print_async.errors.base import PrintAsyncError


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
