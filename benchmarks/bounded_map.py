"""`map_bounded` over many items, beside what else one would write or take: CPU time per item, and memory.

Every run is a process of its own, so that none pays for what another has left behind. There are two kinds of work. One
returns at once: what a way takes beyond awaiting it in a plain loop is the way's overhead. The other takes a turn of
the loop, as all work on a network does at least: there whole times are compared, for a plain loop would be the slowest.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import aiometer
import aiostream

from benchmarks.result import Result
from print_async import map_bounded

Work = Callable[[int], Awaitable[int]]
Way = Callable[[Work, int], Awaitable[None]]
_LIMIT = 100
_OVERHEADS = {"gather": 1 / 10, "aiometer": 1 / 20}
_PAGE = 4 / 1024  # MiB: less cannot be seen
_SLOW = ("aiometer", "aiostream")  # a minute or two for a million items, so not for that many, and but once


def measure(*, quick: bool) -> Iterator[Result]:
    """Compare overhead, time and memory."""
    for size, rounds in {10_000: 3}.items() if quick else {100_000: 3, 1_000_000: 1}.items():
        ways = [way for way in _WAYS if size < 1_000_000 or way not in _SLOW]
        found = {way: list[list[float]]() for way in ways}
        for number in range(rounds):
            for way in ways:
                if not number or way not in _SLOW:
                    found[way].append(_child(way, size))
        columns = {way: list(zip(*runs, strict=True)) for way, runs in found.items()}
        yield from _results(columns, f"{size:,} items")


def _results(columns: dict[str, list[Sequence[float]]], what: str) -> Iterator[Result]:
    overhead, whole, memory = columns["map_bounded"]
    for way, (their_overhead, _, _) in columns.items():
        if way not in ("map_bounded", "workers"):
            target = _OVERHEADS.get(way)
            yield Result(f"map_bounded, overhead, {what}", "us", overhead, their_overhead, way, target)
    for way, (_, their_whole, _) in columns.items():
        if way != "map_bounded":
            target = 2.0 if way == "workers" else None
            yield Result(f"map_bounded, work of one turn, {what}", "us", whole, their_whole, way, target)
    yield Result(f"map_bounded, overhead, {what}", "us", overhead, [1.0] * len(overhead), "a microsecond", 1.0)
    yield Result(f"map_bounded, growth, {what}", "MiB", memory, columns["gather"][2], "gather")
    yield Result(f"map_bounded, growth, {what}", "MiB", memory, [2.0] * len(memory), "two MiB", 1.0)


async def _map_bounded(work: Work, size: int) -> None:
    async for _ in map_bounded(work, range(size), concurrency=_LIMIT):
        pass


async def _workers(work: Work, size: int) -> None:
    """Do the same by hand, as short as can be: nobody gets the results."""
    items = iter(range(size))

    async def worker() -> None:
        for item in items:
            try:
                await work(item)
            except Exception as error:  # noqa: BLE001
                print(error)

    async with asyncio.TaskGroup() as group:
        for _ in range(_LIMIT):
            group.create_task(worker())


async def _workers_and_queue(work: Work, size: int) -> None:
    """Do the same by hand, with the results in a queue for a consumer."""
    items, results = iter(range(size)), asyncio.Queue[tuple[int, int | Exception]](_LIMIT)

    async def worker() -> None:
        for item in items:
            try:
                await results.put((item, await work(item)))
            except Exception as error:  # noqa: BLE001
                await results.put((item, error))

    async with asyncio.TaskGroup() as group:
        for _ in range(_LIMIT):
            group.create_task(worker())
        for _ in range(size):
            await results.get()


async def _gather(work: Work, size: int) -> None:
    semaphore = asyncio.Semaphore(_LIMIT)

    async def one(item: int) -> int:
        async with semaphore:
            return await work(item)

    await asyncio.gather(*(one(item) for item in range(size)))


async def _aiometer(work: Work, size: int) -> None:
    async with aiometer.amap(work, range(size), max_at_once=_LIMIT) as results:
        async for _ in results:
            pass


async def _aiostream(work: Work, size: int) -> None:
    items = aiostream.stream.iterate(range(size))
    async with aiostream.stream.map(items, work, ordered=False, task_limit=_LIMIT).stream() as results:
        async for _ in results:
            pass


_WAYS: dict[str, Way] = {
    "map_bounded": _map_bounded,
    "workers": _workers,
    "workers and queue": _workers_and_queue,
    "gather": _gather,
    "aiometer": _aiometer,
    "aiostream": _aiostream,
}


def _child(way: str, size: int) -> list[float]:
    """Return the overhead and the whole time per item, in microseconds, and the growth, in MiB."""
    command = [sys.executable, "-m", "benchmarks.bounded_map", way, str(size)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [float(word) for word in done.stdout.split()]


async def _at_once(item: int) -> int:
    return item


async def _a_turn(item: int) -> int:
    await asyncio.sleep(0)
    return item


async def _bare(work: Work, size: int) -> None:
    for item in range(size):
        await work(item)


async def _measured(way: Way, size: int) -> tuple[float, float, float]:
    for work in (_at_once, _a_turn):
        await way(work, 1_000)  # warms up
    before = _peak()
    whole = await _time(way, _a_turn, size)
    growth = max(_peak() - before, _PAGE)
    overhead = await _time(way, _at_once, size) - await _time(_bare, _at_once, size)
    return overhead, whole, growth


async def _time(way: Way, work: Work, size: int) -> float:
    started = time.process_time()
    await way(work, size)
    return (time.process_time() - started) / size * 1e6


def _peak() -> float:
    """Return the most memory that this process has had so far, in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    print(*asyncio.run(_measured(_WAYS[sys.argv[1]], int(sys.argv[2]))))
