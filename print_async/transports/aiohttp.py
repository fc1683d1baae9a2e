"""The default transport, on aiohttp. aiohttp itself is imported when the first request is sent, not before."""

import asyncio
import io
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from print_async.errors import ClientClosed
from print_async.transports._aiohttp_errors import translate
from print_async.transports._common import (
    PerLoop,
    Waits,
    check_options,
    closed_under_way,
    pieces,
    plain_headers,
    trusted,
)
from print_async.wire import Body, Headers, Request, Response, Timeouts

if TYPE_CHECKING:
    import aiohttp

_LARGE = 2**20


class AiohttpTransport:
    """Sends requests through an `aiohttp.ClientSession`.

    Args:
        session: A session of yours to borrow. `aclose` leaves it open, and the other arguments, which configure a
            session of our own, may not be given with it. aiohttp sends an idempotent request again by itself when a
            kept-alive connection turns out to be closed; a session of our own does not. Without one, a session is made
            on the first request, in the running loop, and made anew if that loop has ended.
        ca_file: PEM file of the certificate authority that signed the server's certificate, such as MyQ's own
            (`myq-ca.cer`). It is trusted besides the system's.
        ssl_context: A context of yours, instead of `ca_file` and `verify`.
        verify: False accepts *any* certificate: whoever sits between you and the server gets the credential. For a test
            set-up only; it is logged as a warning.
        proxy: URL of an HTTP proxy.
        trust_env: Honour HTTP_PROXY and its kin, and .netrc. It makes each request much dearer, so it is off.
        connections: The most connections at a time; further requests wait for one.
        timeouts: Limits for the phases of each exchange.

    Raises:
        ValueError: Arguments that exclude each other, or a `ca_file` that is no PEM file.
        OSError: `ca_file` cannot be read.
    """

    def __init__(
        self,
        session: "aiohttp.ClientSession | None" = None,
        *,
        ca_file: str | Path | None = None,
        ssl_context: ssl.SSLContext | None = None,
        verify: bool = True,
        proxy: str | None = None,
        trust_env: bool = False,
        connections: int = 100,
        timeouts: Timeouts | None = None,
    ) -> None:
        if session is not None and (ca_file or ssl_context or not verify or proxy or trust_env or connections != 100):
            raise ValueError("a borrowed session brings its own connections: configure TLS, proxy and pool there")
        check_options(ca_file, ssl_context, verify, connections, proxy)
        self._borrowed = session
        self._sessions = PerLoop(self._make, _close)
        self._waits = Waits()
        self._tls = trusted(ca_file, ssl_context, verify)
        self._proxy = proxy
        self._trust_env = trust_env
        self._connections = connections
        self._timeouts = timeouts or Timeouts()

    async def send(self, request: Request) -> Response:
        """Send a request once; see `print_async.wire.Transport.send`."""
        if self._borrowed is None or self._sessions.closed:
            session = await self._sessions.open()
        else:
            session = self._borrowed
        outcome: Response | BaseException
        try:
            outcome = await _finish(await _begin(session, request), request, self._waits)
        except asyncio.CancelledError as error:
            outcome = self._cut_off(error)
        except (OSError, _client_error()) as error:
            outcome = translate(error, request)
        except (ValueError, RuntimeError) as error:
            outcome = _refused(error, session)
        if isinstance(outcome, Response):
            return outcome
        # Here and not above: chained to the library's error, it would bring along frames that hold the plain token.
        raise outcome

    def _cut_off(self, error: asyncio.CancelledError) -> BaseException:
        task = asyncio.current_task()
        if self._sessions.closed and (task is None or not task.cancelling()):
            return ClientClosed("the transport was closed while the request waited for a connection; nothing was sent")
        return asyncio.CancelledError(*error.args)

    async def aclose(self) -> None:
        """Close the session, if it is ours. Requests under way then end with an error."""
        if self._borrowed is None and not self._sessions.closed:
            self._waits.end()
        await self._sessions.aclose()

    def _make(self) -> "aiohttp.ClientSession":
        import aiohttp

        limits = self._timeouts
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, ssl=self._tls),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=limits.connect, sock_read=limits.read),
            cookie_jar=aiohttp.DummyCookieJar(),
            middlewares=(_once,),
            trust_env=self._trust_env,
            proxy=self._proxy,
            auto_decompress=True,
        )


async def _close(session: "aiohttp.ClientSession") -> None:
    await session.close()


def _data(body: Body | None) -> object:
    if body is None:
        return None
    if not isinstance(body.content, bytes):
        return pieces(body)
    # aiohttp writes bytes in one piece and warns about large ones.
    return io.BytesIO(body.content) if len(body.content) >= _LARGE else body.content


def _client_error() -> "type[aiohttp.ClientError]":
    import aiohttp

    return aiohttp.ClientError


def _refused(error: ValueError | RuntimeError, session: "aiohttp.ClientSession") -> Exception:
    if session.closed:
        return ClientClosed("the borrowed session has been closed by its owner; nothing was sent")
    return ValueError(f"aiohttp does not accept the request ({type(error).__name__}); nothing was sent")


async def _once(request: "aiohttp.ClientRequest", handler: "aiohttp.ClientHandlerType") -> "aiohttp.ClientResponse":
    """Keep aiohttp from sending an idempotent request again by itself: whether to is the retry policy's to say."""
    import aiohttp

    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError(type(error).__name__) from error


async def _begin(session: "aiohttp.ClientSession", request: Request) -> "aiohttp.ClientResponse":
    from yarl import URL

    return await session.request(
        request.method,
        URL(request.url, encoded=True),
        headers=plain_headers(request),
        data=_data(request.body),
        allow_redirects=False,
    )


async def _finish(answer: "aiohttp.ClientResponse", request: Request, waits: Waits) -> Response | BaseException:
    """Read the body. What goes wrong is returned: no traceback is to have this frame, whose `answer` shows the URL."""
    headers = Headers(answer.headers.items())
    if request.stream:
        return Response(answer.status, headers, stream=_Stream(answer, request, waits))
    try:
        # aiohttp itself lets those wait on whose session is closed.
        async with answer, waits.scope():
            return Response(answer.status, headers, await answer.read())
    except asyncio.CancelledError as error:
        return asyncio.CancelledError(*error.args)
    except (OSError, _client_error()) as error:
        return _cut_short(error, request, waits)


def _cut_short(error: BaseException, request: Request, waits: Waits) -> Exception:
    return closed_under_way(request, "body") if waits.over else translate(error, request, phase="body")


class _Stream:
    """A body that is still on the wire."""

    def __init__(self, answer: "aiohttp.ClientResponse", request: Request, waits: Waits) -> None:
        self._answer = answer
        self._request = request
        self._waits = waits

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while True:
                async with self._waits.scope():
                    chunk = await self._answer.content.readany()
                if not chunk:
                    break
                yield chunk
            self._answer.release()
            return
        except (OSError, RuntimeError, _client_error()) as error:  # RuntimeError: its session was closed
            failure = _cut_short(error, self._request, self._waits)
        finally:
            self._answer.close()
            chunk = b""  # a traceback with locals would show it
        raise failure

    async def aclose(self) -> None:
        self._answer.close()
