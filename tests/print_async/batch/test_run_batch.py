"""`run_batch`: raise or collect, the progress, and a report that holds whatever happens."""

import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.batch import BatchReport, run_batch


async def odd_fails(item: int) -> int:
    """Fail for odd items."""
    await asyncio.sleep(0)
    if item % 2:
        raise LookupError(item)
    return item


async def test_collect():
    """Collecting, the batch goes on after failures, and reports them with their items."""
    report = await run_batch(odd_fails, range(10), concurrency=3, on_error="collect")

    assert (report.succeeded, report.failed, report.done, report.finished) == (5, 5, 10, True)
    assert sorted(failure.item for failure in report.failures) == [1, 3, 5, 7, 9]
    assert all(isinstance(failure.error, LookupError) for failure in report.failures)


async def test_raise(gates):
    """By default the first failure is raised, and what runs beside it is cancelled."""
    report = BatchReport()

    async def work(item: int) -> int:
        if item == 1:
            raise LookupError("the second")
        return await gates.work(item)

    with pytest.raises(LookupError, match="the second"):
        await run_batch(work, itertools.count(), concurrency=3, report=report)

    assert gates.cancelled >= {0, 2}
    assert not gates.running
    assert (report.succeeded, report.failed, report.finished) == (0, 1, False)
    assert report.failures[0].item == 1


async def test_a_wrong_on_error(source):
    """A word that is neither is refused before anything is pulled."""
    numbers = source(3)
    with pytest.raises(ValueError, match="'raise' or 'collect', not 'ignore'"):
        await run_batch(odd_fails, numbers.plain(), concurrency=1, on_error="ignore")
    assert numbers.pulled == 0


async def test_progress():
    """The callback sees every item once, with a report that counts it already."""
    seen = []
    own = BatchReport()

    def progress(report, outcome) -> None:
        assert report is own
        seen.append((report.done, report.finished, outcome.index, outcome.error is None))

    report = await run_batch(odd_fails, range(20), concurrency=4, on_error="collect", progress=progress, report=own)

    assert report is own
    assert [done for done, *_ in seen] == list(range(1, 21))
    assert not any(finished for _, finished, *_ in seen)
    assert {(index, good) for *_, index, good in seen} == {(index, index % 2 == 0) for index in range(20)}


async def test_nothing_to_do():
    """Without items the report is finished and empty."""
    assert await run_batch(odd_fails, [], concurrency=3) == BatchReport(finished=True)


@pytest.mark.parametrize("kind", ["plain", "asynchronous"])
async def test_input_that_raises(source, kind):
    """What the input raises is raised also when collecting; the report has all that was given before."""
    report, items = BatchReport(), source(7, OSError("the disk")).items(kind)

    with pytest.raises(OSError, match="the disk"):
        await run_batch(odd_fails, items, concurrency=3, on_error="collect", report=report)

    assert (report.succeeded, report.failed, report.finished) == (4, 3, False)


async def test_input_that_is_cancelled_is_not_finished(source):
    """Input whose own cancellation cuts it short is no batch that was worked through."""
    report, items = BatchReport(), source(7, asyncio.CancelledError()).asynchronous()

    with pytest.raises(asyncio.CancelledError):
        await run_batch(odd_fails, items, concurrency=3, on_error="collect", report=report)

    assert not report.finished


@given(st.integers(0, 120), st.integers(1, 8), st.booleans())
def test_cancelled_at_any_moment(moment, concurrency, collect):
    """Cancelled whenever: what the caller's report counts was really done, and it is not called finished."""
    done: set[int] = set()
    counted: list[int] = []
    report: BatchReport[int, None] = BatchReport()

    async def work(item: int) -> None:
        for _ in range(item % 5):
            await asyncio.sleep(0)
        done.add(item)

    async def main() -> None:
        batch = asyncio.ensure_future(
            run_batch(
                work,
                itertools.count(),
                concurrency=concurrency,
                on_error="collect" if collect else "raise",
                progress=lambda _, outcome: counted.append(outcome.item),
                report=report,
            )
        )
        for _ in range(moment):
            await asyncio.sleep(0)
        batch.cancel()
        await asyncio.wait([batch])
        assert batch.cancelled()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())

    assert not report.finished
    assert report.failed == 0
    assert report.succeeded == len(counted) == len(set(counted))
    assert set(counted) <= done
    assert len(done) - len(counted) <= 2 * concurrency
