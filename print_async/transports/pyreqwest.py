"""A transport on pyreqwest, which is Rust's reqwest. Needs the extra `pyreqwest`, imported at the first request."""

import asyncio
import re
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import attrs

from print_async.errors import ConnectFailed, ConnectionLost, TransportError, TransportTimeout
from print_async.origin import Origin, presentable
from print_async.transports._common import (
    KEEP_ALIVE,
    PIECE,
    BodyFailed,
    PerLoop,
    Waits,
    check_options,
    closed_under_way,
    pieces,
    plain_headers,
    require,
    target_of,
    trusted,
)
from print_async.transports._pyreqwest_errors import translate
from print_async.wire import Headers, Request, Response, Timeouts

if TYPE_CHECKING:
    from pyreqwest.client import Client, ClientBuilder
    from pyreqwest.http import HeaderMap
    from pyreqwest.request import StreamRequest
    from pyreqwest.response import Response as Answer

T = TypeVar("T")

_CERTIFICATES = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_WITH_LENGTH = {"POST", "PUT", "PATCH"}


@attrs.define(eq=False)
class _Pool:
    """What belongs to one loop. Bodies that take long to send have a client of their own: see `_make`."""

    client: "Client"
    uploads: "Client"
    places: asyncio.Semaphore

    async def close(self) -> None:
        """Close both."""
        await self.client.close()
        await self.uploads.close()


@attrs.define(eq=False)
class _Exchange:
    """One request under way, how far it is, and its place among the connections."""

    request: Request
    waits: Waits
    limit: float | None
    places: asyncio.Semaphore
    phase: str = "connect"
    body_failed: str | None = None
    rendered: "StreamRequest | None" = None
    entered: bool = False
    placed: bool = False

    @property
    def uploads(self) -> bool:
        """Whether the body goes out in pieces."""
        body = self.request.body
        return body is not None and not (isinstance(body.content, bytes) and len(body.content) <= PIECE)

    async def take_place(self) -> None:
        """Wait for a connection to be free."""
        async with self.waits.scope():
            await self.places.acquire()
        self.placed = True

    async def upload(self, scope: asyncio.Timeout) -> AsyncGenerator[bytes, None]:
        """Yield the body; each piece that goes out starts the silence anew."""
        assert self.request.body is not None  # noqa: S101 - `uploads` says so; this tells the type checker
        try:
            async with aclosing(pieces(self.request.body)) as parts:
                # A body of known length is not asked for more when that is reached, but its stream wants to end.
                async for piece in parts if self.request.body.length is None else _one_ahead(parts):
                    self.listen(scope)
                    yield piece
        except BodyFailed as error:
            self.body_failed = str(error)
            raise
        self.phase = "headers"
        self.listen(scope)

    async def enter(self, rendered: "StreamRequest") -> "Answer":
        """Send it, and wait for the head of the answer."""
        answer = await rendered.__aenter__()
        self.entered = True
        return answer

    def listen(self, scope: asyncio.Timeout) -> None:
        """From now on the server may be silent for as long as the limit says."""
        if self.limit is not None and not scope.expired() and not self.waits.over:
            scope.reschedule(asyncio.get_running_loop().time() + self.limit)

    def failure(self, error: BaseException) -> BaseException:
        """Return what to raise instead of what the library raised."""
        if isinstance(error, asyncio.CancelledError):
            return asyncio.CancelledError(*error.args)
        if self.waits.over:
            return closed_under_way(self.request, self.phase)
        if self.body_failed is not None:
            said = f"the body to send could not be read ({self.body_failed}); the server has the part before"
            return self._lost(ConnectionLost, said)
        if isinstance(error, TimeoutError) and not hasattr(error, "details"):
            return self._lost(TransportTimeout, "the server fell silent; it may have acted on the request")
        if isinstance(error, ValueError) and self.phase == "connect":
            return ValueError(f"pyreqwest does not accept the request ({type(error).__name__}); nothing was sent")
        return translate(error, self.request, self.phase)

    def _lost(self, kind: type[TransportError], said: str) -> TransportError:
        where = presentable(self.request.url)
        return kind(f"{self.request.method} {where}: {said}", method=self.request.method, url=where, phase=self.phase)

    async def leave(self) -> None:
        """Give the connection back, and the place; safe to repeat."""
        rendered, self.rendered = self.rendered, None
        try:
            if rendered is not None and self.entered:
                await rendered.__aexit__(None, None, None)
        finally:
            if self.placed:
                self.placed = False
                self.places.release()


class PyreqwestTransport:
    """Sends requests through pyreqwest, whose network runs on a thread of its own; do not fork after the first request.

    A request that is cancelled while its answer is awaited goes on in the background, until the server answers or
    `timeouts.read` is over: pyreqwest does not take it back. The names of the answer's headers are in lower case, and
    values that are not ASCII are left out.

    Args:
        ca_file: PEM file of the certificate authority that signed the server's certificate, such as MyQ's own
            (`myq-ca.cer`). It is trusted besides the system's.
        ssl_context: Not possible with this library, which has a TLS of its own (rustls): a `ValueError`.
        verify: False accepts *any* certificate: whoever sits between you and the server gets the credential. For a test
            set-up only; it is logged as a warning.
        proxy: URL of an HTTP proxy.
        trust_env: Honour HTTP_PROXY and its kin. Unlike aiohttp, pyreqwest does not read .netrc.
        connections: The most requests at a time; further ones wait.
        timeouts: Limits for the phases of each exchange. `read` starts with the request, so that it covers the
            connection as well, and anew with each piece of a long body that goes out.

    Raises:
        ImportError: pyreqwest is not installed.
        ValueError: Arguments that exclude each other, `ssl_context`, or a `ca_file` that is no PEM file.
        OSError: `ca_file` cannot be read.
    """

    def __init__(
        self,
        *,
        ca_file: str | Path | None = None,
        ssl_context: ssl.SSLContext | None = None,
        verify: bool = True,
        proxy: str | None = None,
        trust_env: bool = False,
        connections: int = 100,
        timeouts: Timeouts | None = None,
    ) -> None:
        check_options(ca_file, ssl_context, verify, connections, proxy)
        if ssl_context is not None:
            raise ValueError(
                "PyreqwestTransport cannot use an ssl_context, as its TLS is rustls: give ca_file, or use another one"
            )
        require("pyreqwest", "PyreqwestTransport", extra="pyreqwest")
        trusted(ca_file, None, verify)
        self._authorities = [] if ca_file is None else _CERTIFICATES.findall(Path(ca_file).read_bytes())
        self._verify = verify
        self._proxy = proxy
        self._trust_env = trust_env
        self._connections = connections
        self._timeouts = timeouts or Timeouts()
        self._pools = PerLoop(self._make, _Pool.close)
        self._waits = Waits()

    async def send(self, request: Request) -> Response:
        """Send a request once; see `print_async.wire.Transport.send`.

        Raises:
            ValueError: pyreqwest would send another URL than this one: it resolves dot segments, also where they are
                percent-encoded, and quotes some characters. Nothing was sent.
        """
        pool = await self._pools.open()
        exchange = _Exchange(request, self._waits, self._timeouts.read, pool.places)
        outcome: Response | BaseException
        try:
            outcome = await _respond(pool, exchange)
        except _failures() as error:
            outcome = exchange.failure(error)
        if isinstance(outcome, Response):
            return outcome
        # Here and not above: chained to the library's error, it would bring along frames that hold the plain token.
        raise outcome

    async def aclose(self) -> None:
        """Close the connections. Requests under way end with an error that says whether they were sent."""
        if not self._pools.closed:
            self._waits.end()
        await self._pools.aclose()

    def _make(self) -> _Pool:
        # reqwest's limit for reading runs while a body is sent (github.com/seanmonstar/reqwest/issues/2784), so for
        # long ones we watch ourselves. For the others its own is better: it ends the request, and not just our wait.
        limited = self._builder()
        if self._timeouts.read is not None:
            limited = limited.read_timeout(timedelta(seconds=self._timeouts.read))
        return _Pool(limited.build(), self._builder().build(), asyncio.Semaphore(self._connections))

    def _builder(self) -> "ClientBuilder":
        from pyreqwest.client import ClientBuilder
        from pyreqwest.proxy import ProxyBuilder

        builder = ClientBuilder().follow_redirects(enable=False).referer(enable=False)
        builder = builder.brotli(enable=False).zstd(enable=False)  # aiohttp offers neither
        builder = builder.danger_accept_invalid_certs(not self._verify)
        builder = builder.pool_idle_timeout(timedelta(seconds=KEEP_ALIVE))
        for authority in self._authorities:
            builder = builder.add_root_certificate_pem(authority)
        if self._timeouts.connect is not None:
            builder = builder.connect_timeout(timedelta(seconds=self._timeouts.connect))
        if not self._trust_env:
            builder = builder.no_proxy()
        return builder if self._proxy is None else builder.proxy(ProxyBuilder.all(self._proxy))


def _failures() -> tuple[type[BaseException], ...]:
    from pyreqwest.exceptions import PyreqwestError

    return (asyncio.CancelledError, PyreqwestError, OSError, ValueError, BodyFailed)


async def _cancellable(work: Awaitable[T]) -> T:
    """Wait for pyreqwest, which may hand out a result or an error though the wait was cancelled meanwhile."""
    task = asyncio.current_task()
    before = 0 if task is None else task.cancelling()
    try:
        return await work
    finally:
        if task is not None and task.cancelling() > before:
            raise asyncio.CancelledError


async def _one_ahead(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield each piece when the one after it, or the end, is known."""
    last: bytes | None = None
    async for piece in parts:
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last


async def _respond(pool: _Pool, exchange: _Exchange) -> Response | BaseException:
    """Send, and read the body. What is wrong with the request itself is returned."""
    wrong = _wrong(exchange.request)
    if wrong is not None:
        return wrong
    streaming = False
    try:
        await exchange.take_place()
        answer = await _begin(pool, exchange)
        exchange.phase = "body"
        headers = Headers(_pairs(answer.headers))
        streaming = exchange.request.stream
        if streaming:
            return Response(answer.status, headers, stream=_Stream(answer, exchange))
        chunks = [chunk async for chunk in _chunks(answer, exchange)]
        return Response(answer.status, headers, b"".join(chunks))
    finally:
        if not streaming:
            await exchange.leave()


async def _begin(pool: _Pool, exchange: _Exchange) -> "Answer":
    async with exchange.waits.scope() as scope:
        exchange.rendered = _rendered(pool, exchange, scope)
        if exchange.uploads:
            exchange.listen(scope)
        # From here on it cannot be told whether anything has left.
        exchange.phase = "send" if exchange.uploads else "headers"
        return await _cancellable(exchange.enter(exchange.rendered))


def _rendered(pool: _Pool, exchange: _Exchange, scope: asyncio.Timeout) -> "StreamRequest":
    request = exchange.request
    headers = plain_headers(request)
    given = {name.lower() for name in headers}
    body, length = request.body, None
    builder = (pool.uploads if exchange.uploads else pool.client).request(request.method, request.url)
    if body is None:
        length = 0 if request.method in _WITH_LENGTH else None
    elif isinstance(body.content, bytes):
        length = len(body.content)
    if length is not None and "content-length" not in given:
        headers["Content-Length"] = str(length)
    builder = builder.headers(list(headers.items()))
    if exchange.uploads:
        builder = builder.body_stream(exchange.upload(scope))
    elif body is not None and isinstance(body.content, bytes):
        builder = builder.body_bytes(body.content)
    # Nothing is read ahead: the head of the answer is there as soon as it came.
    return builder.streamed_read_buffer_limit(0).build_streamed()


def _wrong(request: Request) -> Exception | None:
    from pyreqwest.http import Url

    where = presentable(request.url)
    try:
        Origin.of(request.url)
        url = Url(request.url)
    except ValueError:
        said = f"{request.method} {where}: not a URL that can be requested; nothing was sent"
        return ConnectFailed(said, method=request.method, url=where)
    target = url.path if url.query_string is None else f"{url.path}?{url.query_string}"
    if target != target_of(request.url):
        return ValueError(
            f"{request.method} {where}: pyreqwest would send another URL than this, as it resolves dot segments and "
            "quotes some characters; nothing was sent. Use another transport"
        )
    return None


def _pairs(headers: "HeaderMap") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name in dict.fromkeys(headers):
        try:
            pairs += [(name, value) for value in headers.getall(name)]
        except ValueError:  # pyreqwest gives out no value that is not ASCII
            continue
    return pairs


async def _chunks(answer: "Answer", exchange: _Exchange) -> AsyncGenerator[bytes, None]:
    reader = answer.body_reader
    while True:
        async with exchange.waits.scope(exchange.limit if exchange.uploads else None):
            chunk = await _cancellable(reader.read_chunk())
        if chunk is None:
            return
        yield chunk.to_bytes()


class _Stream:
    """A body that is still on the wire."""

    def __init__(self, answer: "Answer", exchange: _Exchange) -> None:
        self._answer = answer
        self._exchange = exchange

    async def __aiter__(self) -> AsyncIterator[bytes]:
        failure: BaseException
        chunk = b""
        try:
            async with aclosing(_chunks(self._answer, self._exchange)) as chunks:
                async for chunk in chunks:
                    yield chunk
            return
        except _failures() as error:
            failure = self._exchange.failure(error)
        finally:
            await self._exchange.leave()
            chunk = b""  # a traceback with locals would show it
        raise failure

    async def aclose(self) -> None:
        await self._exchange.leave()
