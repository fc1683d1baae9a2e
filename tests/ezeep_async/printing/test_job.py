"""A job: statuses, waiting and watching, on a clock of the test's."""

import asyncio

import pytest

from ezeep_async.models import JobState, JobStatus
from ezeep_async.printing import PrintJob
from print_async.errors import DecodeError, PrintFailed, PrintTimeout, ServerError
from print_async.polling import Intervals
from print_async.testing import json_response

JOB = "ezprnds-d000001:HP Un_tpcb_788_7863578#2031753094:4"


def status(code, text="", **more):
    """An answer with a status."""
    return json_response({"jobstatus": code, "jobstatusstring": text, **more})


async def gone_on(script, task, seconds=0.0):
    """Let time pass, and tell whether the task is over."""
    await script.clock.advance(seconds)
    return task.done()


async def test_the_id_goes_out_whole(scripted):
    """Colons, hash signs and spaces of a job id are percent-encoded, so that nothing of it is lost."""
    script = await scripted(status(0))

    await script.ezeep.printing.job(JOB).status()

    assert script.requests[0].url == (
        "https://printapi.ezeep.com/sfapi/Status/?id=ezprnds-d000001%3AHP%20Un_tpcb_788_7863578%232031753094%3A4"
    )


@pytest.mark.parametrize(
    ("code", "state"),
    [(0, JobState.FINISHED), (129, JobState.PRINTING), (1246, JobState.WAITING), (3011, JobState.FAILED),
     (2, JobState.FAILED), (87, JobState.FAILED), (3001, JobState.FAILED), (1048579, JobState.FAILED),
     (424242, JobState.FAILED)],
)  # fmt: skip
def test_codes(code, state):
    """0 is success, 129 and 1246 go on, and every other code is a failure."""
    assert JobStatus(code).state is state
    assert JobStatus(code).is_final == (state in (JobState.FINISHED, JobState.FAILED))


def test_flags():
    """The words of a status are split at the bars, and there may be none."""
    assert JobStatus(129, "PRINTING|RETAINED|").flags == ("PRINTING", "RETAINED")
    assert JobStatus(0, "").flags == JobStatus(0).flags == ()


async def test_a_status_that_is_an_error(scripted):
    """A code in place of a job status is one, with its message; an answer with neither cannot be read."""
    script = await scripted(json_response({"code": 87, "message": "wrong"}), json_response({"jobposition": 1}))
    job = script.ezeep.printing.job(JOB)

    assert await job.status() == JobStatus(87, "wrong")
    with pytest.raises(DecodeError, match="neither"):
        await job.status()


async def test_waiting(scripted):
    """A job is asked at once and then with growing pauses, on the session's clock, until it is over."""
    asked = []

    def answer(code):
        return lambda _: asked.append(script.clock.monotonic()) or status(code, jobpagesprinted=2)

    script = await scripted(*map(answer, (1246, 129, 129, 129, 0)))
    task = asyncio.create_task(script.ezeep.printing.job(JOB).wait())

    assert await gone_on(script, task, 60)
    assert (task.result().state, task.result().pages_printed) == (JobState.FINISHED, 2)
    assert asked == [0, 1, 2.5, 4.75, 8.125]


async def test_intervals_of_ones_own(scripted):
    """The pauses are the caller's where given."""
    script = await scripted(status(129), status(129), status(0))
    task = asyncio.create_task(script.ezeep.printing.job(JOB).wait(intervals=Intervals(first=60, longest=60)))

    assert not await gone_on(script, task, 119)
    assert await gone_on(script, task, 1)
    assert task.result().state is JobState.FINISHED


@pytest.mark.parametrize(("code", "said"), [(3011, "print the document again"), (2, "does not know"), (5, "status 5")])
async def test_a_job_that_fails(scripted, code, said):
    """A failure is raised with its code and words, and may not simply be retried."""
    script = await scripted(status(code, "ERROR|"))

    with pytest.raises(PrintFailed, match=said) as failed:
        await script.ezeep.printing.job(JOB).wait()

    assert (failed.value.code, failed.value.message, failed.value.job_id) == (code, "ERROR|", JOB)
    assert not failed.value.retryable


async def test_the_time_is_over(scripted):
    """When the time is over the job is asked once more, and then it is a timeout that says the job goes on."""
    script = await scripted(*[status(129)] * 4)
    task = asyncio.create_task(script.ezeep.printing.job(JOB).wait(timeout=4))

    assert not await gone_on(script, task, 3.9)
    assert await gone_on(script, task, 0.1)
    with pytest.raises(PrintTimeout, match=r"not over after 4 seconds.*do not print the document again") as late:
        await task
    assert isinstance(late.value, TimeoutError)
    assert late.value.job_id == JOB
    assert len(script.requests) == 4


async def test_finished_at_the_last_look(scripted):
    """A job that is over by the last look is over, and no timeout; with no time at all it is looked at once."""
    script = await scripted(status(129), status(0), status(0))
    job = script.ezeep.printing.job(JOB)
    task = asyncio.create_task(job.wait(timeout=0.5))

    assert await gone_on(script, task, 0.5)
    assert task.result().state is JobState.FINISHED
    assert (await job.wait(timeout=0)).state is JobState.FINISHED


async def test_watching(scripted):
    """Every status is handed out, the final one last, and a failure is one of them."""
    script = await scripted(status(1246), status(129, "PRINTING|"), status(3011))

    async def watch():
        return [each.code async for each in script.ezeep.printing.job(JOB).watch()]

    task = asyncio.create_task(watch())
    assert await gone_on(script, task, 10)
    assert task.result() == [1246, 129, 3011]


async def test_leaving_a_watch(scripted):
    """Leaving early asks no more."""
    script = await scripted(status(129))
    watch = script.ezeep.printing.job(JOB).watch()

    async for each in watch:
        assert each.code == 129
        break
    await watch.aclose()

    assert len(script.requests) == 1


async def test_a_queue(scripted):
    """A document in a queue is stored and not printed, so there is nothing to ask, wait for or watch."""
    script = await scripted()
    job = PrintJob(id=None, is_queue=True, api=script.ezeep.print_api, clock=script.clock)

    assert await job.wait() is None
    assert [each async for each in job.watch()] == []
    with pytest.raises(ValueError, match="no job"):
        await job.status()
    assert script.stub.requests == []


async def test_a_failure_on_the_way_is_passed_over(scripted):
    """Asking is repeated through a failing gateway; where it stays so, the error comes out, and waiting can go on."""
    bad = json_response({}, 503)
    script = await scripted(bad, status(0), *[bad] * 5, status(0))
    job = script.ezeep.printing.job(JOB)

    assert (await job.wait()).state is JobState.FINISHED
    with pytest.raises(ServerError) as failed:
        await job.wait()
    assert failed.value.retryable
    assert (await job.wait()).state is JobState.FINISHED


async def test_bad_arguments(scripted):
    """A negative time and an empty id are refused before anything is sent."""
    script = await scripted()
    printing = script.ezeep.printing

    with pytest.raises(ValueError, match="timeout"):
        await printing.job(JOB).wait(timeout=-1)
    with pytest.raises(ValueError, match="job_id"):
        printing.job("")
    with pytest.raises(ValueError, match="job_id"):
        await script.ezeep.print_api.status("")
    assert script.stub.requests == []
