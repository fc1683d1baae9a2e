"""Releasing jobs on a printer, and waiting until they are out: over real sockets and TLS."""

import pickle

import pytest

from myqx_async.errors import ReleaseTimeout
from myqx_async.models import PrintAllJob, ReleaseOptions
from print_async.errors import (
    BadRequest,
    Conflict,
    ConnectFailed,
    ConnectionLost,
    InsufficientScope,
    NotFound,
    PrintOutcomeUnknown,
    PrintTimeout,
    RateLimited,
    ServerError,
    WrongTokenKind,
)
from print_async.polling import Intervals
from print_async.retry import RetryPolicy
from print_async.testing import Fault, FaultKind

RELEASE = "/api/v3/printers/1/jobs/release"


@pytest.fixture
async def rig(start, signed_in):
    """A user with three jobs, which take seven seconds to be printed."""
    return await start(grant=signed_in(), release_seconds=2.0, print_seconds=5.0)


async def test_from_the_preview_to_the_paper(rig):
    """What the preview shows is released, seen to be processed, and waited for; then there is nothing to release."""
    myqx = rig.myqx
    preview = await myqx.printers.print_all_preview(1)
    assert preview.jobs == (PrintAllJob(1, 0), PrintAllJob(2, 0), PrintAllJob(3, 0))
    assert (preview.counters, preview.more_jobs, preview.project_selected) == ((6,), False, False)

    options = ReleaseOptions(copies=2, toner_saving=1)
    await myqx.printers.release(1, (job.id for job in preview.jobs), project_id=0, options=options)
    assert await myqx.jobs.state(1) == "ready"
    done = await myqx.jobs.wait_released([1, 2, 3])

    assert done == {1: "printed", 2: "printed", 3: "printed"}
    assert (await myqx.printers.print_all_preview(1)).jobs == ()
    assert rig.sim.stats.mutations == {f"job-released:{job}": 1 for job in (1, 2, 3)}


async def test_the_looks_get_rarer(rig):
    """Looks are half a second apart at first, then further and further; a job that is out is not looked at again."""
    await rig.myqx.jobs.cancel(3)
    await rig.myqx.printers.release(1, [1])

    done = await rig.myqx.jobs.wait_released([1, 3])

    assert done == {1: "printed", 3: "cancelled"}
    assert rig.clock.slept == [0.5 * 1.5**n for n in range(6)]
    assert rig.sim.stats.routes["GET /api/v3/jobs/3/state"] == 1
    assert rig.sim.stats.routes["GET /api/v3/jobs/1/state"] == 7


async def test_not_in_time(rig):
    """When the time is up, the error names the jobs that are left and how they were seen; waiting again goes on."""
    await rig.myqx.jobs.cancel(2)
    await rig.myqx.printers.release(1, [1, 3])
    begun = rig.clock.now

    with pytest.raises(ReleaseTimeout, match=r"1 \(processing\), 3 \(processing\)") as late:
        await rig.myqx.jobs.wait_released([1, 2, 3], timeout=3)

    assert late.value.pending == (1, 3)
    assert isinstance(late.value, PrintTimeout)
    assert rig.clock.now == begun + 3
    assert pickle.loads(pickle.dumps(late.value)).pending == (1, 3)  # noqa: S301
    assert set((await rig.myqx.jobs.wait_released([1, 3], intervals=Intervals(first=3))).values()) == {"printed"}


async def test_a_job_that_is_gone(start, signed_in):
    """A job that the server has no more is done, and its state `None`."""
    rig = await start(grant=signed_in())
    await rig.myqx.printers.release(1, [1])

    assert await rig.myqx.jobs.wait_released([1, 999]) == {1: "printed", 999: None}


async def test_states_of_ones_own(rig):
    """Which states are waited out can be said, in any case; none at all waits for nothing."""
    await rig.myqx.printers.release(1, [1])

    assert await rig.myqx.jobs.wait_released([1], pending=("READY",)) == {1: "processing"}
    assert await rig.myqx.jobs.wait_released([1], pending=()) == {1: "processing"}


async def test_an_error_on_the_way(rig):
    """A state that cannot be read ends the waiting, with a note of the jobs that are not known to be done."""
    await rig.myqx.printers.release(1, [1, 2])
    rig.sim.faults.add(Fault(kind=FaultKind.STATUS, status=500, path="/api/v3/jobs/2/state"))

    with pytest.raises(ServerError) as failed:
        await rig.myqx.jobs.wait_released([1, 2])

    assert failed.value.__notes__ == ["not known to be done: jobs 1, 2"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=FaultKind.DROP_AFTER, path=RELEASE),
        Fault(kind=FaultKind.DROP_BEFORE, path=RELEASE),
        Fault(kind=FaultKind.TRUNCATE, path=RELEASE),
        *(Fault(kind=FaultKind.STATUS, path=RELEASE, status=status) for status in (500, 502, 503, 504)),
    ],
    ids=lambda fault: f"{fault.kind.value}-{fault.status}",
)
async def test_a_lost_answer(rig, fault):
    """A release whose answer is lost is never sent again, and the error says that it may have happened."""
    await rig.myqx.session.ensure_token()
    rig.sim.faults.add(fault)

    with pytest.raises(PrintOutcomeUnknown, match="jobs 1, 2 on printer 1 may have happened") as unknown:
        await rig.myqx.printers.release(1, [1, 2])

    assert rig.sim.stats.routes[f"POST {RELEASE}"] == 1
    assert max(rig.sim.stats.mutations.values(), default=0) <= 1
    assert (unknown.value.printer, unknown.value.submitted_at) == ("1", rig.clock.now)
    assert isinstance(unknown.value.__cause__, ConnectionLost | ServerError)
    assert not unknown.value.retryable


async def test_what_certainly_did_not_happen(rig):
    """A refusal is what it is, and a 429 is sent again: there is no doubt about either."""
    rig.sim.faults.add(Fault(kind=FaultKind.STATUS, path=RELEASE, status=429, times=1))
    await rig.myqx.printers.release(1, [1])
    assert rig.sim.stats.mutations == {"job-released:1": 1}
    rig.sim.faults.add(Fault(kind=FaultKind.STATUS, path=RELEASE, status=429))
    with pytest.raises(RateLimited):
        await rig.myqx.printers.release(1, [1])
    rig.sim.faults.clear()
    await rig.myqx.jobs.cancel(2)
    with pytest.raises(Conflict):
        await rig.myqx.printers.release(1, [2])
    with pytest.raises(NotFound):
        await rig.myqx.printers.release(999, [3])
    assert rig.sim.stats.mutations == {"job-released:1": 1, "job-cancelled:2": 1}


@pytest.mark.parametrize(
    "options", [{"success_status": 204}, {"success_status": 201}, {"success_body": False}], ids=str
)
async def test_whatever_the_server_calls_success(start, signed_in, options):
    """A release has no answer that matters."""
    rig = await start(grant=signed_in(), **options)

    assert await rig.myqx.printers.release(1, [1]) is None


@pytest.mark.parametrize("accounts", [False, True])
async def test_the_account(start, signed_in, accounts):
    """Without credit the account goes out as null; one that is named is refused where there is none in use."""
    rig = await start(grant=signed_in(), accounts=accounts)
    await rig.myqx.printers.release(1, [1])

    if accounts:
        await rig.myqx.printers.release(1, [2], account="internal-0")
    else:
        with pytest.raises(BadRequest, match="account must be null"):
            await rig.myqx.printers.release(1, [2], account="internal-0")


async def test_refused_before_any_io(rig):
    """No jobs, one job twice, a time below zero, a wrong token: nothing is sent."""
    myqx = rig.myqx
    for jobs, why in (([], "at least one job"), ([1, 2, 1], "once")):
        for call in (myqx.printers.release(1, jobs), myqx.jobs.wait_released(jobs)):
            with pytest.raises(ValueError, match=why):
                await call
    with pytest.raises(ValueError, match="timeout"):
        await myqx.jobs.wait_released([1], timeout=-1)
    async with rig.join(rig.sim.grant("jobs printers")) as application:
        for call in (application.printers.release(1, [1]), application.printers.print_all_preview(1)):
            with pytest.raises(WrongTokenKind):
                await call

    assert rig.requests == 0


async def test_a_server_that_is_not_there(start, signed_in):
    """A release that could not be sent is no doubtful one: it may simply be made again."""
    rig = await start(grant=signed_in(), client={"retry": RetryPolicy(attempts=1)})
    await rig.myqx.session.ensure_token()
    await rig.sim.__aexit__(None, None, None)

    with pytest.raises(ConnectFailed) as failed:
        await rig.myqx.printers.release(1, [1])

    assert failed.value.retryable


async def test_a_scope_that_was_not_asked_for(start, signed_in):
    """A user's token without the scope stops a release before anything is sent."""
    rig = await start(grant=signed_in(0, "users"))

    with pytest.raises(InsufficientScope):
        await rig.myqx.printers.release(1, [1])

    assert rig.requests == 0
