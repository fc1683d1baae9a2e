"""Leaving before the end: what runs is cancelled, and no task stays behind."""

import asyncio
import gc
import itertools
from contextlib import aclosing

import pytest

from print_async.batch import map_bounded, run_batch

KINDS = ["plain", "asynchronous"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ordered", [False, True])
async def test_a_break_within_aclosing(gates, source, kind, ordered):
    """With aclosing, a break has cancelled everything before the next statement."""
    before = asyncio.all_tasks()
    gates.gate(0).set()
    numbers = source()

    async with aclosing(map_bounded(gates.work, numbers.items(kind), concurrency=5, ordered=ordered)) as outcomes:
        async for outcome in outcomes:
            assert outcome.index == 0
            break

    assert asyncio.all_tasks() == before
    assert not gates.running
    assert gates.done == [0]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_plain_break(gates, source, settled, kind):
    """After a plain break no task is left a moment later."""
    before = asyncio.all_tasks()
    gates.gate(0).set()

    async for _ in map_bounded(gates.work, source().items(kind), concurrency=5):
        break
    gc.collect()
    await settled()

    assert asyncio.all_tasks() == before
    assert not gates.running
    assert gates.cancelled


async def test_the_consumer_is_cancelled(gates, settled):
    """Cancelling the consumer cancels the calls that run, and the others never start."""
    before = asyncio.all_tasks()

    async def consume() -> None:
        async for _ in map_bounded(gates.work, itertools.count(), concurrency=3):
            pass

    consumer = asyncio.ensure_future(consume())
    await settled()
    assert gates.running == {0, 1, 2}
    consumer.cancel()
    await settled()

    assert consumer.cancelled()
    assert gates.cancelled == {0, 1, 2}
    assert asyncio.all_tasks() == before


async def test_the_consumer_is_cancelled_twice(settled):
    """A second cancellation, while the calls clean up, leaves no task behind either."""
    before, leaving = asyncio.all_tasks(), asyncio.Event()

    async def work(item: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await leaving.wait()

    consumer = asyncio.ensure_future(run_batch(work, itertools.count(), concurrency=3))
    await settled()
    for _ in range(2):
        consumer.cancel()
        await settled()
    leaving.set()
    await settled()

    assert consumer.cancelled()
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("ordered", [False, True])
async def test_work_that_outlives_its_cancellation(settled, ordered):
    """A call that ends well although cancelled, as wait_for of Python 3.11 can, is the last: leaving starts no more."""
    started = []

    async def work(item: int) -> None:
        started.append(item)
        try:
            await (asyncio.Event().wait() if item else asyncio.sleep(0))
        except asyncio.CancelledError:
            if item > 3:
                raise

    async def leave() -> None:
        async with aclosing(map_bounded(work, itertools.count(), concurrency=3, ordered=ordered)) as outcomes:
            await anext(outcomes)
            await settled()

    leaving = asyncio.ensure_future(leave())
    for _ in range(4):
        await settled()
    has_left = leaving.done()
    leaving.cancel()
    await asyncio.wait([leaving])

    assert has_left
    assert started == [0, 1, 2, 3]


async def test_a_broken_progress_callback(gates, settled):
    """A callback that raises ends the batch with its error, and nothing runs on."""
    gates.gate(0).set()

    def progress(report, outcome) -> None:
        raise LookupError("the display broke")

    with pytest.raises(LookupError, match="the display broke"):
        await run_batch(gates.work, itertools.count(), concurrency=3, progress=progress)

    assert not gates.running
    assert gates.done == [0]


@pytest.mark.parametrize("kind", KINDS)
async def test_cancelled_while_waiting_for_the_input(settled, kind):
    """A consumer that is cancelled while the input itself is awaited leaves no task behind."""
    before, stuck = asyncio.all_tasks(), asyncio.Event()

    async def items():
        yield 1
        await stuck.wait()

    async def work(item: int) -> None:
        await asyncio.sleep(0)

    consumer = asyncio.ensure_future(run_batch(work, items(), concurrency=3))
    await settled()
    consumer.cancel()
    await settled()

    assert consumer.cancelled()
    assert asyncio.all_tasks() == before
