"""What httpx2 raises, in our words: whether anything was sent, and what to do."""

import ssl
from collections.abc import Iterator

from print_async.errors import (
    CertificateRejected,
    ConnectFailed,
    ConnectionLost,
    TransportError,
    TransportTimeout,
)
from print_async.origin import presentable
from print_async.transports._common import BodyFailed, certificate_help
from print_async.wire import Request


def translate(error: BaseException, request: Request, phase: str, *, kept: bool) -> TransportError | ValueError:
    """Return the error to raise instead. Raise it outside of the `except` block: the library's frames hold the token.

    Args:
        error: What httpx2 raised.
        request: What it was about.
        phase: How far that was; `connect` is before the first byte.
        kept: Whether its connection was kept from earlier requests.
    """
    import httpx2

    where = presentable(request.url)
    kind: type[TransportError]
    match error:
        case httpx2.ConnectTimeout():
            kind, said, phase = TransportTimeout, "no connection in time; nothing was sent", "connect"
        case httpx2.TimeoutException():
            kind, said = TransportTimeout, "the server fell silent; it may have acted on the request"
        case httpx2.ConnectError():
            return _unconnected(error, request)
        case httpx2.ProxyError() if phase == "connect":
            kind, said = ConnectFailed, "the proxy does not let it through; nothing was sent"
        case httpx2.InvalidURL() | httpx2.UnsupportedProtocol():
            kind, said, phase = ConnectFailed, "not a URL that can be requested; nothing was sent", "connect"
        case httpx2.LocalProtocolError() | ValueError() if phase == "connect":
            return ValueError(f"httpx2 does not accept the request ({type(error).__name__}); nothing was sent")
        case _ if phase == "connect":
            kind, said = ConnectFailed, f"no connection ({type(error).__name__}); nothing was sent"
        case BodyFailed():
            kind, said = ConnectionLost, f"the body to send could not be read ({error}); the server has the part before"
        case _ if phase == "body":
            kind, said = ConnectionLost, "the answer was cut short; the server has acted on the request"
        case _:
            said = f"the connection broke ({type(error).__name__}); the server may have acted on the request"
            stale = kept and _unanswered(error)
            return ConnectionLost(
                f"{request.method} {where}: {said}", method=request.method, url=where, phase=phase, stale=stale
            )
    sent = phase != "connect"
    return kind(f"{request.method} {where}: {said}", method=request.method, url=where, sent=sent, phase=phase)


def _unanswered(error: BaseException) -> bool:
    import httpx2

    if isinstance(error, httpx2.RemoteProtocolError):
        return "without sending a response" in str(error)  # the others are about what it did send
    return isinstance(error, httpx2.ReadError | httpx2.WriteError)


def _unconnected(error: BaseException, request: Request) -> ConnectFailed:
    where = presentable(request.url)
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            said = certificate_help(where, str(cause), "Httpx2Transport")
            return CertificateRejected(said, method=request.method, url=where)
    reasons = [cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror]
    reason = reasons[-1] if reasons else type(error).__name__
    said = f"{request.method} {where}: no connection ({reason}); nothing was sent"
    return ConnectFailed(said, method=request.method, url=where)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            yield from error.exceptions
        error = error.__cause__ or error.__context__
