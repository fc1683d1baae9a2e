"""The simulator's Print API: what it takes, what becomes of it, and its switches."""

import pytest
from aiohttp import ClientError
from yarl import URL

from print_async.testing.faults import Fault, FaultKind

PRINT = "/sfapi/Print/"


@pytest.fixture
def call(visit):
    """Make a visitor of the Print API: a function that sends, with the simulator as `.sim`."""

    async def start(**options):
        visitor = await visit(**options)

        async def send(method, path, **more):
            return await visitor.send(method, path, base=visitor.simulator.print_url, **more)

        send.sim, send.visitor = visitor.simulator, visitor
        return send

    return start


async def upload(send) -> str:
    """Upload a byte and return its file id."""
    prepared = (await send("GET", "/sfapi/PrepareUpload/")).body
    url = URL(prepared["sasUri"], encoded=True)
    async with send.visitor.session.put(url, data=b"x", headers={"x-ms-blob-type": "BlockBlob"}) as response:
        assert response.status == 201
    return prepared["fileid"]


async def body(send, **more):
    """Return a body that is taken."""
    return {"fileid": await upload(send), "type": "pdf", "printerid": send.sim.prints.printers[0].id, **more}


async def test_printers(call):
    """Printers come as a bare array, one of them without the member that says whether it is a queue."""
    send = await call()

    listed = (await send("GET", "/sfapi/GetPrinter")).body

    assert [("is_queue" in each, each.get("is_queue")) for each in listed] == [
        (True, False), (False, None), (True, False), (True, True),
    ]  # fmt: skip


async def test_properties(call):
    """Properties are an array, also of one printer; one printer has next to none, another `[null]` for its trays."""
    send = await call()
    full, bare, odd, _ = (await send("GET", "/sfapi/GetPrinterProperties/")).body

    assert set(bare) == {"Id", "Name"}
    assert (odd["Trays"], "Preset" in odd, "Default" in odd) == ([None], True, False)
    for query in ({"id": full["Id"]}, {"printer": full["Name"]}):
        assert (await send("GET", "/sfapi/GetPrinterProperties/", params=query)).body == [full]
    assert (await send("GET", "/sfapi/GetPrinterProperties/", params={"id": "other"})).body == []


async def test_a_job(call):
    """A job's status is 1246, 129 and 0 at the questions that follow, and stays so."""
    send = await call()

    taken = await send("POST", PRINT, json=await body(send))

    job_id = taken.body["jobid"]
    assert set(": #") < set(job_id)
    seen = [(await send("GET", "/sfapi/status", params={"id": job_id})).body for _ in range(4)]
    assert [each["jobstatus"] for each in seen] == [1246, 129, 0, 0]
    assert (seen[1]["jobstatusstring"], seen[3]["jobpagesprinted"]) == ("PRINTING|RETAINED|", 1)


async def test_a_status_of_ones_own(call):
    """What becomes of a job can be chosen."""
    send = await call()
    send.sim.prints.statuses = (129, 3011)
    job_id = (await send("POST", PRINT, json=await body(send))).body["jobid"]

    seen = [(await send("GET", "/sfapi/Status/", params={"id": job_id})).body["jobstatus"] for _ in range(3)]
    assert seen == [129, 3011, 3011]


async def test_ids_that_are_none(call):
    """An id that was cut at its hash sign is a wrong parameter, and one that is not known at all is unknown."""
    send = await call()
    job_id = (await send("POST", PRINT, json=await body(send))).body["jobid"]
    cut = job_id.partition("#")[0]

    for wrong, code in ((cut, 87), ("nothing", 2), ("", 2)):
        assert (await send("GET", "/sfapi/Status/", params={"id": wrong})).body["jobstatus"] == code
    raw = f"/sfapi/Status/?id={job_id}".replace(" ", "%20")
    assert (await send("GET", raw)).body["jobstatus"] == 87


async def test_a_queue_never_has_a_status(call):
    """A document in a queue is taken, and there is no status of it however often it is asked for."""
    send = await call()
    taken = await send("POST", PRINT, json=await body(send, printerid=send.sim.prints.printers[3].id))

    for _ in range(5):
        status = (await send("GET", "/sfapi/Status/", params={"id": taken.body["jobid"]})).body
        assert status["jobstatus"] == 1246


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"fileid": "ERI_unknown"}, 2), ({"fileurl": "https://x"}, 87), ({"fileid": 7}, 87), ({"alias": ""}, 87),
        ({"type": "exe"}, 50), ({"type": "PDF"}, 50), ({"printerid": "nobody"}, 1801), ({"printanddelete": "yes"}, 87),
        ({"properties": []}, 87), ({"properties": {"colour": True}}, 87), ({"properties": {"copies": True}}, 87),
        ({"properties": {"duplex": 1}}, 87), ({"properties": {"paperwidth": 10, "paperlength": 10}}, 87),
        ({"properties": {"paperwidth": 10, "paperid": 9}}, 87), ({"properties": {"pageRanges": "1"}}, 87),
    ],
    ids=repr,
)  # fmt: skip
async def test_what_is_not_taken(call, more, code):
    """A body that is not as documented is refused with a code and a text, and is not printed."""
    send = await call()

    refused = await send("POST", PRINT, json=await body(send, **more))

    assert (refused.status, refused.body["code"]) == (400, code)
    assert refused.body["message"]
    assert send.sim.prints.accepted == []


async def test_an_upload_that_is_not_complete(call):
    """A file id without a document cannot be printed."""
    send = await call()
    prepared = (await send("GET", "/sfapi/PrepareUpload/")).body

    whole = await body(send)
    assert (await send("POST", PRINT, json={**whole, "fileid": prepared["fileid"]})).body["code"] == 2


async def test_by_url(call):
    """A print by URL is answered 412 as often as told, then taken; the file id stays the same."""
    send = await call()
    send.sim.prints.url_downloads = 2
    rest = {"type": "pdf", "printerid": send.sim.prints.printers[0].id}

    first = await send("POST", PRINT, json={"fileurl": "https://x.example/a.pdf", **rest})
    again = {"fileid": first.body["fileid"], **rest}
    second, third = [await send("POST", PRINT, json=again) for _ in range(2)]

    assert [answer.status for answer in (first, second, third)] == [412, 412, 200]
    assert first.body == second.body == {"fileid": again["fileid"], "sasUri": ""}
    assert len(send.sim.prints.accepted) == 1


async def test_the_switch_that_refuses(call):
    """A refusal has the status 200 and a code, and goes on until it is switched off."""
    send = await call()
    whole = await body(send)
    send.sim.prints.reject_code = 804

    refused = await send("POST", PRINT, json=whole)
    send.sim.prints.reject_code = None

    assert (refused.status, refused.body["code"]) == (200, 804)
    assert (await send("POST", PRINT, json=whole)).status == 200


async def test_taken_and_dropped(call):
    """A fault after the work takes the document and drops the connection; what was taken twice is counted."""
    send = await call()
    whole = await body(send)
    send.sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, method="POST", path="/sfapi/Print", times=1))

    with pytest.raises(ClientError):
        await send("POST", PRINT, json=whole)
    assert (len(send.sim.prints.accepted), send.sim.prints.doubles) == (1, 0)

    await send("POST", PRINT, json=whole)
    assert (len(send.sim.prints.accepted), send.sim.prints.doubles) == (2, 1)
    assert send.sim.stats.mutations[f"print:{whole['fileid']}"] == 2


async def test_printed_and_deleted(call):
    """A document that is to be deleted is gone afterwards, any other can be printed again."""
    send = await call()
    whole = await body(send)

    for more, status in (({}, 200), ({"printanddelete": True}, 200), ({}, 400)):
        assert (await send("POST", PRINT, json={**whole, **more})).status == status


@pytest.mark.parametrize(("method", "path"), [("GET", PRINT), ("POST", "/sfapi/Status/"), ("GET", "/sfapi/Delete/")])
async def test_what_there_is_not(call, method, path):
    """An operation that is not there, or not by that method, is not found."""
    send = await call()

    assert (await send(method, path)).status in (404, 405)
    assert (await send(method, path, token="wrong")).status == 401
