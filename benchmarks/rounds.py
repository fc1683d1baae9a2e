"""Rounds that are interleaved, so that what disturbs the machine disturbs all sides alike.

Each side is a process of its own: none pays for, or profits from, what another has imported or has left in memory.
"""

import asyncio
import gc
import multiprocessing
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection

import attrs

Work = Callable[[], Awaitable[object]]
Side = Callable[[], AbstractAsyncContextManager[Work]]
"""Gives the work to be timed. It is pickled, so it is a function of a module, or a partial of one."""


@attrs.frozen
class Spent:
    """What one call took, in microseconds, on the average of a round."""

    cpu: float
    """Of the client's process, with all its threads."""
    wall: float


@attrs.frozen
class Load:
    """What a side does in a round."""

    concurrency: int
    calls: int


@contextmanager
def running(sides: Mapping[str, Side]) -> Iterator[dict[str, Connection]]:
    """Start the processes, and give what they are told by."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(_process(side)) for name, side in sides.items()}


def interleaved(sides: Mapping[str, Connection], load: Load, *, rounds: int) -> dict[str, list[Spent]]:
    """Time all sides in each round, each round in another order; the first one warms up and does not count."""
    spent: dict[str, list[Spent]] = {name: [] for name in sides}
    names = list(sides)
    for number in range(rounds + 1):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            sides[name].send(load)
            taken = sides[name].recv()
            if number:
                spent[name].append(taken)
    return spent


def anew(
    sides: Mapping[str, Side], loads: Sequence[Load], *, processes: int, rounds: int
) -> list[tuple[Load, dict[str, list[Spent]]]]:
    """Time all sides under each load, in so many processes of each side one after the other."""
    found: list[tuple[Load, dict[str, list[Spent]]]] = [(load, {name: [] for name in sides}) for load in loads]
    for _ in range(processes):
        with running(sides) as started:
            for load, spent in found:
                for name, times in interleaved(started, load, rounds=rounds).items():
                    spent[name] += times
    return found


async def by_turns(timed: Mapping[str, Callable[[], Awaitable[float]]], *, rounds: int) -> dict[str, list[float]]:
    """Time several things in this process, in each round the other way round; the first one warms up."""
    spent: dict[str, list[float]] = {name: [] for name in timed}
    for number in range(rounds + 1):
        for name in list(timed)[:: -1 if number % 2 else 1]:
            spent[name].append(await timed[name]())
    return {name: times[1:] for name, times in spent.items()}


@contextmanager
def _process(side: Side) -> Iterator[Connection]:
    processes = multiprocessing.get_context("spawn")
    ours, theirs = processes.Pipe()
    process = processes.Process(target=_serve, args=(side, theirs))
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        process.join()


def _serve(side: Side, orders: Connection) -> None:
    async def serve() -> None:
        async with side() as work:
            await work()
            gc.collect()
            gc.freeze()  # what the libraries are made of is not to be searched for garbage again and again
            while True:
                orders.send(await _time(work, orders.recv()))

    with suppress(EOFError):
        asyncio.run(serve())


async def _time(work: Work, load: Load) -> Spent:
    async def worker() -> None:
        for _ in range(load.calls // load.concurrency):
            await work()

    done = load.calls // load.concurrency * load.concurrency
    cpu, wall = time.process_time(), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(load.concurrency):
            group.create_task(worker())
    return Spent((time.process_time() - cpu) / done * 1e6, (time.perf_counter() - wall) / done * 1e6)
