"""A transport on pyreqwest, which is Rust's reqwest. Needs the extra `pyreqwest`, imported at the first request."""

import asyncio
import re
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from print_async import phases
from print_async.errors import ConnectionLost, TransportError, TransportTimeout
from print_async.origin import presentable
from print_async.transports._common import (
    KEEP_ALIVE,
    BodyFailed,
    PerLoop,
    Wait,
    Waits,
    check_options,
    closed_under_way,
    in_pieces,
    pieces,
    require,
    trusted,
)
from print_async.transports._pyreqwest_errors import translate
from print_async.transports._pyreqwest_request import pairs, rendered, wrong
from print_async.wire import Headers, Request, Response, Timeouts

if TYPE_CHECKING:
    from pyreqwest.client import Client, ClientBuilder
    from pyreqwest.request import StreamRequest
    from pyreqwest.response import Response as Answer

_CERTIFICATES = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


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
    pool: _Pool
    waits: Waits
    limit: float | None
    uploads: bool
    """Whether the body goes out in pieces."""
    phase: str = "connect"
    body_failed: str | None = None
    entered: "StreamRequest | None" = None
    placed: bool = False

    async def begin(self, wait: Wait) -> "Answer":
        """Wait for a connection to be free, send it, and wait for the head of the answer."""
        await self.pool.places.acquire()
        self.placed = True
        if self.uploads:
            answer = await self._upload()
        else:
            sent = rendered(self.pool.client, self.request, None)
            # From here on it cannot be told whether anything has left.
            self.phase = "headers"
            phases.enter("exchange")
            answer = await sent.__aenter__()
            self.entered = sent
        wait.check()
        self.phase = "body"
        phases.enter("body")
        return answer

    async def _upload(self) -> "Answer":
        async with asyncio.timeout(self.limit) as scope:
            sent = rendered(self.pool.uploads, self.request, self._pieces(scope))
            self.phase = "send"
            phases.enter("exchange")
            answer = await sent.__aenter__()
            self.entered = sent
            return answer

    async def _pieces(self, scope: asyncio.Timeout) -> AsyncGenerator[bytes, None]:
        """Yield the body; each piece that goes out starts the silence anew."""
        body = self.request.body
        assert body is not None  # noqa: S101 - `uploads` says so; this tells the type checker
        phases.enter("send")  # it is asked for when there is a connection
        sent = 0
        try:
            async with aclosing(pieces(body)) as parts:
                # A body of known length is not asked for more when that is reached, but its stream wants to end.
                async for piece in parts if body.length is None else _one_ahead(parts):
                    self._listen(scope)
                    sent += len(piece)
                    if sent == body.length:
                        self._uploaded()
                    yield piece
        except BodyFailed as error:
            self.body_failed = str(error)
            raise
        self._listen(scope)
        self._uploaded()

    def _uploaded(self) -> None:
        if self.phase == "send":
            self.phase = "headers"
            phases.enter("headers")

    def _listen(self, scope: asyncio.Timeout) -> None:
        """From now on the server may be silent for as long as the limit says; some answer before they have it all."""
        if self.phase != "body" and self.limit is not None and not scope.expired():
            scope.reschedule(asyncio.get_running_loop().time() + self.limit)

    async def read(self, answer: "Answer", wait: Wait) -> bytes:
        """Read an answer to its end."""
        if self.uploads:
            body = b"".join([chunk async for chunk in self.chunks(answer)])
        else:
            whole = await answer.bytes()
            wait.check()
            body = whole.to_bytes()
        self.entered = None  # nothing is left on the wire
        return body

    async def chunks(self, answer: "Answer") -> AsyncGenerator[bytes, None]:
        """Yield an answer as it comes."""
        reader = answer.body_reader
        while True:
            with self.waits.one() as wait:
                async with asyncio.timeout(self.limit if self.uploads else None):
                    chunk = await reader.read_chunk()
                    wait.check()
            if chunk is None:
                return
            yield chunk.to_bytes()

    def failure(self, error: BaseException, wait: Wait) -> BaseException:
        """Return what to raise instead of what the library raised."""
        if isinstance(error, asyncio.CancelledError) or wait.cancelled:
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
        entered, self.entered = self.entered, None
        try:
            if entered is not None:
                await entered.__aexit__(None, None, None)
        finally:
            if self.placed:
                self.placed = False
                self.pool.places.release()


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
        self.connections: int = connections
        self._timeouts = timeouts or Timeouts()
        self._pools = PerLoop(self._make, _Pool.close)
        self._waits = Waits()

    async def send(self, request: Request) -> Response:
        """Send a request once; see `print_async.wire.Transport.send`.

        Raises:
            ValueError: pyreqwest would send another URL than this one: it resolves dot segments, also where they are
                percent-encoded, and quotes some characters. Nothing was sent.
        """
        pool = self._pools.ready or await self._pools.open()
        refusal = wrong(request)
        if refusal is not None:
            raise refusal
        phases.enter("connect")
        exchange = _Exchange(request, pool, self._waits, self._timeouts.read, in_pieces(request.body))
        wait, streaming = self._waits.one(), False
        failure: BaseException
        try:
            with wait:
                answer = await exchange.begin(wait)
                headers = Headers(pairs(answer.headers))
                streaming = request.stream
                if streaming:
                    return Response(answer.status, headers, stream=_Stream(answer, exchange))
                return Response(answer.status, headers, await exchange.read(answer, wait))
        except _failures() as error:
            failure = exchange.failure(error, wait)
        finally:
            if not streaming:
                await exchange.leave()
        # Here and not above: chained to the library's error, it would bring along frames that hold the plain token.
        raise failure

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
        return _Pool(limited.build(), self._builder().build(), asyncio.Semaphore(self.connections))

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


async def _one_ahead(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield each piece when the one after it, or the end, is known."""
    last: bytes | None = None
    async for piece in parts:
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last


class _Stream:
    """A body that is still on the wire."""

    def __init__(self, answer: "Answer", exchange: _Exchange) -> None:
        self._answer = answer
        self._exchange = exchange

    async def __aiter__(self) -> AsyncIterator[bytes]:
        failure: BaseException
        chunk = b""
        wait = self._exchange.waits.one()
        try:
            async with aclosing(self._exchange.chunks(self._answer)) as chunks:
                async for chunk in chunks:
                    yield chunk
            return
        except _failures() as error:
            failure = self._exchange.failure(error, wait)
        finally:
            await self._exchange.leave()
            chunk = b""  # a traceback with locals would show it
        raise failure

    async def aclose(self) -> None:
        await self._exchange.leave()
