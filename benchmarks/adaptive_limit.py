"""The limiter beside every fixed setting, against a server whose limit nobody knows: 8 at a time, then 64, then 8.

A batch of a hundred callers sends as much as it is let; who is refused (429) pauses as `RetryPolicy` would, and calls
again. The limit changes while the batch runs, so finding it is in the time; the fixed settings have a run of their own
for each limit. Beside the batch there are calls that somebody waits for, each timed from when it was due; their p99
beside the batch is held against theirs on an idle server. The server answers after 50 milliseconds.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from statistics import quantiles

import aiohttp
import attrs

from benchmarks.limited_server import running
from benchmarks.result import Result
from print_async import LimitPolicy, bulk
from print_async.clock import SystemClock
from print_async.limits.limiter import Limiter
from print_async.wire import Response

_LIMITS = (8, 64, 8)
_SETTINGS = (8, 16, 64, 99)
_CALLERS = 100
_PAUSE = 0.25
_PER_SECOND = 20


def measure(*, quick: bool) -> Iterator[Result]:
    """Measure throughput, refusals and the latency of interactive calls."""
    stage, seconds, idle = (6.0, 1.5, 5.0) if quick else (20.0, 3.0, 20.0)
    with running() as url:
        yield from asyncio.run(_compare(url, stage, seconds, idle))


@attrs.frozen
class _Ended:
    """One request of the batch."""

    at: float
    taken: bool


@attrs.define
class _Client:
    """A way to the server, and what became of the requests that went it."""

    http: aiohttp.ClientSession
    url: str
    limiter: Limiter
    ended: list[_Ended] = attrs.field(factory=list[_Ended])
    waited: list[tuple[float, float]] = attrs.field(factory=list[tuple[float, float]])
    """When interactive calls were answered, and how many milliseconds that took."""

    async def call(self) -> None:
        """Call until that is answered."""
        while not await self._attempt():
            await SystemClock().sleep(random.uniform(0, _PAUSE))

    async def batch(self) -> None:
        """Call and call again, from many tasks."""
        with bulk():
            async with asyncio.TaskGroup() as group:
                for _ in range(_CALLERS):
                    group.create_task(self._forever())

    async def interactive(self) -> None:
        """Call so many times a second, whatever the answers take."""
        async with asyncio.TaskGroup() as group:
            while True:
                group.create_task(self._timed(time.perf_counter()))
                await asyncio.sleep(1 / _PER_SECOND)

    async def set_limit(self, limit: int) -> None:
        """Change what the server takes."""
        async with self.http.get(f"{self.url}/limit/{limit}") as response:
            assert response.status == 200

    async def _forever(self) -> None:
        while True:
            await self.call()

    async def _timed(self, due: float) -> None:
        await self.call()
        now = time.perf_counter()
        self.waited.append((now, (now - due) * 1000))

    async def _attempt(self) -> bool:
        slot = self.limiter.enter_now(self.url) or await self.limiter.enter(self.url)
        try:
            async with self.http.get(self.url) as response:
                await response.read()
            slot.answered(Response(response.status))
        finally:
            slot.leave()
        self.ended.append(_Ended(time.perf_counter(), response.status == 200))
        return response.status == 200


@asynccontextmanager
async def _client(url: str, policy: LimitPolicy) -> AsyncIterator[_Client]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=_CALLERS)) as http:
        limiter = Limiter(policy, connections=_CALLERS, clock=SystemClock(), on_limit=lambda _: None)
        yield _Client(http, url, limiter)


@asynccontextmanager
async def _beside(*work: asyncio.Task[None]) -> AsyncIterator[None]:
    """Let tasks go on while something else is done, and stop them then."""
    try:
        yield
    finally:
        for task in work:
            task.cancel()
        await asyncio.wait(work)


async def _compare(url: str, stage: float, seconds: float, idle: float) -> list[Result]:
    fixed = {limit: await _best_fixed(url, limit, seconds) for limit in sorted(set(_LIMITS))}
    async with _client(url, LimitPolicy()) as client:
        await client.set_limit(max(_LIMITS))
        async with _beside(asyncio.create_task(client.interactive())):
            await asyncio.sleep(idle)
        alone = [latency for _, latency in client.waited]
        client.ended.clear()
        client.waited.clear()
        begins = await _stages(client, stage)
    found = [_during(client.ended, begin, begin + stage) for begin in begins]
    settled = [_during(client.ended, begin + stage / 2, begin + stage) for begin in begins]
    beside = [wait for begin in begins for at, wait in client.waited if begin + stage / 2 <= at < begin + stage]
    return [
        *(_throughput(number, found[number], stage, *fixed[limit]) for number, limit in enumerate(_LIMITS)),
        Result("refused in the second half of a stage", "%", [_refused(each) for each in settled], [1.0] * 3, "1 %", 1),
        Result("p99 of interactive calls beside the batch", "ms", [_p99(beside)], [_p99(alone)], "idle", 2),
    ]


async def _stages(client: _Client, seconds: float) -> list[float]:
    """Let the batch, and interactive calls, go through the limits; return when each began."""
    begins = []
    await client.set_limit(_LIMITS[0])
    async with _beside(asyncio.create_task(client.batch()), asyncio.create_task(client.interactive())):
        for limit in _LIMITS:
            await client.set_limit(limit)
            begins.append(time.perf_counter())
            await asyncio.sleep(seconds)
    return begins


async def _best_fixed(url: str, limit: int, seconds: float) -> tuple[float, int]:
    """Return the most answers per second that a fixed setting has, and that setting."""
    found = []
    for setting in _SETTINGS:
        async with _client(url, LimitPolicy(max_in_flight=setting, adaptive=False)) as client:
            await client.set_limit(limit)
            async with _beside(asyncio.create_task(client.batch())):
                await asyncio.sleep(1.0)  # connects, and comes into step
                begin = time.perf_counter()
                await asyncio.sleep(seconds)
            found.append((sum(each.taken for each in _during(client.ended, begin, begin + seconds)) / seconds, setting))
    return max(found)


def _during(ended: Sequence[_Ended], begin: float, end: float) -> list[_Ended]:
    return [each for each in ended if begin <= each.at < end]


def _throughput(number: int, found: Sequence[_Ended], seconds: float, best: float, setting: int) -> Result:
    name = f"stage {number + 1}, {_LIMITS[number]} at a time"
    ours = sum(each.taken for each in found) / seconds
    return Result(name, "calls/s", [ours], [best], f"fixed at {setting}", at_least=0.9)


def _refused(found: Sequence[_Ended]) -> float:
    return 100 * sum(not each.taken for each in found) / len(found)


def _p99(latencies: Sequence[float]) -> float:
    return quantiles(latencies, n=100)[98]
