"""Servers on loopback, and an aiohttp transport that is closed at the end; the contract brings its own."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import web

from print_async.testing.simulator import Handler, Server
from print_async.transports.aiohttp import AiohttpTransport


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """Start servers that answer every request with one handler, and return the base URL."""
    async with AsyncExitStack() as stack:

        async def start(handler: Handler, ssl_context: ssl.SSLContext | None = None) -> str:
            app = web.Application()
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
def path(tmp_path: Path) -> Path:
    """Where a recording goes."""
    return tmp_path / "talk.jsonl"
