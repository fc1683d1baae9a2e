"""However long the input: the tasks, what is pulled ahead, and the memory stay within the limit."""

import asyncio
import itertools
import tracemalloc
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.batch import KEPT_FAILURES, map_bounded, run_batch
from tests.print_async.batch.conftest import Gates, Source, settle

KINDS = ["plain", "asynchronous"]


async def twice(item: int) -> int:
    """Take a turn of the loop."""
    await asyncio.sleep(0)
    return 2 * item


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("limit", [1, 7, 40])
async def test_live_tasks_are_at_the_limit(limit, ordered):
    """Over an endless input there are never more tasks than the limit, and the limit is made use of."""
    before, peak, at_work = len(asyncio.all_tasks()), 0, 0

    async def work(item: int) -> None:
        nonlocal peak, at_work
        at_work += 1
        peak = max(peak, at_work)
        await asyncio.sleep(0)
        at_work -= 1

    seen = []
    async with aclosing(map_bounded(work, itertools.count(), concurrency=limit, ordered=ordered)) as outcomes:
        async for outcome in outcomes:
            seen.append(len(asyncio.all_tasks()) - before)
            if outcome.index >= 500:
                break

    assert max(seen) <= limit
    assert peak == limit


@pytest.mark.parametrize("ordered", [False, True])
async def test_memory_is_flat(ordered):
    """Between the 1,000th and the 50,000th item of an endless input no memory is gained, failures included."""

    async def work(item: int) -> bytes:
        await asyncio.sleep(0)
        if item % 3 == 0:
            raise LookupError(item)
        return bytes(1_000)

    sizes = []
    tracemalloc.start()
    try:
        async with aclosing(map_bounded(work, itertools.count(), concurrency=20, ordered=ordered)) as outcomes:
            taken = 0
            async for _ in outcomes:
                taken += 1
                if taken in (1_000, 50_000):
                    sizes.append(tracemalloc.get_traced_memory()[0])
                if taken == 50_000:
                    break
    finally:
        tracemalloc.stop()

    assert sizes[1] - sizes[0] < 200_000


async def test_a_report_is_bounded():
    """A report keeps the first failures only, and counts them all."""

    async def work(item: int) -> None:
        if item % 2:
            raise LookupError(item)

    report = await run_batch(work, range(5 * KEPT_FAILURES), concurrency=8, on_error="collect")

    assert (report.succeeded, report.failed, report.done) == (2_500, 2_500, 5_000)
    assert len(report.failures) == KEPT_FAILURES
    assert [failure.item for failure in report.failures] == list(range(1, 2 * KEPT_FAILURES, 2))
    assert report.finished


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("limit", [1, 3, 10])
async def test_input_is_pulled_as_it_is_taken(source, settled, kind, ordered, limit):
    """What is pulled and not yet taken is at most twice the limit, also when the consumer dawdles."""
    numbers = source()
    ahead = []
    async with aclosing(map_bounded(twice, numbers.items(kind), concurrency=limit, ordered=ordered)) as outcomes:
        for taken in range(1, 60):
            await anext(outcomes)
            await settled()
            ahead.append(numbers.pulled - taken)

    assert max(ahead) <= 2 * limit
    assert min(ahead) >= limit, "while the consumer is busy, the workers go on"


@pytest.mark.parametrize("kind", KINDS)
async def test_nothing_is_pulled_before_it_is_asked_for(source, settled, kind):
    """Making the iterator neither pulls nor starts anything."""
    numbers = source()
    outcomes = map_bounded(twice, numbers.items(kind), concurrency=3)
    before = asyncio.all_tasks()

    await settled()

    assert (numbers.pulled, asyncio.all_tasks()) == (0, before)
    await outcomes.aclose()


@pytest.mark.parametrize("ordered", [False, True])
async def test_a_stuck_item_holds_no_memory(gates, source, settled, ordered):
    """While one item hangs, the others go on as far as the order allows, and no further."""
    numbers = source()
    for item in range(1, 1_000):
        gates.gate(item).set()
    async with aclosing(map_bounded(gates.work, numbers.plain(), concurrency=4, ordered=ordered)) as outcomes:
        if ordered:
            waiting = asyncio.ensure_future(anext(outcomes))
            await settled()
            assert numbers.pulled == 8
            await gates.open(0)
            assert (await waiting).index == 0
        else:
            assert [(await anext(outcomes)).index for _ in range(500)] == list(range(1, 501))
            assert gates.running == {0}


async def test_work_that_never_suspends(source):
    """Work without a single await runs to the end, within the bounds, and lets other tasks run."""
    turns = 0

    async def work(item: int) -> int:
        return item

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    numbers = source(1_000)
    beside = asyncio.ensure_future(others())
    ahead, found = [], []
    async for outcome in map_bounded(work, numbers.plain(), concurrency=5):
        found.append(outcome.unwrap())
        ahead.append(numbers.pulled - len(found))
    beside.cancel()
    await asyncio.wait([beside])

    assert found == list(range(1_000))
    assert max(ahead) <= 10
    assert turns > 50


@given(st.integers(1, 9), st.lists(st.tuples(st.booleans(), st.integers(1, 20)), max_size=12), st.booleans())
def test_the_limit_is_made_use_of(limit, steps, plain):
    """However outcomes come and are taken, as many calls run as the limit and the room for outcomes allow."""

    async def main() -> None:
        work, numbers, waiting = Gates(), Source(), 0
        items = numbers.items("plain" if plain else "asynchronous")
        work.gate(0).set()
        async with aclosing(map_bounded(work.work, items, concurrency=limit)) as outcomes:
            await anext(outcomes)
            for takes, many in steps:
                if takes:
                    for _ in range(min(many, waiting)):
                        await anext(outcomes)
                    waiting -= min(many, waiting)
                else:
                    ending = sorted(work.running)[:many]
                    waiting += len(ending)
                    for item in ending:
                        work.gate(item).set()
                await settle()
                assert len(work.running) == min(limit, 2 * limit - waiting)

    asyncio.run(main())


async def test_all_are_soon_at_work_after_a_pause(settled):
    """When much is taken at once after a long pause, all workers are at work again a few turns of the loop later."""
    running, limit = 0, 64

    async def work(item: int) -> None:
        nonlocal running
        running += 1
        await (asyncio.sleep(0) if item < 2 * limit else asyncio.Event().wait())
        running -= 1

    async with aclosing(map_bounded(work, itertools.count(), concurrency=limit)) as outcomes:
        await anext(outcomes)
        await settled()
        for _ in range(2 * limit - 1):
            await anext(outcomes)
        for _ in range(8):
            await asyncio.sleep(0)
        assert running == limit


@pytest.mark.parametrize("concurrency", [0, -1])
async def test_a_limit_below_one(source, concurrency):
    """A limit below one is refused before anything is pulled."""
    numbers = source(3)
    with pytest.raises(ValueError, match="at least 1"):
        await run_batch(twice, numbers.plain(), concurrency=concurrency)
    with pytest.raises(ValueError, match="at least 1"):
        await anext(map_bounded(twice, numbers.plain(), concurrency=concurrency))
    assert numbers.pulled == 0
