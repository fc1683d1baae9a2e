"""Walking pages of 100 users from a server that takes 5 ms for each: several at a time, and ahead of a slow consumer.

What several at a time can gain ends where the client's own work on a page fills all the time: see what CPU that takes.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping

import attrs

from benchmarks.page_server import LATENCY, running
from benchmarks.result import Result
from ezeep_async import Ezeep
from ezeep_async.auth import RefreshToken

_PAGE = 100
_WIDTHS = (2, 4, 8, 16, 32, 64)
Walk = Callable[[Ezeep], Awaitable[int]]


@attrs.frozen
class _Spent:
    """Milliseconds for each page."""

    wall: float
    cpu: float


def measure(*, quick: bool) -> Iterator[Result]:
    """Compare each number of pages at a time with one, and `prefetch=1` with none where the consumer is slow."""
    rounds, pages = (1, 300) if quick else (5, 1_000)
    with running(pages * _PAGE) as url:
        widths = {1: _walk(1), **{width: _walk(width) for width in _WIDTHS}}
        spent = asyncio.run(_interleaved(url, widths, rounds, pages))
        slow = {prefetch: _walk(1, prefetch=prefetch, consumer=LATENCY) for prefetch in (0, 1)}
        ahead = asyncio.run(_interleaved(url, slow, rounds, pages))
    for width in _WIDTHS:
        yield _compared(f"page walk, {width} at a time", spent[width], spent[1], "one at a time")
    yield Result("page walk, 64 at a time, CPU", "ms", [s.cpu for s in spent[64]], [s.cpu for s in spent[1]], "one")
    yield _compared("page walk, slow consumer, prefetch=1", ahead[1], ahead[0], "prefetch=0")


def _compared(name: str, ours: list[_Spent], peer: list[_Spent], peer_name: str) -> Result:
    return Result(name, "ms", [each.wall for each in ours], [each.wall for each in peer], peer_name)


def _walk(width: int, *, prefetch: int = 0, consumer: float = 0.0) -> Walk:
    async def walk(ezeep: Ezeep) -> int:
        found = 0
        async for page in ezeep.users.list(page_size=_PAGE, prefetch=prefetch, concurrency=width).pages():
            found += len(page.items)
            if consumer:
                await asyncio.sleep(consumer)
        return found

    return walk


async def _interleaved(url: str, walks: Mapping[int, Walk], rounds: int, pages: int) -> dict[int, list[_Spent]]:
    spent: dict[int, list[_Spent]] = {name: [] for name in walks}
    async with Ezeep(RefreshToken("client", "token"), account_url=url, management_url=url, print_url=url) as ezeep:
        await ezeep.users.list(page_size=_PAGE, concurrency=max(walks)).collect(limit=10 * _PAGE)  # warms up
        for _ in range(rounds):
            for name, walk in walks.items():
                wall, cpu = time.perf_counter(), time.process_time()
                assert await walk(ezeep) == pages * _PAGE
                done = time.perf_counter() - wall, time.process_time() - cpu
                spent[name].append(_Spent(*(seconds / pages * 1000 for seconds in done)))
    return spent
