"""What pyreqwest raises, in our words: whether anything was sent, and what to do.

Its classes do not tell that: `ConnectError` and `ConnectTimeoutError` also come when the server takes the request and
does not answer. What tells is hyper's kind of error, which is among the causes.
"""

from print_async.errors import (
    CertificateRejected,
    ConnectFailed,
    ConnectionLost,
    TransportError,
    TransportTimeout,
)
from print_async.origin import presentable
from print_async.transports._common import certificate_help
from print_async.wire import Request

_CONNECT = "client error (Connect)"
_CERTIFICATE = "invalid peer certificate"


def translate(error: BaseException, request: Request, phase: str) -> TransportError:
    """Return the error to raise instead, for one that came in this phase: `send`, `headers` or `body`."""
    where = presentable(request.url)
    causes = _causes(error)
    if _CONNECT in causes:
        return _unconnected(error, causes, request)
    kind: type[TransportError] = ConnectionLost
    if isinstance(error, TimeoutError):
        kind, said = TransportTimeout, "the server fell silent; it may have acted on the request"
    elif phase == "body":
        said = "the answer was cut short; the server has acted on the request"
    else:
        said = f"the connection broke ({_reason(error, causes)}); the server may have acted on the request"
    return kind(f"{request.method} {where}: {said}", method=request.method, url=where, phase=phase)


def _unconnected(error: BaseException, causes: list[str], request: Request) -> TransportError:
    where, reason = presentable(request.url), _reason(error, causes)
    if any(_CERTIFICATE in cause for cause in causes):
        return CertificateRejected(
            certificate_help(where, reason, "PyreqwestTransport"), method=request.method, url=where
        )
    if isinstance(error, TimeoutError):
        said = f"{request.method} {where}: no connection in time; nothing was sent"
        return TransportTimeout(said, method=request.method, url=where, sent=False, phase="connect")
    said = f"{request.method} {where}: no connection ({reason}); nothing was sent"
    return ConnectFailed(said, method=request.method, url=where)


def _causes(error: BaseException) -> list[str]:
    details = getattr(error, "details", None) or {}
    return [cause["message"] for cause in details.get("causes") or ()]


def _reason(error: BaseException, causes: list[str]) -> str:
    # The first cause quotes the URL with its query.
    return causes[-1] if len(causes) > 1 else type(error).__name__
