"""What tests stand on: the `--slow` option, a watch on left-over tasks, a repair of aioresponses, a redis-server."""

import asyncio
import inspect
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import aioresponses.core
import attrs
import pytest

import print_async
import print_async.transports.aiohttp


class _MockedResponse(aiohttp.ClientResponse):
    """What aioresponses 0.7.9 makes its answers from: it does not know the argument that aiohttp 3.14 wants."""

    def __init__(self, *args: object, **options: object) -> None:
        if "stream_writer" in inspect.signature(aiohttp.ClientResponse).parameters:
            options.setdefault("stream_writer", SimpleNamespace(output_size=0))
        super().__init__(*args, **options)  # type: ignore[arg-type]


aioresponses.core.ClientResponse = _MockedResponse


def _use(transport: str) -> None:
    """Put another transport in the place of the default one, before the tests and the sessions import that."""
    kind = {"httpx2": "Httpx2Transport", "pyreqwest": "PyreqwestTransport"}[transport]
    print_async.transports.aiohttp.AiohttpTransport = getattr(print_async, kind)  # type: ignore[misc]


if _other_transport := os.environ.get("PRINT_ASYNC_TRANSPORT"):
    _use(_other_transport)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--slow`."""
    parser.addoption("--slow", action="store_true", help="run the torture tests as well, as CI does")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what is slow, unless asked for."""
    if config.getoption("--slow"):
        return
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="slow: give --slow to run it"))


@pytest.fixture(autouse=True)
def no_task_is_left(request: pytest.FixtureRequest) -> None:
    """Let an async test fail that leaves a task behind; being the first fixture, it looks when the others are gone."""
    if inspect.iscoroutinefunction(getattr(request, "function", None)):
        request.getfixturevalue("task_watch")


@pytest.fixture
async def task_watch() -> AsyncIterator[None]:
    """Look at the end for tasks that are still there; those that are just ending get half a second."""
    before = asyncio.all_tasks()
    yield
    deadline = asyncio.get_running_loop().time() + 0.5
    while left := asyncio.all_tasks() - before - {asyncio.current_task()}:
        if asyncio.get_running_loop().time() > deadline:
            pytest.fail(f"tasks left behind: {left}")
        await asyncio.sleep(0.001)


@attrs.define
class RedisServer:
    """A real redis-server with its append-only file on, which can be stopped and started again on the same data."""

    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = {"port": self.port, "dir": self.folder, "appendonly": "yes", "appendfsync": "always", "save": ""}
        arguments = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
        self._process = subprocess.Popen(["redis-server", *arguments], stdout=subprocess.DEVNULL)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                    connection.sendall(b"PING\r\n")
                    if connection.recv(7).startswith(b"+PONG"):
                        return
            except OSError:
                self._process.poll()
        pytest.fail("redis-server does not answer")

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Stop it with a signal, and wait for its end."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()
            self._process = None


@pytest.fixture(scope="session")
def _server(tmp_path_factory) -> Iterator[RedisServer]:
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed (Debian: apt-get install redis-server)")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = RedisServer(tmp_path_factory.mktemp("redis"), port)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_server(_server):
    """The server, empty."""
    with socket.create_connection(("127.0.0.1", _server.port), 5) as connection:
        connection.sendall(b"FLUSHALL\r\n")
        assert connection.recv(3) == b"+OK"
    return _server
