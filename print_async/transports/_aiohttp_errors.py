"""What aiohttp raises, in our words: whether anything was sent, and what to do."""

from print_async.errors import (
    CertificateRejected,
    ConnectFailed,
    ConnectionLost,
    TransportError,
    TransportTimeout,
)
from print_async.wire import Request, strip_query


def translate(error: BaseException, request: Request, phase: str = "headers") -> TransportError:
    """Return the error to raise instead.

    Raise it outside of the `except` block: chained to aiohttp's own, it would bring along aiohttp's frames, whose local
    variables hold the plain token.
    """
    import aiohttp

    where = strip_query(request.url)
    what = f"{request.method} {where}"
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return CertificateRejected(_certificate_help(error, where), method=request.method, url=where)
        case aiohttp.ConnectionTimeoutError():
            return TransportTimeout(
                f"{what}: no connection in time; nothing was sent",
                method=request.method,
                url=where,
                sent=False,
                phase="connect",
            )
        case TimeoutError():
            return TransportTimeout(
                f"{what}: the server fell silent; it may have acted on the request",
                method=request.method,
                url=where,
                phase=phase,
            )
        case aiohttp.ClientConnectorError() | aiohttp.ClientProxyConnectionError():
            return ConnectFailed(
                f"{what}: no connection ({_reason(error)}); nothing was sent",
                method=request.method,
                url=where,
                sent=False,
                phase="connect",
            )
        case aiohttp.ClientPayloadError():
            return ConnectionLost(
                f"{what}: the answer was cut short; the server has acted on the request",
                method=request.method,
                url=where,
                phase="body",
            )
        case _:
            return ConnectionLost(
                f"{what}: the connection broke ({_reason(error)}); the server may have acted on the request",
                method=request.method,
                url=where,
                phase=phase,
            )


def _certificate_help(error: BaseException, where: str) -> str:
    return (
        f"{where}: the server's certificate is not accepted ({_reason(error)}); nothing was sent. If the server has a "
        "certificate authority of its own, as MyQ X has, export its certificate as a PEM file and pass it as "
        "AiohttpTransport(ca_file=...), on the command line --ca-file"
    )


def _reason(error: BaseException) -> str:
    certificate = getattr(error, "certificate_error", None) or getattr(error, "os_error", None)
    return str(certificate or error) or type(error).__name__
