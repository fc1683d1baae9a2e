"""A document is handed over once: what may have arrived is never sent again, and what did not arrive may be."""

import asyncio
import traceback

import pytest

from print_async import DeadlineExceeded, deadline, phases
from print_async.batch import map_bounded
from print_async.errors import (
    ConnectFailed,
    ConnectionLost,
    DecodeError,
    PrintFailed,
    PrintOutcomeUnknown,
    RateLimited,
    ServerError,
    TransportError,
    TransportTimeout,
    UnexpectedRedirect,
)
from print_async.testing import Fault, FaultKind, json_response, token_response
from print_async.wire import Headers, Response

TAKEN = json_response({"jobid": "a:b #1"})
TIMES = 200


def prints(script) -> int:
    """How often a document was handed over."""
    return sum(request.url.endswith("/sfapi/Print/") for request in script.requests)


async def test_two_hundred_lost_answers(start):
    """Two hundred answers are lost after the work was done: none is sent again, and each is told as unknown."""
    rig = await start()
    target = (await rig.ezeep.print_api.printers())[0]
    rig.sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, method="POST", path="/sfapi/Print"))

    def one(number):
        return rig.ezeep.printing.print_file(b"page", target, alias=f"{number}.txt")

    outcomes = [outcome.error async for outcome in map_bounded(one, range(TIMES), concurrency=20)]

    assert [type(error) for error in outcomes] == [PrintOutcomeUnknown] * TIMES
    assert (len(rig.sim.prints.accepted), rig.sim.prints.doubles) == (TIMES, 0)
    assert rig.sim.stats.routes["POST /sfapi/Print/"] == TIMES
    assert {error.file_id for error in outcomes} == {job.file_id for job in rig.sim.prints.accepted}
    assert rig.sim.blobs.authorized == 0


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.TRUNCATE])
async def test_answers_that_break(start, kind):
    """A connection that breaks before the work, or within the answer, leaves just as much open."""
    rig = await start()
    rig.sim.faults.add(Fault(kind=kind, method="POST", path="/sfapi/Print"))

    with pytest.raises(PrintOutcomeUnknown):
        await rig.ezeep.printing.print_file(b"x", rig.sim.prints.printers[0].id, file_type="txt")

    assert rig.sim.stats.routes["POST /sfapi/Print/"] == 1
    assert len(rig.sim.prints.accepted) == (kind is FaultKind.TRUNCATE)


@pytest.mark.parametrize(
    "lost",
    [
        ConnectionLost("broke"), TransportTimeout("silent"), TransportError("cut", phase="body"),
        json_response({}, 500), json_response({}, 502), json_response({}, 503), json_response({}, 504),
        json_response({"code": 500, "message": "oops"}, 500), json_response({}, 408),
        json_response({}, 503, {"Retry-After": "1"}), Response(200, Headers(), b"<html>"), Response(200),
        json_response([]), json_response({}), json_response({"jobid": ""}), json_response({"jobid": 7}), Response(204),
        json_response({"jobid": None, "code": 0}),
    ],
    ids=repr,
)  # fmt: skip
async def test_lost_answers(scripted, uploaded, lost):
    """No answer, half an answer, a gateway's and one that cannot be read: it is not sent again, and all is told."""
    script = await scripted(*uploaded, lost)
    await script.clock.advance(100)

    with pytest.raises(PrintOutcomeUnknown, match="handed over to HP, and whether it is printed is not known") as told:
        await script.ezeep.printing.print_file(b"x", script.printer, alias="a.pdf")

    error = told.value
    assert (error.file_id, error.printer, error.document) == ("ERI_1", script.printer.id, "a.pdf")
    assert error.submitted_at == script.clock.time()
    assert error.retryable is False
    assert (prints(script), len(script.requests)) == (1, 3)
    assert "sig=" not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize(
    "passing", [ConnectFailed("refused"), json_response({}, 429), TransportTimeout("no one", sent=False)], ids=repr
)
async def test_what_did_not_arrive_is_sent_again(scripted, uploaded, passing):
    """Where no connection was made, and after a 429, the document is handed over again, and printed once."""
    script = await scripted(*uploaded, passing, passing, TAKEN)

    job = await script.ezeep.printing.print_file(b"x", script.printer, file_type="pdf")

    assert (job.id, prints(script)) == ("a:b #1", 3)


async def test_throttled_and_printed_once(start):
    """Over the wire, too, a document that is answered 429 is handed over again after the pause, and taken once."""
    rig = await start()
    rig.sim.faults.add(
        Fault(kind=FaultKind.STATUS, method="POST", path="/sfapi/Print", status=429, retry_after="7", times=2)
    )

    await rig.ezeep.printing.print_file(b"x", rig.sim.prints.printers[0].id, file_type="txt")

    assert (rig.clock.slept, len(rig.sim.prints.accepted)) == ([7, 7], 1)


async def test_lost_after_it_did_not_arrive(scripted, uploaded):
    """After a harmless failure a lost answer is still one, and ends the tries."""
    script = await scripted(*uploaded, ConnectFailed("refused"), json_response({}, 429), ConnectionLost("broke"))

    with pytest.raises(PrintOutcomeUnknown):
        await script.ezeep.printing.print_file(b"x", script.printer, file_type="pdf")
    assert prints(script) == 3


async def test_a_token_that_is_refused(scripted, uploaded):
    """A 401 is no work done: with a new token the document is handed over again."""
    script = await scripted(*uploaded, Response(401), token_response("new", refresh_token="newer"), TAKEN)

    job = await script.ezeep.printing.print_file(b"x", script.printer, file_type="pdf")

    assert (job.id, prints(script)) == ("a:b #1", 2)


@pytest.mark.parametrize(
    ("never", "error"),
    [(ConnectFailed("refused"), ConnectFailed), (json_response({}, 429), RateLimited)],
    ids=["refused", "429"],
)
async def test_never_arrived(scripted, uploaded, never, error):
    """Where it certainly never arrived, the error is the plain one, and may be retried."""
    script = await scripted(*uploaded, never, never, attempts=2)

    with pytest.raises(error) as plain:
        await script.ezeep.printing.print_file(b"x", script.printer, file_type="pdf")
    assert plain.value.retryable
    assert prints(script) == 2


@pytest.mark.parametrize("status", [400, 409, 412, 422])
async def test_refusals_with_a_status(scripted, uploaded, status):
    """A refusal of the API itself is one whatever its status, also a 412 without a file id."""
    script = await scripted(*uploaded, json_response({"code": 1048579, "message": "no driver"}, status))

    with pytest.raises(PrintFailed) as refused:
        await script.ezeep.printing.print_file(b"x", script.printer, file_type="pdf")
    assert (refused.value.code, refused.value.message, prints(script)) == (1048579, "no driver", 1)


async def test_a_redirect(scripted, uploaded):
    """A redirect is not followed, and is no lost answer."""
    script = await scripted(*uploaded, Response(307, Headers([("Location", "https://else.example/")])))

    with pytest.raises(UnexpectedRedirect):
        await script.ezeep.printing.print_file(b"x", script.printer, file_type="pdf")
    assert prints(script) == 1


async def test_a_url_that_is_lost(scripted):
    """By URL it is the same, at the first request and while the server is fetching; no error shows the URL's secret."""
    fetching = json_response({"fileid": "ERI_9", "sasUri": "https://storage.example/?sig=secret"}, 412)
    first, later = await scripted(ConnectionLost("broke")), await scripted(fetching, ConnectionLost("broke"))
    told = []
    for script in (first, later):
        task = asyncio.create_task(
            script.ezeep.printing.print_url("https://f.example/a.pdf?key=secret", script.printer)
        )
        await script.clock.advance(30)
        with pytest.raises(PrintOutcomeUnknown) as lost:
            await task
        told.append(lost.value)

    assert [error.file_id for error in told] == [None, "ERI_9"]
    assert [prints(script) for script in (first, later)] == [1, 2]
    assert all("secret" not in "".join(traceback.format_exception(error)) for error in told)


async def test_a_queue_that_makes_no_job(scripted, uploaded):
    """A queue may store a document without a job, and that is no lost answer."""
    script = await scripted(*uploaded, json_response({}))

    job = await script.ezeep.printing.print_file(b"x", script.queue, file_type="pdf")

    assert (job.id, job.is_queue, job.file_id) == (None, True, "ERI_1")


@pytest.mark.parametrize(("lost", "error"), [(ConnectionLost("x"), ConnectionLost), (Response(200), DecodeError),
                                             (json_response({}, 503), ServerError)])  # fmt: skip
async def test_an_upload_is_not_prepared_twice(scripted, lost, error):
    """Preparing an upload makes something at the server, so it is not repeated; and it is no lost document."""
    script = await scripted(lost)

    with pytest.raises(error):
        await script.ezeep.printing.print_file(b"x", script.printer, file_type="pdf")
    assert len(script.requests) == 1


@pytest.mark.parametrize("phase", ["connect", "headers"])
async def test_a_deadline_while_it_is_handed_over(scripted, uploaded, phase):
    """A deadline that passes while a document is handed over leaves it unknown, unless nothing had been sent."""

    async def stall(_):
        phases.enter(phase)
        return await asyncio.Future()

    script = await scripted(*uploaded, stall)

    async def run():
        async with deadline(5, clock=script.clock):
            await script.ezeep.printing.print_file(b"x", script.printer, file_type="pdf")

    task = asyncio.create_task(run())
    await script.clock.advance(6)
    with pytest.raises(DeadlineExceeded if phase == "connect" else PrintOutcomeUnknown):
        await task
    assert prints(script) == 1
