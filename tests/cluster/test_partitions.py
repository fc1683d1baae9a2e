"""How a batch is cut up and put together again, without a cluster: every partition is done by a worker in here."""

import asyncio
import pickle
import random
from collections import Counter
from contextlib import aclosing, suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from print_async import BatchReport
from print_async.cluster import map_on, run_batch_on
from print_async.cluster.work import Run, packed


class Here:
    """Workers that are none: they take their time, and some die, so that partitions are done more than once."""

    def __init__(self, seed: int, threads: int) -> None:
        self._chance = random.Random(seed)
        self._threads = threads
        self._runs: list[Run] = []

    async def threads(self) -> list[int]:
        """Return how many partitions are to run at a time."""
        return [1] * self._threads

    async def partition(self, run: str, job: bytes, first: int, items: bytes) -> bytes:
        """Do a partition, now and then on one that dies in the middle, and then again on another one."""
        while True:
            worker = Run(pickle.loads(job), self)  # noqa: S301
            self._runs.append(worker)
            for _ in range(self._chance.randrange(5)):
                await asyncio.sleep(0)
            doing = asyncio.ensure_future(worker.partition(first, pickle.loads(items)))  # noqa: S301
            if self._chance.random() < 0.7:
                return await doing
            await asyncio.sleep(0)
            doing.cancel()
            await asyncio.wait([doing])

    async def stop(self, run: str) -> list[bytes]:
        """End the run on all of them, those given up for dead as well."""
        return [packed([]), *[await each.stop() for each in self._runs]]


async def triple(client: Here, number: int) -> int:
    """Return three times the number; fail for every fifth."""
    await asyncio.sleep(0)
    if number % 5 == 4:
        raise ValueError(f"no {number}")
    return 3 * number


SHAPES = {
    "count": st.integers(0, 60),
    "size": st.integers(1, 9),
    "concurrency": st.integers(1, 4),
    "threads": st.integers(0, 4),
    "outstanding": st.none() | st.integers(1, 5),
    "seed": st.integers(0, 2**16),
}


@settings(deadline=None)
@given(**SHAPES)
def test_every_item_once(count, size, concurrency, threads, outstanding, seed):
    """However it is cut up, and whoever dies: each item is reported once, with what became of it."""
    seen = []

    async def run() -> BatchReport:
        return await run_batch_on(
            Here(seed, threads),
            triple,
            range(count),
            concurrency=concurrency,
            once=None,
            partition_size=size,
            outstanding=outstanding,
            on_error="collect",
            progress=lambda _, outcome: seen.append(outcome),
        )

    report = asyncio.run(run())

    assert Counter(each.index for each in seen) == Counter(range(count))
    for each in seen:
        assert each.item == each.index
        assert each.value == (None if each.error else 3 * each.item)
        assert (each.item % 5 == 4) == (repr(each.error) == f"ValueError('no {each.item}')")
    assert (report.done, report.failed, report.finished) == (count, count // 5, True)


@settings(deadline=None)
@given(**SHAPES, taken=st.integers(0, 40))
def test_cut_off(count, size, concurrency, threads, outstanding, seed, taken):
    """Stopped anywhere, a report has no item twice, and none with a wrong outcome; what was yielded is in it."""
    report = BatchReport()

    class Stop(Exception):
        pass

    def progress(tally: BatchReport, outcome: object) -> None:
        if tally.done >= taken:
            raise Stop

    async def run() -> None:
        await run_batch_on(
            Here(seed, threads),
            triple,
            range(count),
            concurrency=concurrency,
            once=None,
            partition_size=size,
            outstanding=outstanding,
            on_error="collect",
            progress=progress,
            report=report,
        )

    with suppress(Stop):
        asyncio.run(run())

    assert min(taken, count) <= report.done <= count
    failed = [each.index for each in report.failures]
    assert len(set(failed)) == len(failed)
    assert {(each.item, each.index % 5) for each in report.failures} == {(index, 4) for index in failed}


@settings(deadline=None)
@given(**SHAPES, taken=st.integers(1, 40))
def test_left_early(count, size, concurrency, threads, outstanding, seed, taken):
    """Leaving the loop early leaves nothing running."""

    async def run() -> int:
        outcomes = map_on(
            Here(seed, threads), triple, range(count), concurrency=concurrency, once=None, partition_size=size
        )
        got = 0
        async with aclosing(outcomes):
            async for _ in outcomes:
                got += 1
                if got == taken:
                    break
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return got

    assert asyncio.run(run()) == min(taken, count)
