"""What aiohttp raises, in our words: whether anything was sent, and what to do."""

import os

from print_async.errors import (
    CertificateRejected,
    ConnectFailed,
    ConnectionLost,
    TransportError,
    TransportTimeout,
)
from print_async.origin import presentable
from print_async.transports._aiohttp_exchange import Exchange
from print_async.transports._common import certificate_help
from print_async.wire import Request


def translate(error: BaseException, request: Request, exchange: Exchange) -> TransportError:
    """Return the error to raise instead.

    Raise it outside of the `except` block: chained to aiohttp's own, it would bring along aiohttp's frames, whose local
    variables hold the plain token.
    """
    import aiohttp

    where, phase = presentable(request.url), exchange.phase
    kind: type[TransportError]
    match error:
        case aiohttp.ClientConnectorCertificateError():
            said = certificate_help(where, _reason(error), "AiohttpTransport")
            return CertificateRejected(said, method=request.method, url=where)
        case aiohttp.ConnectionTimeoutError():
            kind, said, phase = TransportTimeout, "no connection in time; nothing was sent", "connect"
        case TimeoutError():
            kind, said = TransportTimeout, "the server fell silent; it may have acted on the request"
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            kind, said, phase = ConnectFailed, "not a URL that can be requested; nothing was sent", "connect"
        case aiohttp.ClientConnectorError() | aiohttp.ClientProxyConnectionError():
            kind, said, phase = ConnectFailed, f"no connection ({_reason(error)}); nothing was sent", "connect"
        case _ if phase == "connect":
            kind, said = ConnectFailed, f"no connection ({_reason(error)}); nothing was sent"
        case aiohttp.ClientPayloadError():
            kind, said, phase = ConnectionLost, "the answer was cut short; the server has acted on the request", "body"
        case _:
            return _lost(error, request, exchange)
    # Only the connect phase is before the first byte.
    sent = phase != "connect"
    return kind(f"{request.method} {where}: {said}", method=request.method, url=where, sent=sent, phase=phase)


def _lost(error: BaseException, request: Request, exchange: Exchange) -> ConnectionLost:
    where = presentable(request.url)
    said = f"the connection broke ({_reason(error)}); the server may have acted on the request"
    return ConnectionLost(
        f"{request.method} {where}: {said}",
        method=request.method,
        url=where,
        phase=exchange.phase,
        stale=not exchange.fresh and exchange.phase != "body" and _unanswered(error),
    )


def _unanswered(error: BaseException) -> bool:
    import aiohttp

    if isinstance(error, aiohttp.ServerDisconnectedError):
        return isinstance(error.message, str)  # else it is as much of the answer as has come
    return isinstance(error, ConnectionError | aiohttp.ClientOSError)


def _reason(error: BaseException) -> str:
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None)
    number = getattr(error, "errno", None)
    # aiohttp's own texts quote the URL with its query, and what the server said.
    return str(cause) if cause else os.strerror(number) if number else type(error).__name__
