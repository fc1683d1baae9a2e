"""Servers on real sockets for the contract of transports, and what every part of it uses."""

# ruff: noqa: S101 - these are tests

import asyncio
import contextlib
import socket
import ssl
import struct
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import attrs
import pytest

from print_async.testing.listening import stop_listening
from print_async.wire import Headers, Response, Transport

if TYPE_CHECKING:
    import trustme

PATIENCE = 30.0
"""Seconds after which a transport that hangs has failed."""
SIGNED = "/x?sig=planted-signature"
"""A target whose query nothing may show."""

Script = Callable[["Peer"], Awaitable[None]]
Serve = Callable[..., Awaitable[str]]
Make = Callable[..., Transport]


@attrs.frozen
class Seen:
    """A request as it arrived."""

    method: str
    target: str
    headers: Headers
    body: bytes


def said(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """Spell an answer; the names of headers with `_` for `-`."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


@attrs.define(eq=False)
class Peer:
    """The server's end of one connection, byte by byte."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def head(self) -> bytes:
        """Read a request up to its body."""
        return await self.reader.readuntil(b"\r\n\r\n")

    async def request(self) -> Seen:
        """Read a whole request."""
        line, *fields = (await self.head()).decode().split("\r\n")[:-2]
        method, target, _ = line.split(" ")
        headers = Headers([(name, value.strip()) for name, _, value in (field.partition(":") for field in fields)])
        chunked = headers.get("Transfer-Encoding") == "chunked"
        body = await (self._chunks() if chunked else self.reader.readexactly(int(headers.get("Content-Length") or 0)))
        return Seen(method, target, headers, body)

    async def _chunks(self) -> bytes:
        body = bytearray()
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            body += (await self.reader.readexactly(size + 2))[:-2]
        await self.reader.readexactly(2)
        return bytes(body)

    async def say(self, data: bytes) -> None:
        """Write and flush."""
        self.writer.write(data)
        await self.writer.drain()

    async def gone(self) -> None:
        """Wait until the client has closed the connection."""
        with contextlib.suppress(OSError):
            while await self.reader.read(2**16):
                pass

    def reset(self) -> None:
        """Send RST: no byte more, either way."""
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()


def answering(answer: Callable[[Seen], bytes]) -> Script:
    """Answer every request on every connection."""

    async def script(peer: Peer) -> None:
        while True:
            await peer.say(answer(await peer.request()))

    return script


@contextlib.asynccontextmanager
async def serving(script: Script, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Run a server that follows a script on each connection and then closes it; give its base URL."""
    tasks: set[asyncio.Task[None]] = set()
    writers: list[asyncio.StreamWriter] = []
    over = False

    async def follow(peer: Peer) -> None:
        with contextlib.suppress(OSError, EOFError):
            await script(peer)
        peer.writer.close()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if over:  # it was in its handshake when the server was closed
            writer.transport.abort()
            return
        writers.append(writer)
        task = asyncio.create_task(follow(Peer(reader, writer)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context, limit=2**20)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}" if context is None else f"https://localhost:{port}"
    finally:
        await stop_listening(server)
        over = True
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()
        await _all_gone(server)


async def _all_gone(server: asyncio.Server) -> None:
    """Wait until every connection is closed, those in their handshake included; else they outlive the loop."""
    await server.wait_closed()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            # Before Python 3.12, `wait_closed` does not wait for them.
            while getattr(server, "_active_count", 0):  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.001)


def shown(error: BaseException) -> str:
    """Return what a traceback with locals shows of an error, and of those that led to it."""
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


async def whole(answer: Response) -> bytes:
    """Read a stream to its end."""
    assert answer.stream is not None
    return b"".join([chunk async for chunk in answer.stream])


@attrs.frozen
class Certificates:
    """A private certificate authority, and servers' contexts with its certificates."""

    authority: "trustme.CA"
    ca_file: str
    """PEM file of the authority."""

    def context(self, name: str = "localhost", *, expired: bool = False) -> ssl.SSLContext:
        """Make a server's context with a certificate for a name."""
        import datetime

        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
        self.authority.issue_cert(name, not_after=past if expired else None).configure_cert(made)
        return made


class Rooms:
    """What every part of the contract stands on."""

    pytestmark: ClassVar[list[pytest.MarkDecorator]] = [pytest.mark.asyncio]

    cannot: ClassVar[frozenset[str]] = frozenset()
    """What the library beneath cannot do, of the names in `print_async.testing.transports`; tested to be so."""

    @pytest.fixture
    def make_transport(self) -> Make:
        """Return a function that makes a transport, of the options `ca_file` and so on. Override this."""
        raise NotImplementedError("override the fixture make_transport: it returns a function that makes a transport")

    @pytest.fixture
    async def make(self, make_transport: Make) -> AsyncIterator[Make]:
        """Make transports that are closed at the end."""
        async with AsyncExitStack() as stack:

            def build(**options: object) -> Transport:
                transport = make_transport(**options)
                stack.push_async_callback(transport.aclose)
                return transport

            yield build

    @pytest.fixture
    def transport(self, make: Make) -> Transport:
        """Make a transport without options."""
        return make()

    @pytest.fixture
    async def serve(self) -> AsyncIterator[Serve]:
        """Start servers that follow a script, and return the base URL."""
        async with AsyncExitStack() as stack:

            async def start(script: Script, context: ssl.SSLContext | None = None) -> str:
                return await stack.enter_async_context(serving(script, context))

            yield start

    @pytest.fixture
    def certificates(self, tmp_path: Path) -> Certificates:
        """Make a private certificate authority."""
        import trustme

        authority = trustme.CA()
        path = tmp_path / "contract-ca.pem"
        authority.cert_pem.write_to_path(str(path))
        return Certificates(authority, str(path))

    @pytest.fixture
    def nobody(self) -> Iterator[str]:
        """Give the base URL of a port on which nobody listens."""
        with ExitStack() as stack:
            free = stack.enter_context(socket.socket())
            free.bind(("127.0.0.1", 0))
            yield f"http://127.0.0.1:{free.getsockname()[1]}"
