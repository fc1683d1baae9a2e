"""The aiohttp session of a transport. Imports aiohttp, so import it late."""

import ssl
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from print_async.transports._aiohttp_exchange import Exchange, under_way
from print_async.transports._aiohttp_silence import Silence
from print_async.transports._common import pieces, plain_headers
from print_async.wire import Body, Request, Timeouts

if TYPE_CHECKING:
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace


class Pool:
    """A session for one loop, of a transport's own or borrowed, and what is read from it."""

    def __init__(self, session: aiohttp.ClientSession, *, own: Timeouts | None) -> None:
        self.session = session
        self.own: bool = own is not None
        self.over: bool = False
        """Whether the transport was closed, so that what is under way ends."""
        self._reading: set[aiohttp.ClientResponse] = set()
        self._silence = Silence(None if own is None else own.read)
        self._watched = self._timed = session.timeout
        if own is not None:
            self._watched = aiohttp.ClientTimeout(total=None, sock_connect=own.connect)

    def ask(self, request: Request, exchange: Exchange) -> Awaitable[aiohttp.ClientResponse]:
        """Send a request, and wait for the head of its answer."""
        watched = not exchange.uploads and not request.stream
        if watched:
            self._silence.begin(exchange)
        under_way.set(exchange)
        return self.session.request(
            request.method,
            URL(request.url, encoded=True),
            headers=plain_headers(request),
            data=_data(request.body, exchange),
            allow_redirects=False,
            timeout=self._watched if watched else self._timed,
        )

    def done(self, exchange: Exchange) -> None:
        """An exchange is over, or its answer left on the wire."""
        exchange.connection = None
        self._silence.end(exchange)

    async def read(self, answer: aiohttp.ClientResponse) -> bytes:
        """Read an answer to its end, and give its connection back."""
        async with answer:
            return await self._until_closed(answer, answer.read())

    async def read_some(self, answer: aiohttp.ClientResponse) -> bytes:
        """Read what has come of an answer; nothing at its end."""
        return await self._until_closed(answer, answer.content.readany())

    async def _until_closed(self, answer: aiohttp.ClientResponse, reading: Awaitable[bytes]) -> bytes:
        if self.over:
            answer.close()
        self._reading.add(answer)
        try:
            return await reading
        finally:
            self._reading.discard(answer)

    async def close(self) -> None:
        """Close a session of our own."""
        if not self.own:
            return
        self.over = True
        for answer in tuple(self._reading):  # aiohttp itself lets those wait on
            answer.close()
        await self.session.close()


def open_pool(
    *, connections: int, tls: ssl.SSLContext | bool, timeouts: Timeouts, trust_env: bool, proxy: str | None
) -> Pool:
    """Open a session, without cookies, that sends nothing twice."""
    session = aiohttp.ClientSession(
        connector=_Connector(limit=connections, ssl=tls),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=timeouts.connect, sock_read=timeouts.read),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=trust_env,
        proxy=proxy,
        auto_decompress=True,
    )
    # Else aiohttp sends an idempotent request again by itself. The connector would not let it, but the first error,
    # which tells more, would be lost; a middleware, the public way, would cost every request two coroutines.
    session._retry_connection = False  # noqa: SLF001
    return Pool(session, own=timeouts)


def _data(body: Body | None, exchange: Exchange) -> object:
    if body is None:
        return None
    return _upload(body, exchange) if exchange.uploads else body.content


async def _upload(body: Body, exchange: Exchange) -> AsyncGenerator[bytes, None]:
    async with aclosing(pieces(body)) as parts:
        async for piece in parts:
            yield piece
    exchange.uploaded()


_SHORT_READ, _LONG_READ = 2**16, 2**18


class _Connector(aiohttp.TCPConnector):
    """aiohttp's pool, for requests that are sent once, and which it tells how far they are."""

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: "list[Trace]",
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - as aiohttp has it
    ) -> "Connection":
        exchange = under_way.get()
        if exchange.phase != "connect":
            raise aiohttp.ClientConnectionError("aiohttp would send it again, which is the retry policy's to say")
        connection = await super().connect(req, traces, timeout)
        exchange.connected(connection)
        _read_by(_LONG_READ if exchange.streams else _SHORT_READ, connection)
        return connection

    async def _create_connection(
        self,
        req: aiohttp.ClientRequest,
        traces: "list[Trace]",
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - as aiohttp has it
    ) -> "ResponseHandler":
        protocol = await super()._create_connection(req, traces, timeout)
        under_way.get().fresh = True
        return protocol


def _read_by(size: int, connection: "Connection") -> None:
    # asyncio asks for 256 KiB at each read, which the allocator takes from the system and gives back every time: that
    # is a quarter of what a small answer costs. Over TLS, and on other loops, transports have no such attribute.
    transport = None if connection.protocol is None else connection.protocol.transport
    if getattr(transport, "max_size", size) != size:
        transport.max_size = size  # type: ignore[union-attr]  # it has: see above
