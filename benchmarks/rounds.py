"""Rounds that are interleaved, so that what disturbs the machine disturbs all sides alike."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Mapping

import attrs

Work = Callable[[], Awaitable[object]]


@attrs.frozen
class Spent:
    """What one call took, in microseconds, on the average of a round."""

    cpu: float
    """Of this process, with all its threads."""
    wall: float


async def interleaved(
    sides: Mapping[str, Work], *, rounds: int, calls: int, concurrency: int
) -> dict[str, list[Spent]]:
    """Time all sides in each round, each round in another order; the first one warms up and does not count."""
    spent: dict[str, list[Spent]] = {name: [] for name in sides}
    names = list(sides)
    for number in range(rounds + 1):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            gc.collect()  # or one side pays for what another has left
            taken = await _time(sides[name], concurrency, calls)
            if number:
                spent[name].append(taken)
    return spent


async def _time(work: Work, concurrency: int, calls: int) -> Spent:
    async def worker() -> None:
        for _ in range(calls // concurrency):
            await work()

    done = calls // concurrency * concurrency
    cpu, wall = time.process_time(), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(worker())
    return Spent((time.process_time() - cpu) / done * 1e6, (time.perf_counter() - wall) / done * 1e6)
