"""A batch over a cluster, on real worker processes, also those that die."""

import asyncio
from collections import Counter
from functools import partial

import pytest
import worker_jobs
from worker_jobs import Desk

from print_async import BatchReport, run_batch
from print_async.cluster import Workers, map_on, run_batch_on
from print_async.errors import ClusterError, ItemOutcomeUnknown


def told(report: BatchReport) -> tuple[object, ...]:
    """Return what a report says, in no order."""
    failures = sorted((each.index, each.item, repr(each.error)) for each in report.failures)
    return report.succeeded, report.failed, report.finished, failures


async def test_the_report_is_that_of_a_local_batch(desks, tmp_path):
    """The same function over the same items gives the same report here and there, failures and values included."""
    here, there = {}, {}

    local = await run_batch(
        partial(worker_jobs.double, Desk(tmp_path)),
        range(455),
        concurrency=20,
        on_error="collect",
        progress=lambda _, outcome: here.update({outcome.index: outcome.value}),
    )
    async with desks:
        report = await run_batch_on(
            desks,
            worker_jobs.double,
            range(455),
            concurrency=20,
            once=None,
            partition_size=50,
            on_error="collect",
            progress=lambda _, outcome: there.update({outcome.index: outcome.value}),
        )

    assert told(report) == told(local)
    assert there == here
    assert report.failed == 45


async def test_one_client_for_each_worker(desks, noted):
    """A worker opens one client, on its own loop, for all partitions of all batches, and closes it at the end."""
    async with desks:
        for _ in range(3):
            await run_batch_on(desks, worker_jobs.write_down, range(40), concurrency=5, once=None, partition_size=4)
        assert noted("closed") == []

    assert len(set(noted("opened"))) == len(noted("opened")) == 2
    assert sorted(noted("closed")) == sorted(noted("opened"))


async def test_the_limit_is_each_workers(desks):
    """No more calls run on a worker at a time than were asked for, however many partitions it has."""
    async with desks:
        await run_batch_on(desks, worker_jobs.double, [0] * 400, concurrency=7, once=None, partition_size=20)
        assert max(await desks.each(worker_jobs.most_at_a_time)) == 7


async def test_a_worker_is_killed(desks, noted):
    """A worker dies midway by SIGKILL: its partitions are done by others, and every item is reported once."""
    seen = Counter()
    async with desks:
        report = await run_batch_on(
            desks,
            worker_jobs.write_down_or_die,
            range(500),
            concurrency=5,
            once=None,
            partition_size=20,
            progress=lambda _, outcome: seen.update([outcome.index]),
        )

    assert (report.succeeded, report.failed, report.finished) == (500, 0, True)
    assert seen == Counter(range(500))
    assert set(noted("done")) == set(range(500))


async def test_once(desks, noted, redis_server):
    """With `once`, nothing is begun twice where a worker dies: what it was at fails, and all else is done."""
    open_once = worker_jobs.OpenOnce(redis_server.url, "credit of May")
    batch = partial(
        run_batch_on, desks, worker_jobs.write_down_or_die, range(500), concurrency=5, once=open_once, partition_size=20
    )

    async with desks:
        report = await batch(on_error="collect")
        again = await batch(on_error="collect")

    begun = Counter(noted("begun"))
    assert max(begun.values()) == 1
    assert report.succeeded + report.failed == 500
    assert {type(each.error) for each in report.failures} == {ItemOutcomeUnknown}
    failed = {each.error.index for each in report.failures}
    assert {each.item for each in report.failures} == failed
    assert 250 in failed
    assert set(range(500)) - set(noted("done")) <= failed
    # Those that were at work in the moment of death, and no others: five on that worker at the most.
    assert 1 <= report.failed <= 5
    assert told(again) == told(report)


async def test_stopping_at_the_first_failure(desks):
    """With `raise`, the first failure ends the batch, and the report has what was done by then."""
    report = BatchReport()
    async with desks:
        with pytest.raises(ValueError, match=r"^no \d*9$"):
            await run_batch_on(
                desks, worker_jobs.double, range(10_000), concurrency=2, once=None, partition_size=5, report=report
            )

    assert not report.finished
    assert report.failed >= 1
    assert report.done < 1_000


async def test_cancelled(desks, noted, until):
    """A cancelled batch cancels what runs on the workers; what they had done of the partitions is in the report."""
    report = BatchReport()
    async with desks:
        batch = run_batch_on(
            desks, worker_jobs.wait_for_good, range(50), concurrency=8, once=None, partition_size=10, report=report
        )
        running = asyncio.ensure_future(batch)
        await until(lambda: len(noted("done")) == 3 and len(noted("waiting")) >= 8)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

        assert (report.succeeded, report.failed, report.finished) == (3, 0, False)
        assert sorted(noted("cancelled")) == sorted(noted("waiting"))
        assert (await run_batch_on(desks, worker_jobs.double, range(5), concurrency=2, once=None)).succeeded == 5


async def test_the_input_is_pulled_as_results_are_taken(desks):
    """Of an endless input only so much is pulled as is being worked on, and waits to be taken."""
    pulled = 0

    def endless():
        nonlocal pulled
        while True:
            pulled += 1
            yield 0

    async with desks:
        outcomes = map_on(desks, worker_jobs.double, endless(), concurrency=4, once=None, partition_size=10)
        taken = 0
        async for _ in outcomes:
            taken += 1
            if taken == 200:
                break
        await outcomes.aclose()

    # Two workers run two partitions at a time; twice as many are out, and as many again are back.
    assert pulled <= 200 + 10 * (2 * 8 + 1)


async def test_an_input_that_fails(desks):
    """What the input raises is raised, after the outcomes of what it gave."""

    async def items():
        for number in range(25):
            yield number
        raise OSError("the file ends here")

    seen = []
    async with desks:
        with pytest.raises(OSError, match="the file ends here"):
            await run_batch_on(
                desks,
                worker_jobs.double,
                items(),
                concurrency=4,
                once=None,
                partition_size=10,
                on_error="collect",
                progress=lambda _, outcome: seen.append(outcome.index),
            )

    assert sorted(seen) == list(range(25))


async def test_what_cannot_be_sent_back(desks):
    """A value or an error that no pickle takes is an error that tells what it was, and ends nothing else."""
    async with desks:
        report = await run_batch_on(
            desks, worker_jobs.return_what_cannot_be_sent, range(10), concurrency=4, once=None, on_error="collect"
        )

    said = {each.item: str(each.error) for each in report.failures}
    assert report.succeeded == 8
    assert {type(each.error) for each in report.failures} == {ClusterError}
    assert "done, but what the function returned cannot be sent back" in said[3]
    assert said[4] == "Local: local trouble"


@pytest.mark.parametrize("wrong", [{"concurrency": 0}, {"partition_size": 0}, {"outstanding": 0}, {"on_error": "stop"}])
async def test_arguments_that_make_no_sense(wrong):
    """They are refused before anything is pulled or sent."""
    arguments = {"concurrency": 1, "once": None, **wrong}
    with pytest.raises(ValueError, match=r"at least 1|'raise' or 'collect'"):
        await run_batch_on(Workers("tcp://nobody.example:1", open), worker_jobs.double, iter([1]), **arguments)
