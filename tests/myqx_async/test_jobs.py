"""Jobs: every operation, over real sockets and TLS."""

import json

import pytest

from myqx_async import MyQX
from myqx_async.auth import PinLogin
from myqx_async.models import CreatedJob, Job, JobChanges, JobPaper, JobState, JobUpdate, NewClientJob
from print_async.codec import encode
from print_async.errors import (
    BadRequest,
    ConnectionLost,
    InsufficientScope,
    NotFound,
    StatusError,
    WrongTokenKind,
)
from print_async.retry import RetryPolicy
from print_async.testing import Fault, FaultKind, StubTransport, json_response, token_response


@pytest.fixture
async def rig(start, signed_in):
    """A user with jobs of their own."""
    return await start(grant=signed_in())


@pytest.fixture
async def app(start):
    """The application, which may read jobs' data."""
    return await start(grant=lambda sim: sim.grant("print"), job_bytes=40_000)


async def read(download, got: list[bytes] | None = None) -> bytes:
    """Read all of a download; what came before an error is in `got`."""
    got = [] if got is None else got
    async with download as data:
        async for chunk in data:
            got.append(chunk)
    return b"".join(got)


async def test_get_and_state(rig):
    """A job comes with all that is documented of it; that of somebody else is not found."""
    job = await rig.myqx.jobs.get(2)

    assert job == Job(
        2, "Übersicht 2024.docx", "2025-01-01", "2025-01-01T01:00:00", False, 1.0, True, False, 2, 0, 1, JobPaper(5)
    )
    assert await rig.myqx.jobs.state(2) == "ready"
    for job_id in (11, 9, 10**12):
        with pytest.raises(NotFound):
            await rig.myqx.jobs.get(job_id)
        with pytest.raises(NotFound):
            await rig.myqx.jobs.state(job_id)


@pytest.mark.parametrize("state", ["processing", "Lost in the post"])
async def test_a_state_nobody_knows(state):
    """The documented state is a member, and any other is kept as it is."""
    stub = StubTransport(token_response("t"), json_response({"state": state, "since": 1}))
    grant = PinLogin("id", "secret", scope="jobs", pin="904711")
    async with MyQX("https://print.example", grant, transport=stub) as myqx:
        found = await myqx.jobs.state(7)

    assert (found, found.value) == (state, state)
    assert (found is JobState.PROCESSING) == (state == "processing")


@pytest.mark.parametrize(
    ("options", "answered"),
    [({}, True), ({"success_status": 201}, True), ({"success_status": 204}, False), ({"success_body": False}, False)],
    ids=str,
)
async def test_update(start, signed_in, options, answered):
    """A job is changed whatever the server calls success, and given back if the server says it."""
    rig = await start(grant=signed_in(), **options)
    jobs = rig.myqx.jobs

    changed = await jobs.update(1, JobChanges(favorite=True))

    assert changed == (await jobs.get(1) if answered else None)
    assert (await jobs.get(1)).favorite
    await jobs.update(1, JobChanges(project_id=7))
    assert (await jobs.get(1)).favorite
    assert (await rig.myqx.printers.print_all_preview(1)).jobs[0].project_id == 7
    await jobs.update(1, JobChanges(project_id=0))
    assert (await rig.myqx.printers.print_all_preview(1)).jobs[0].project_id == 0


async def test_a_job_given_away(rig):
    """A job whose owner is changed is not found any more; a wrong owner is refused and changes nothing."""
    with pytest.raises(BadRequest):
        await rig.myqx.jobs.update(1, JobChanges(owner_id=5, favorite=True))
    assert not (await rig.myqx.jobs.get(1)).favorite

    await rig.myqx.jobs.update(1, JobChanges(owner_id=1002))

    with pytest.raises(NotFound):
        await rig.myqx.jobs.get(1)
    assert rig.sim.job_ids(0) == [2, 3]
    assert rig.sim.job_ids(1) == [1, 11, 12, 13]


@pytest.mark.parametrize("options", [{}, {"success_status": 204}, {"success_body": False}], ids=str)
async def test_update_many(start, signed_in, options):
    """Several jobs are changed in one request, all or none."""
    rig = await start(grant=signed_in(), **options)
    jobs = rig.myqx.jobs

    changed = await jobs.update_many([JobUpdate(id=1, favorite=True), JobUpdate(id=3, project_id=4, account="a")])

    assert changed == (() if options else (await jobs.get(1), await jobs.get(3)))
    assert (await jobs.get(1)).favorite
    with pytest.raises(NotFound):
        await jobs.update_many([JobUpdate(id=1, favorite=False), JobUpdate(id=11, favorite=True)])
    assert (await jobs.get(1)).favorite
    assert rig.sim.stats.mutations == {"job-updated:1": 1, "job-updated:3": 1}


async def test_a_server_of_the_older_shape(start, signed_in):
    """Where a server wants the array of the older pages, the object is refused; one by one works."""
    rig = await start(grant=signed_in(), bulk_patch="array")

    with pytest.raises(BadRequest):
        await rig.myqx.jobs.update_many([JobUpdate(id=1, favorite=True)])
    assert not rig.sim.stats.mutations
    await rig.myqx.jobs.update(1, JobChanges(favorite=True))
    await rig.myqx.request("PATCH", "/v3/jobs", json=[JobUpdate(id=2, favorite=True)])

    assert (await rig.myqx.jobs.get(2)).favorite


@pytest.mark.parametrize("status", [200, 204])
async def test_cancel(start, signed_in, status):
    """A cancelled job is marked so and stays; cancelling again does no harm."""
    rig = await start(grant=signed_in(), success_status=status)
    jobs = rig.myqx.jobs

    await jobs.cancel(1)
    await jobs.cancel_many(iter([2, 3]))

    assert [await jobs.state(job_id) for job_id in (1, 2, 3)] == ["cancelled"] * 3
    await jobs.cancel(1)
    with pytest.raises(NotFound):
        await jobs.cancel(11)
    with pytest.raises(NotFound):
        await jobs.cancel_many([1, 11])


async def test_what_may_be_repeated_is(rig):
    """A change and a cancellation whose answer is lost are sent again: twice is as good as once."""
    rig.sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, path="/api/v3/jobs", times=1))
    await rig.myqx.jobs.update(1, JobChanges(favorite=True))
    rig.sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, path="/api/v3/jobs/delete", times=1))
    await rig.myqx.jobs.cancel_many([1])

    assert rig.sim.stats.mutations == {"job-updated:1": 2, "job-cancelled:1": 2}


async def test_create_client(rig):
    """A job that the client holds is announced with what is known of it, and is then the user's."""
    job = NewClientJob(name="letter.pdf", queue="Follow me", owner="me", computer="pc", size=12, uuid="u-1")

    made = await rig.myqx.jobs.create_client(job)

    assert made == CreatedJob(1_000_000_001)
    assert (await rig.myqx.jobs.get(made.id)).name == "letter.pdf"
    with pytest.raises(ValueError, match="size"):
        NewClientJob(name="x", queue="q", size=-1)


@pytest.mark.parametrize("status", [201, 204])
async def test_an_announcement_is_not_repeated(start, signed_in, status):
    """An announcement whose answer is lost is not made twice; an empty answer is one without an id."""
    rig = await start(grant=signed_in(), success_status=status)
    job = NewClientJob(name="letter.pdf", queue="Follow me")
    rig.sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, path="/api/v3/jobs/client", times=1))
    with pytest.raises(ConnectionLost):
        await rig.myqx.jobs.create_client(job)
    assert rig.sim.stats.mutations.total() == 1

    made = await rig.myqx.jobs.create_client(job)

    assert made == CreatedJob(None if status == 204 else 1_000_000_002)


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize(
    ("start_at", "end"), [(0, None), (0, 0), (5, 5), (1, 16_384), (39_999, None), (100, 10**9), (20_000, 39_998)]
)
async def test_data(start, start_at, end, ranges):
    """The bytes that were asked for come, and no others, whether or not the server takes notice of a range."""
    rig = await start(grant=lambda sim: sim.grant("print"), job_bytes=40_000, data_ranges=ranges)
    whole = rig.sim.job_data(12)

    download = rig.myqx.jobs.data(12, start=start_at, end=end)
    got = await read(download)

    assert got == whole[start_at : None if end is None else end + 1]
    assert download.total == 40_000


async def test_data_that_is_not_there(app):
    """A job that does not exist is not found, and a range beyond the end is a 416, both before anything is read."""
    with pytest.raises(NotFound):
        await read(app.myqx.jobs.data(9))
    with pytest.raises(StatusError) as refused:
        await read(app.myqx.jobs.data(1, start=40_000))
    assert refused.value.status == 416


async def test_data_cut_short(app):
    """A connection that breaks in the middle is an error that says so, behind the bytes that came."""
    app.sim.data_cuts = [20_000]
    got: list[bytes] = []
    with pytest.raises(ConnectionLost) as lost:
        await read(app.myqx.jobs.data(1), got)

    assert b"".join(got) == app.sim.job_data(1)[:20_000]
    assert (lost.value.phase, lost.value.sent) == ("body", True)


async def test_data_left_early(start):
    """Leaving early gives the connection back: one connection is enough for many begun and never read."""
    rig = await start(grant=lambda sim: sim.grant("print"), job_bytes=2_000_000)
    for _ in range(5):
        async with rig.myqx.jobs.data(1) as data:
            async for _chunk in data:
                break
        async with rig.myqx.jobs.data(1):
            pass

    assert await read(rig.myqx.jobs.data(1, start=1_999_990)) == rig.sim.job_data(1)[-10:]


async def test_save_data(app, tmp_path):
    """A job is saved to a file, over as many connections as it takes, and none of it is asked for twice."""
    app.sim.data_cuts = [10_000, 0, 5_000, 20_000]
    path = tmp_path / "job.pdf"
    path.write_bytes(b"old")

    assert await app.myqx.jobs.save_data(1, path) == 40_000

    assert path.read_bytes() == app.sim.job_data(1)
    assert [each.name for each in tmp_path.iterdir()] == ["job.pdf"]
    assert app.sim.stats.routes["GET /api/v3/jobs/1/data"] == 5


@pytest.mark.parametrize("ranges", [True, False])
async def test_save_data_in_a_later_run(start, tmp_path, ranges):
    """What an earlier run has left is gone on with, also where the server sends everything again."""
    rig = await start(
        grant=lambda sim: sim.grant("print"),
        job_bytes=40_000,
        data_ranges=ranges,
        client={"retry": RetryPolicy(attempts=1)},
    )
    rig.sim.data_cuts = [30_000]
    path = tmp_path / "job.pdf"
    with pytest.raises(ConnectionLost):
        await rig.myqx.jobs.save_data(1, str(path))
    assert not path.exists()
    left = (tmp_path / "job.pdf.part").stat().st_size
    assert 0 < left <= 30_000

    assert await rig.myqx.jobs.save_data(1, path) == 40_000
    assert path.read_bytes() == rig.sim.job_data(1)


async def test_refused_before_any_io(rig, tmp_path):
    """A wrong kind of token, a scope that was not asked for, and bad input cost no request and leave no file."""
    jobs = rig.myqx.jobs
    for why, make in {
        "start": lambda: jobs.data(1, start=-1),
        "end": lambda: jobs.data(1, start=5, end=4),
        "job_id": lambda: jobs.data(""),
        "queue": lambda: NewClientJob(name="x", queue=""),
    }.items():
        with pytest.raises(ValueError, match=why):
            make()
    for call in (jobs.cancel_many([]), jobs.update_many([])):
        with pytest.raises(ValueError, match="at least one job"):
            await call
    for call in (jobs.cancel_many([1, 1]), jobs.update_many([JobUpdate(id=1), JobUpdate(id=1)])):
        with pytest.raises(ValueError, match="once"):
            await call
    with pytest.raises(WrongTokenKind):
        await read(jobs.data(1))
    with pytest.raises(WrongTokenKind):
        await jobs.save_data(1, tmp_path / "x")
    async with rig.join(rig.sim.grant("users")) as application:
        with pytest.raises(InsufficientScope):
            await application.jobs.save_data(1, tmp_path / "x")
        with pytest.raises(WrongTokenKind):
            await application.jobs.get(1)

    assert rig.requests == 0
    assert not list(tmp_path.iterdir())


def test_what_is_sent():
    """The bodies have the documented names, and nothing that was not set."""
    assert json.loads(encode(JobUpdate(id=1, owner_id=2, project_id=0, favorite=False, account="a"))) == {
        "id": 1,
        "ownerId": 2,
        "projectId": 0,
        "favorite": False,
        "account": "a",
    }
    assert json.loads(encode(JobChanges())) == {}
