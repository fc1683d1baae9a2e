"""Servers on loopback, and a transport that is closed at the end."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import attrs
import pytest
import trustme
from aiohttp import web

from print_async.testing.simulator import Handler, Server
from print_async.transports.aiohttp import AiohttpTransport

Script = Callable[["Peer"], Awaitable[None]]


@attrs.define
class Peer:
    """The server's end of one connection, byte by byte."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def head(self) -> bytes:
        """Read a request up to its body."""
        return await self.reader.readuntil(b"\r\n\r\n")

    async def say(self, data: bytes) -> None:
        """Write and flush."""
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Send RST: no byte more, either way."""
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()


@pytest.fixture
async def raw() -> AsyncIterator[Callable[[Script], Awaitable[str]]]:
    """Start servers that follow a script on each connection, and then close it."""
    async with AsyncExitStack() as stack:

        async def start(script: Script) -> str:
            tasks: set[asyncio.Task[None]] = set()

            async def follow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                task = asyncio.current_task()
                assert task is not None
                tasks.add(task)
                with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                    await script(Peer(reader, writer))
                writer.close()

            async def stop() -> None:
                server.close()
                for task in tasks:
                    task.cancel()

            server = await asyncio.start_server(follow, "127.0.0.1", 0)
            stack.push_async_callback(stop)
            port = server.sockets[0].getsockname()[1]
            return f"http://127.0.0.1:{port}"

        yield start


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """Start servers that answer every request with one handler, and return the base URL."""
    async with AsyncExitStack() as stack:

        async def start(handler: Handler, ssl_context: ssl.SSLContext | None = None) -> str:
            app = web.Application(client_max_size=2**24)
            app.router.add_route("*", "/{path:.*}", handler)
            return (await stack.enter_async_context(Server(app, ssl_context=ssl_context))).url

        yield start


@pytest.fixture
async def make() -> AsyncIterator[Callable[..., AiohttpTransport]]:
    """Make transports that are closed at the end."""
    async with AsyncExitStack() as stack:

        def build(*args: object, **options: object) -> AiohttpTransport:
            transport = AiohttpTransport(*args, **options)
            stack.push_async_callback(transport.aclose)
            return transport

        yield build


@pytest.fixture
def transport(make: Callable[..., AiohttpTransport]) -> AiohttpTransport:
    """Make the default transport."""
    return make()


@pytest.fixture
def acquired() -> Callable[[AiohttpTransport], int]:
    """Count the connections that a transport has not given back."""

    def count(transport: AiohttpTransport) -> int:
        assert transport._own is not None
        return len(transport._own.connector._acquired)

    return count


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Make a private certificate authority."""
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write the authority's certificate into a PEM file."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture(scope="session")
def certified(authority: trustme.CA) -> Callable[[str], ssl.SSLContext]:
    """Make a server's TLS context with a certificate for a name."""

    def context(name: str) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(made)
        return made

    return context
