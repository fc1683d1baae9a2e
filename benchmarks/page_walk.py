"""Walking pages of 100 users from a server that takes 5 ms for each: several at a time, and ahead of a slow consumer.

No walk can be faster than one core that does nothing but the client's own work on the pages: the last rows tell how
near to that it comes.
"""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

import attrs

from benchmarks.page_server import LATENCY, running
from benchmarks.result import Result
from ezeep_async import Ezeep
from ezeep_async.auth import RefreshToken

_PAGE = 100
_WIDTHS = {2: None, 4: None, 8: None, 16: 12.0, 32: None, 64: 22.0}  # pages at a time, and the target
Walk = Callable[[Ezeep], Awaitable[int]]


@attrs.frozen
class _Speed:
    """Pages in a second."""

    wall: float
    cpu: float
    """In a second of this process's CPU time."""


def measure(*, quick: bool) -> Iterator[Result]:
    """Compare each number of pages at a time with one, and `prefetch=1` with none where the consumer is slow."""
    rounds, pages = (1, 300) if quick else (3, 1_000)
    with running(pages * _PAGE) as url:
        at_a_time = asyncio.run(_interleaved(url, {n: _walk(n) for n in (1, *_WIDTHS)}, rounds, pages))
    with running(pages // 4 * _PAGE) as url:  # a slow consumer takes long, and each page is like the others
        slow = {prefetch: _walk(1, prefetch=prefetch, consumer=LATENCY) for prefetch in (0, 1)}
        ahead = asyncio.run(_interleaved(url, slow, rounds, pages // 4))
    for width, target in _WIDTHS.items():
        yield _compared(f"{width} pages at a time", at_a_time[width], at_a_time[1], "one at a time", target)
    yield _compared("slow consumer, prefetch=1", ahead[1], ahead[0], "prefetch=0", 1.9)
    for width in (16, 64):
        speeds = at_a_time[width]
        name, cpu = f"{width} pages at a time", [each.cpu for each in speeds]
        yield Result(name, "pages/s", [each.wall for each in speeds], cpu, "a core with no wait")


def _compared(name: str, ours: Sequence[_Speed], peer: Sequence[_Speed], peer_name: str, least: float | None) -> Result:
    walls = [each.wall for each in ours], [each.wall for each in peer]
    return Result(name, "pages/s", *walls, peer_name, at_least=least)


def _walk(width: int, *, prefetch: int = 0, consumer: float = 0.0) -> Walk:
    async def walk(ezeep: Ezeep) -> int:
        found = 0
        async for page in ezeep.users.list(page_size=_PAGE, prefetch=prefetch, concurrency=width).pages():
            found += len(page.items)
            if consumer:
                await asyncio.sleep(consumer)
        return found

    return walk


async def _interleaved(url: str, walks: Mapping[int, Walk], rounds: int, pages: int) -> dict[int, list[_Speed]]:
    speeds: dict[int, list[_Speed]] = {name: [] for name in walks}
    async with Ezeep(RefreshToken("client", "token"), account_url=url, management_url=url, print_url=url) as ezeep:
        await ezeep.users.list(page_size=_PAGE, concurrency=max(walks)).collect(limit=20 * _PAGE)  # warms up
        for _ in range(rounds):
            for name, walk in walks.items():
                gc.collect()  # or one side pays for what another has left
                cpu, wall = time.process_time(), time.perf_counter()
                assert await walk(ezeep) == pages * _PAGE
                speeds[name].append(_Speed(pages / (time.perf_counter() - wall), pages / (time.process_time() - cpu)))
    return speeds
