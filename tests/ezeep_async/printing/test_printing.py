"""Printing from the bytes to the job, against the simulator."""

import hashlib

import pytest

from ezeep_async.models import JobState, PrintTarget
from ezeep_async.printing import Duplex, Orientation, PaperSize, PrintOptions
from print_async.errors import Forbidden, PrinterNotFound, PrintFailed, PrintOptionsError, PrintTimeout, UploadFailed
from print_async.testing import Fault, FaultKind, json_response

FULL, BARE, ODD, QUEUE = "HP Universal, 2nd floor", "Kyocera Corridor", "Brother Label & Co", "Anyprinter"


async def test_a_file(start, tmp_path):
    """A file is uploaded as it is and printed under its name, and the job comes to its end."""
    rig = await start()
    path = tmp_path / "Report no. 7.PDF"
    path.write_bytes(b"%PDF-1.7 and so on")

    job = await rig.ezeep.printing.print_file(path, FULL)
    status = await job.wait(timeout=60)

    taken = rig.sim.prints.accepted[0]
    assert taken.body == {
        "fileid": job.file_id, "type": "pdf", "printerid": job.printer_id, "alias": "Report no. 7.PDF",
    }  # fmt: skip
    assert (taken.printer.name, taken.job_id, taken.polls) == (FULL, job.id, 3)
    assert set("#: ") < set(job.id)
    assert (status.state, status.pages_printed) == (JobState.FINISHED, 1)
    (part,) = rig.sim.blobs.blobs[job.file_id].parts
    assert part.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (rig.sim.blobs.authorized, rig.sim.blobs.stats.requests) == (0, 1)


@pytest.mark.parametrize("by", ["object", "properties", "id", "ID", "name"])
async def test_whichever_way_the_printer_is_given(start, by):
    """A printer is found by an object of it, by its id in any case, and by its name."""
    rig = await start()
    there = (await rig.ezeep.print_api.printers())[1]
    properties = (await rig.ezeep.print_api.printer_properties(name=BARE))[0]
    given = {"object": there, "properties": properties, "id": there.id, "ID": there.id.upper(), "name": BARE}[by]

    job = await rig.ezeep.printing.print_file(b"x", given, file_type="txt")

    assert (job.printer_id, rig.sim.prints.accepted[0].printer.name) == (there.id, BARE)
    assert await rig.ezeep.printing.properties(given) == properties
    listed = rig.sim.stats.routes["GET /sfapi/GetPrinter/"]
    assert listed == (1 if by == "object" else 3)


@pytest.mark.parametrize("printer", ["Nowhere", "kyocera corridor"])
async def test_no_such_printer(start, printer):
    """A printer that is not there is an error that names those that are, and nothing is uploaded."""
    rig = await start()

    with pytest.raises(PrinterNotFound, match=BARE) as missing:
        await rig.ezeep.printing.print_file(b"x", printer, file_type="txt")

    assert isinstance(missing.value, LookupError)
    assert missing.value.printer == printer
    assert rig.sim.blobs.blobs == {}
    with pytest.raises(PrinterNotFound, match="says nothing"):
        await rig.ezeep.printing.properties(PrintTarget("another", "Gone"))


async def test_two_printers_of_a_name(start):
    """A name that two printers have is refused, and their ids are told."""
    rig = await start()
    one, two, *rest = rig.sim.prints.printers
    object.__setattr__(two, "name", one.name)

    with pytest.raises(PrinterNotFound, match=rf"2 printers.*{one.id}, {two.id}"):
        await rig.ezeep.printing.print_file(b"x", one.name, file_type="txt")
    assert rest


async def test_options_are_checked_before_the_upload(start):
    """What the printer cannot do is refused before the document goes anywhere."""
    rig = await start()

    with pytest.raises(PrintOptionsError, match="black and white"):
        await rig.ezeep.printing.print_file(b"x", ODD, file_type="txt", options=PrintOptions(color=True))
    with pytest.raises(PrintOptionsError, match="one side"):
        await rig.ezeep.printing.print_url(
            "https://x.example/a.pdf", ODD, options=PrintOptions(duplex=Duplex.LONG_EDGE)
        )

    routes = set(rig.sim.stats.routes)
    assert {route for route in routes if "/sfapi/" in route} == {
        "GET /sfapi/GetPrinter/",
        "GET /sfapi/GetPrinterProperties/",
    }


@pytest.mark.parametrize(
    ("printer", "options", "sent"),
    [
        (FULL, PrintOptions(paper="A3", tray="Tray 2", copies=2),
         {"paper": "A3", "paperid": 8, "defaultSource": 2, "trayname": "Tray 2", "copies": 2}),
        (FULL, PrintOptions(paper=PaperSize(2000, 3000), orientation=Orientation.LANDSCAPE, page_ranges="1-2;4"),
         {"paperid": 256, "paperwidth": 2000, "paperlength": 3000, "orientation": 2, "PageRanges": "1-2;4"}),
        (BARE, PrintOptions(paper="A9", tray=3, color=True, resolution="600", duplex=Duplex.SHORT_EDGE),
         {"paper": "A9", "defaultSource": 3, "color": True, "resolution": "600", "duplex": True, "duplexmode": 3}),
        (ODD, PrintOptions(paper=300, resolution="300"), {"paperid": 300, "resolution": "300"}),
        (ODD, PrintOptions(), None),
    ],
)  # fmt: skip
async def test_options_as_the_server_takes_them(start, printer, options, sent):
    """Options arrive in the documented names and types, which the server checks for itself."""
    rig = await start()

    await rig.ezeep.printing.print_file(b"x", printer, file_type="txt", options=options)

    assert rig.sim.prints.accepted[0].body.get("properties") == sent


async def test_a_queue_ends_at_the_submission(start):
    """A document in a queue is done when it is taken: no status is asked for."""
    rig = await start()

    job = await rig.ezeep.printing.print_file(b"x", QUEUE, file_type="txt")

    assert (job.is_queue, await job.wait()) == (True, None)
    assert not any("Status" in route for route in rig.sim.stats.routes)


async def test_a_url_that_takes_its_time(start):
    """While the server is fetching it is asked again with the file id, after growing pauses, and prints once."""
    rig = await start()
    rig.sim.prints.url_downloads = 4
    options = PrintOptions(copies=2)

    job = await rig.ezeep.printing.print_url(
        "https://files.example/a.docx?token=hidden", FULL, options=options, alias="A", delete_after=True
    )

    (taken,) = rig.sim.prints.accepted
    assert taken.body == {
        "fileid": job.file_id, "type": "docx", "printerid": job.printer_id, "alias": "A", "printanddelete": True,
        "properties": {"copies": 2},
    }  # fmt: skip
    assert (rig.clock.slept, rig.sim.prints.doubles) == ([1.0, 1.5, 2.25, 3.375], 0)
    assert (await job.wait()).state is JobState.FINISHED


async def test_a_url_that_is_there_at_once(start):
    """Where the server need not fetch for long, one request is all, with the URL."""
    rig = await start()

    job = await rig.ezeep.printing.print_url("https://files.example/a.pdf", FULL)

    assert rig.sim.prints.accepted[0].body["fileurl"] == "https://files.example/a.pdf"
    assert (job.file_id, rig.clock.slept) == (None, [])


async def test_a_url_that_takes_too_long(start):
    """A server that is still fetching when the time is over has printed nothing, and the file id is told."""
    rig = await start()
    rig.sim.prints.url_downloads = 1000

    with pytest.raises(PrintTimeout, match=r"still fetching.*after 30 seconds\. Nothing was printed") as late:
        await rig.ezeep.printing.print_url("https://files.example/a.pdf", FULL, timeout=30)

    assert late.value.file_id.startswith("ERI_")
    assert sum(rig.clock.slept) == pytest.approx(30)
    assert rig.sim.prints.accepted == []


@pytest.mark.parametrize("how", ["file", "url"])
async def test_a_print_that_is_refused(start, how):
    """A refusal in an answer of status 200 is one, with its code, and nothing was printed."""
    rig = await start()
    rig.sim.prints.reject_code = 804

    printing = rig.ezeep.printing
    ways = {"file": (printing.print_file, b"x"), "url": (printing.print_url, "https://files.example/a.txt")}
    prints, what = ways[how]

    with pytest.raises(PrintFailed, match=r"refuses.*804.*nothing was printed") as refused:
        await prints(what, FULL, file_type="txt")

    assert (refused.value.code, refused.value.retryable) == (804, False)
    assert refused.value.message == "The print request was rejected."
    assert rig.sim.prints.accepted == []


async def test_a_kind_of_file_that_is_not_printed(start):
    """A refusal with a status of its own is the same error as one without."""
    rig = await start()

    with pytest.raises(PrintFailed) as refused:
        await rig.ezeep.printing.print_file(b"x", FULL, file_type="exe")

    assert (refused.value.code, refused.value.file_id) == (50, next(iter(rig.sim.blobs.blobs)))


async def test_deleted_when_printed(start):
    """With `delete_after` the upload is gone, without it can be printed again."""
    rig = await start()
    for delete in (False, True):
        job = await rig.ezeep.printing.print_file(b"x", FULL, file_type="txt", delete_after=delete)
        assert rig.sim.blobs.has(job.file_id) is not delete


@pytest.mark.parametrize(
    ("content", "more", "said"),
    [
        (b"x", {}, "what kind of file"), (b"x", {"alias": "noextension"}, "what kind of file"),
        (b"x", {"file_type": "p/df"}, "what kind of file"), (b"x", {"file_type": ""}, "what kind of file"),
        (b"", {"file_type": "pdf"}, "empty"), (b"x", {"file_type": "pdf", "printer": ""}, "printer must not be empty"),
    ],
    ids=repr,
)  # fmt: skip
async def test_bad_arguments(start, content, more, said):
    """What makes no sense is refused before anything is sent, a token included."""
    rig = await start()

    with pytest.raises(ValueError, match=said):
        await rig.ezeep.printing.print_file(content, **{"printer": FULL, **more})
    assert rig.requests == 0


@pytest.mark.parametrize("url", ["ftp://x.example/a.pdf", "/a.pdf", "https:///a.pdf", "https://x.example/a"])
async def test_bad_urls(start, url):
    """A URL that no server can fetch, or that says not what it is, is refused before anything is sent."""
    rig = await start()

    with pytest.raises(ValueError, match=r"URL|kind of file"):
        await rig.ezeep.printing.print_url(url, FULL)
    with pytest.raises(ValueError, match="timeout"):
        await rig.ezeep.printing.print_url("https://x.example/a.pdf", FULL, timeout=-1)
    assert rig.requests == 0


async def test_empty_and_missing_files(start, tmp_path):
    """An empty file, an empty stream and a missing file are told before anything is sent."""
    rig = await start()
    (tmp_path / "empty.pdf").touch()

    async def nothing():
        for each in ():
            yield each

    for content, wrong in (
        (tmp_path / "empty.pdf", ValueError), (nothing(), ValueError), (tmp_path / "none.pdf", FileNotFoundError),
        (tmp_path, OSError), (7, TypeError),
    ):  # fmt: skip
        with pytest.raises(wrong):
            await rig.ezeep.printing.print_file(content, FULL, file_type="pdf")
    assert rig.requests == 0


async def test_an_upload_that_the_server_does_not_have(scripted, uploaded):
    """A 412 with a file id, in answer to an upload of ours, is an upload that is gone, and not waited for."""
    script = await scripted(*uploaded, json_response({"fileid": "ERI_1", "sasUri": ""}, 412))

    with pytest.raises(UploadFailed, match="does not have the upload") as failed:
        await script.ezeep.printing.print_file(b"x", script.printer, file_type="txt")

    assert (failed.value.retryable, failed.value.status, len(script.requests)) == (True, 412, 3)


async def test_a_refusal_without_a_code_stays_what_it_is(start):
    """A refusal that is about the credential is the error of every call."""
    rig = await start()
    rig.sim.faults.add(Fault(kind=FaultKind.STATUS, path="/sfapi/Print/", status=403))

    with pytest.raises(Forbidden):
        await rig.ezeep.printing.print_file(b"x", FULL, file_type="txt")
