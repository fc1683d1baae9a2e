"""What comes of the items: every one once, in order if asked for, and failures that stay with their item."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.batch import map_bounded
from print_async.testing import VirtualClock

KINDS = ["plain", "asynchronous"]


async def drain(outcomes, found: list | None = None) -> list:
    """Take all there is."""
    found = [] if found is None else found
    async for outcome in outcomes:
        found.append(outcome)
    return found


@given(
    plan=st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=30),
    concurrency=st.integers(1, 9),
    ordered=st.booleans(),
    asynchronous=st.booleans(),
)
def test_no_item_is_lost_or_doubled(plan, concurrency, ordered, asynchronous):
    """Whatever each item takes and whether it fails, there is one outcome for each, and it is its own."""
    at_work = peak = 0

    async def work(item: tuple[int, tuple[int, bool]]) -> int:
        nonlocal at_work, peak
        number, (turns, fails) = item
        at_work += 1
        peak = max(peak, at_work)
        for _ in range(turns):
            await asyncio.sleep(0)
        at_work -= 1
        if fails:
            raise LookupError(number)
        return -number

    async def feed():
        for item in enumerate(plan):
            await asyncio.sleep(0)
            yield item

    items = feed() if asynchronous else enumerate(plan)
    found = asyncio.run(drain(map_bounded(work, items, concurrency=concurrency, ordered=ordered)))

    indices = [outcome.index for outcome in found]
    assert (indices if ordered else sorted(indices)) == list(range(len(plan)))
    assert peak <= concurrency
    for outcome in found:
        number, (_, fails) = outcome.item
        assert number == outcome.index
        if fails:
            assert (type(outcome.error), outcome.error.args, outcome.value) == (LookupError, (number,), None)
        else:
            assert (outcome.value, outcome.error) == (-number, None)


@given(st.lists(st.integers(0, 1_000), max_size=12, unique=True), st.booleans())
def test_order_over_time(delays, ordered):
    """With room for all at once, outcomes come by the time they take, or, in order, by the items."""

    async def main() -> list[int]:
        clock, found = VirtualClock(), []

        async def work(delay: int) -> int:
            await clock.sleep(delay)
            return delay

        async def consume() -> None:
            outcomes = map_bounded(work, delays, concurrency=max(1, len(delays)), ordered=ordered)
            found.extend([outcome.unwrap() async for outcome in outcomes])

        consumer = asyncio.ensure_future(consume())
        await clock.advance(1_000)
        await consumer
        return found

    assert asyncio.run(main()) == (delays if ordered else sorted(delays))


async def test_each_outcome_comes_when_it_can(gates, settled):
    """Unordered, an outcome is there as soon as it is done; ordered, as soon as all before it are."""
    seen: dict[bool, list[int]] = {False: [], True: []}

    async def consume(ordered: bool) -> None:
        async for outcome in map_bounded(gates.work, range(4), concurrency=4, ordered=ordered):
            seen[ordered].append(outcome.index)

    consumers = [asyncio.ensure_future(consume(ordered)) for ordered in seen]
    await settled()
    await gates.open(2, 1)
    assert seen == {False: [2, 1], True: []}
    await gates.open(0)
    assert seen == {False: [2, 1, 0], True: [0, 1, 2]}
    await gates.open(3)
    await asyncio.gather(*consumers)
    assert seen == {False: [2, 1, 0, 3], True: [0, 1, 2, 3]}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ordered", [False, True])
async def test_no_input(source, kind, ordered):
    """Of nothing comes nothing."""
    assert await drain(map_bounded(asyncio.sleep, source(0).items(kind), concurrency=3, ordered=ordered)) == []


async def test_unwrap():
    """An outcome gives its value, also one of None, or raises its error."""

    async def work(item: int) -> None:
        if item:
            raise LookupError("gone")

    good, bad = await drain(map_bounded(work, range(2), concurrency=1))

    assert good.unwrap() is None
    with pytest.raises(LookupError, match="gone"):
        bad.unwrap()


async def test_a_function_that_raises_at_once():
    """A plain function that raises before there is anything to await fails its item only."""

    def work(item: int):
        raise LookupError(item)

    found = await drain(map_bounded(work, range(3), concurrency=2, ordered=True))

    assert [outcome.error.args for outcome in found] == [(0,), (1,), (2,)]


@pytest.mark.parametrize("ordered", [False, True])
async def test_work_that_is_cancelled_inside(ordered):
    """A CancelledError that comes from within is that item's failure, and all the workers live on."""

    async def work(item: int) -> int:
        await asyncio.sleep(0)
        if item % 2:
            raise asyncio.CancelledError(f"inside {item}")
        if item % 4 == 0:
            inner = asyncio.ensure_future(asyncio.sleep(3600))
            inner.cancel()
            await inner
        return item

    found = await drain(map_bounded(work, range(40), concurrency=3, ordered=ordered))

    by_index = {outcome.index: outcome.error for outcome in found}
    assert sorted(by_index) == list(range(40))
    assert {index for index, error in by_index.items() if error is None} == set(range(2, 40, 4))
    assert all(isinstance(error, asyncio.CancelledError) for error in by_index.values() if error)


@pytest.mark.parametrize("error", [LookupError("the input broke"), asyncio.CancelledError("within the input")])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("given_before", [0, 1, 5, 30])
async def test_input_that_raises(source, error, kind, ordered, given_before):
    """What the input raises is raised after the outcomes of all that it gave before: the run never just ends."""
    numbers, found = source(given_before, error), []

    async def work(item: int) -> int:
        for _ in range(item % 4):
            await asyncio.sleep(0)
        return item

    with pytest.raises(type(error), match=str(error)):
        await drain(map_bounded(work, numbers.items(kind), concurrency=3, ordered=ordered), found)

    assert sorted(outcome.unwrap() for outcome in found) == list(range(given_before))


async def test_input_that_raises_is_not_asked_again():
    """After the input has raised, nothing more is pulled, also where it would go on."""

    class Stubborn:
        calls = 0

        def __aiter__(self):
            return self

        async def __anext__(self) -> int:
            await asyncio.sleep(0)
            self.calls += 1
            if self.calls == 3:
                raise LookupError("once")
            return self.calls

    stubborn, found = Stubborn(), []

    async def work(item: int) -> int:
        await asyncio.sleep(0)
        return item

    with pytest.raises(LookupError, match="once"):
        await drain(map_bounded(work, stubborn, concurrency=4), found)

    assert (sorted(outcome.item for outcome in found), stubborn.calls) == ([1, 2], 3)
