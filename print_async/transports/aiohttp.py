"""The default transport, on aiohttp. aiohttp itself is imported when the first request is sent, not before."""

import asyncio
import io
import logging
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from print_async.errors import ClientClosed
from print_async.secret import reveal
from print_async.transports._aiohttp_errors import translate
from print_async.wire import Body, Headers, Request, Response, Timeouts

if TYPE_CHECKING:
    import aiohttp

_LARGE = 2**20
_log = logging.getLogger("print_async.transport")


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
        if sum((ca_file is not None, ssl_context is not None, not verify)) > 1:
            raise ValueError("give one of ca_file, ssl_context and verify=False")
        if connections < 1:
            raise ValueError("a transport needs at least one connection")
        self._borrowed = session
        self._own: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: AsyncGenerator[None, None] | None = None
        self._tls = _tls(ca_file, ssl_context, verify)
        self._proxy = proxy
        self._trust_env = trust_env
        self._connections = connections
        self._timeouts = timeouts or Timeouts()
        self._closed = False

    async def send(self, request: Request) -> Response:
        """Send a request once; see `print_async.wire.Transport.send`."""
        session = self._borrowed or (self._own if self._loop is asyncio.get_running_loop() else None)
        if session is None or self._closed:
            session = await self._open()
        outcome: Response | BaseException
        try:
            outcome = await _finish(await _begin(session, request), request)
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
        if self._closed and (task is None or not task.cancelling()):
            return ClientClosed("the transport was closed while the request waited for a connection; nothing was sent")
        return asyncio.CancelledError(*error.args)

    async def aclose(self) -> None:
        """Close the session, if it is ours."""
        self._closed = True
        await self._drop()

    async def _open(self) -> "aiohttp.ClientSession":
        if self._closed:
            raise ClientClosed("the transport is closed; make a new one")
        # Connections of a loop that has ended are of no use to this one.
        await self._drop()
        if self._own is None:  # another task may have come first while the old one was closing
            self._own, self._loop = self._make(), asyncio.get_running_loop()
            # A loop that ends closes its asynchronous generators, and this one the connections with it.
            self._end = _closed_at_the_end(self._own)
            await anext(self._end)
        return self._own

    async def _drop(self) -> None:
        end, self._end, self._own, self._loop = self._end, None, None, None
        if end is not None:
            await end.aclose()

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


async def _closed_at_the_end(session: "aiohttp.ClientSession") -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        await session.close()


def _tls(ca_file: str | Path | None, context: ssl.SSLContext | None, verify: bool) -> ssl.SSLContext | bool:
    if not verify:
        _log.warning(
            "verify=False: server certificates are NOT checked. Anyone on the way can read and change everything, the "
            "credential included. Use ca_file= outside of tests"
        )
        return False
    if ca_file is not None:
        context = ssl.create_default_context()
        try:
            context.load_verify_locations(cafile=str(ca_file))
        except ssl.SSLError as error:
            raise ValueError(f"{ca_file} is no PEM file of a certificate authority ({error.reason})") from None
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(ca_file)) from None  # which Python leaves out here
    return True if context is None else context


def _plain_headers(request: Request) -> dict[str, str]:
    headers = {name: reveal(value) for name, value in request.headers.items()}
    body = request.body
    if body is None:
        return headers
    given = {name.lower() for name in headers}
    if body.content_type is not None and "content-type" not in given:
        headers["Content-Type"] = body.content_type
    if body.length is not None and not isinstance(body.content, bytes) and "content-length" not in given:
        headers["Content-Length"] = str(body.length)
    return headers


def _data(body: Body | None) -> object:
    if body is None:
        return None
    if not isinstance(body.content, bytes):
        return body.content()
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
        headers=_plain_headers(request),
        data=_data(request.body),
        allow_redirects=False,
    )


async def _finish(answer: "aiohttp.ClientResponse", request: Request) -> Response | BaseException:
    """Read the body. What goes wrong is returned: no traceback is to have this frame, whose `answer` shows the URL."""
    headers = Headers(answer.headers.items())
    if request.stream:
        return Response(answer.status, headers, stream=_Stream(answer, request))
    try:
        async with answer:
            return Response(answer.status, headers, await answer.read())
    except asyncio.CancelledError as error:
        return asyncio.CancelledError(*error.args)
    except (OSError, _client_error()) as error:
        return translate(error, request, phase="body")


class _Stream:
    """A body that is still on the wire."""

    def __init__(self, answer: "aiohttp.ClientResponse", request: Request) -> None:
        self._answer = answer
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._answer.content.iter_any():
                yield chunk
            self._answer.release()
            return
        except (OSError, _client_error()) as error:
            failure = translate(error, self._request, phase="body")
        finally:
            self._answer.close()
            chunk = b""  # a traceback with locals would show it
        raise failure

    async def aclose(self) -> None:
        self._answer.close()
