"""The p99 latency of a steady load while tokens are refreshed, beside the same load on a token that outlives it.

Tokens of 2 seconds are refreshed about every 1.5, so the rounds have about twelve refreshes in all. The load is a
number of calls a second, whatever the answers take, and each is timed from the moment it was due: one that is held up
holds up none.
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

import aiohttp

from benchmarks.result import Result
from ezeep_async import Ezeep
from ezeep_async.auth import RefreshToken
from print_async import FileTokenStore

Call = Callable[[], Awaitable[object]]
Side = Callable[[], AbstractAsyncContextManager[Call]]
_LIFETIMES = {"refreshed": 2, "peer": 3600}
_PER_SECOND = 100
_WORKERS = 4
_EXAMPLE = Path(__file__).parents[1] / "examples/web_backend.py"


def measure(*, quick: bool) -> Iterator[Result]:
    """Measure one client, then the example backend with four workers."""
    rounds, seconds = (1, 4.0) if quick else (4, 4.5)
    for name, side in (("one client", _client), ("backend of four workers", _backend)):
        with ExitStack() as stack:
            sides = {each: partial(side, stack.enter_context(_simulator(life))) for each, life in _LIFETIMES.items()}
            spent = asyncio.run(_interleaved(sides, rounds, seconds))
        yield Result(f"p99 across refreshes, {name}", "ms", spent["refreshed"], spent["peer"], "no refreshes", 1.1)


async def _interleaved(sides: Mapping[str, Side], rounds: int, seconds: float) -> dict[str, list[float]]:
    spent: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds):
        for name in list(sides)[:: -1 if number % 2 else 1]:
            # Anew each time: else the one would go on refreshing while the other is measured.
            async with sides[name]() as call:
                await _p99(call, 1.0)  # warms up
                spent[name].append(await _p99(call, seconds))
    return spent


async def _p99(call: Call, seconds: float) -> float:
    """Return the p99 latency of a steady load, in milliseconds."""
    latencies: list[float] = []

    async def timed(due: float) -> None:
        await call()
        latencies.append((time.perf_counter() - due) * 1000)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(int(seconds * _PER_SECOND)):
            due = began + number / _PER_SECOND
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(timed(due))
    return quantiles(latencies, n=100)[98]


@asynccontextmanager
async def _client(environment: dict[str, str]) -> AsyncIterator[Call]:
    """Give a call of a client that keeps its tokens in a file."""
    async with Ezeep(
        RefreshToken("client-id", environment["EZEEP_REFRESH_TOKEN"]),
        account_url=environment["EZEEP_ACCOUNT_URL"],
        management_url=environment["EZEEP_MANAGEMENT_URL"],
        store=FileTokenStore(environment["EZEEP_TOKENS"]),
    ) as ezeep:

        async def page() -> None:
            assert len(await ezeep.users.list(page_size=20, prefetch=0).collect()) == 20

        yield page


@asynccontextmanager
async def _backend(environment: dict[str, str]) -> AsyncIterator[Call]:
    """Give a call of the example backend, whose workers share a port and a token file."""
    with _workers(environment) as url:
        # A connection for each call, so that all of the workers get some.
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:

            async def get() -> None:
                async with session.get(f"{url}/groups") as response:
                    assert response.status == 200
                    await response.read()

            yield get


@contextmanager
def _simulator(token_seconds: int) -> Iterator[dict[str, str]]:
    """Run a simulator in a process of its own, and give the environment of its clients."""
    options = ["--users", "20", "--client-id", "client-id", "--token-seconds", str(token_seconds)]
    with TemporaryDirectory() as folder, _running([sys.executable, "-m", "ezeep_async.simulator", *options]) as lines:
        environment = {"EZEEP_TOKENS": str(Path(folder) / "tokens.json")}
        while "EZEEP_REFRESH_TOKEN" not in environment:
            if (line := next(lines).strip()).startswith("export "):
                name, value = line.removeprefix("export ").split("=", 1)
                environment[name] = value
        yield environment


@contextmanager
def _workers(environment: dict[str, str]) -> Iterator[str]:
    """Run the example in some processes, and give its URL."""
    with ExitStack() as stack:
        free = stack.enter_context(socket.socket())
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
        command = [sys.executable, str(_EXAMPLE)]
        workers = [stack.enter_context(_running(command, **environment, PORT=port)) for _ in range(_WORKERS)]
        for lines in workers:
            while "Running on" not in next(lines):
                pass
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _running(command: list[str], **environment: str) -> Iterator[Iterator[str]]:
    """Run a command, and give the lines that it prints."""
    with subprocess.Popen(
        command,
        env={**os.environ, **environment, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout
        finally:
            process.terminate()
