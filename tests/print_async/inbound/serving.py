"""An API on a real socket, mounted as a user would mount it: in aiohttp.web, and in FastAPI under uvicorn."""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import attrs
import pytest
import uvicorn
from aiohttp import web
from fastapi import FastAPI

from print_async.inbound import Api, BasicCredentials, aiohttp_app, asgi_app
from print_async.testing.simulator import Server

USER, PASSWORD = "myq", "s3cret-pässword"
CREDENTIALS = BasicCredentials(USER, PASSWORD)
AUTHORIZATION = "Authorization: Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
KINDS = ("aiohttp", "fastapi")


@attrs.frozen
class Answer:
    """What came back on a raw socket."""

    status: int
    headers: dict[str, str]
    body: bytes


@attrs.frozen
class Served:
    """A server that is up."""

    port: int
    mount: str

    @property
    def url(self) -> str:
        """Where the API is mounted."""
        return f"http://127.0.0.1:{self.port}{self.mount}"

    def connect(self) -> socket.socket:
        """Open a connection that blocks for at most 20 seconds."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def head(self, method: str, path: str, *headers: str, authorization: str = AUTHORIZATION) -> bytes:
        """Return the head of a request; the path is below the mount, and goes out byte for byte."""
        lines = (f"{method} {self.mount}{path} HTTP/1.1", "Host: localhost", authorization, *headers)
        return "".join(f"{line}\r\n" for line in lines if line).encode("latin-1") + b"\r\n"

    def exchange(self, request: bytes) -> Answer:
        """Send bytes on a connection of their own and return the answer."""
        with self.connect() as connection:
            connection.sendall(request)
            return receive(connection)


def receive(connection: socket.socket) -> Answer:
    """Read one answer; `ConnectionError` where it is missing or cut short."""
    with connection.makefile("rb") as lines:
        status = lines.readline()
        if not status:
            raise ConnectionError("no answer")
        headers = {}
        while (line := lines.readline().strip()) != b"":
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = lines.read(int(headers.get("content-length", 0)))
    if len(body) < int(headers.get("content-length", 0)):
        raise ConnectionError("cut short")
    return Answer(int(status.split()[1]), headers, body)


def serve(kind: str, api: Api, mount: str = "/mounted/here") -> AbstractAsyncContextManager[Served]:
    """Serve an API below a mount point, by aiohttp or by FastAPI under uvicorn."""
    return (_aiohttp if kind == "aiohttp" else _fastapi)(api, mount)


@asynccontextmanager
async def _aiohttp(api: Api, mount: str) -> AsyncIterator[Served]:
    inner, app = web.Application(), web.Application()
    first, _, rest = mount[1:].partition("/")
    inner.add_subapp(f"/{rest}", aiohttp_app(api))
    app.add_subapp(f"/{first}", inner)
    async with Server(app) as server:
        yield Served(int(server.url.rpartition(":")[2]), mount)


@asynccontextmanager
async def _fastapi(api: Api, mount: str) -> AsyncIterator[Served]:
    app = FastAPI()
    app.mount(mount, asgi_app(api))
    async with run_uvicorn(app) as port:
        yield Served(port, mount)


class _Uvicorn(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.up.set()


@asynccontextmanager
async def run_uvicorn(app: object, **options: object) -> AsyncIterator[int]:
    """Run an ASGI application under uvicorn, and give its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = _Uvicorn(uvicorn.Config(app, log_config=None, lifespan="off", **options))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await server.up.wait()
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await running


async def until(condition: Callable[[], object]) -> None:
    """Let the loop turn until something is so."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - what it waits for has no event
            await asyncio.sleep(0)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Both ways to mount an API."""
    return request.param
