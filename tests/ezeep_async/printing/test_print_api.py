"""The operations of the Print API, one by one."""

import pytest

from ezeep_async.models import (
    Configuration,
    DefaultColor,
    DefaultDuplex,
    JobProperties,
    PrinterProperties,
    PrintRequest,
    PrintTarget,
    Submission,
    Tray,
)
from ezeep_async.services.print_api import PrintApi
from print_async.codec import UNSET, decode, encode
from print_async.errors import Conflict, DecodeError, PrintFailed
from print_async.service import operation_of
from print_async.testing import json_response


@pytest.mark.parametrize(
    ("name", "method", "path", "idempotent"),
    [
        ("configuration", "GET", "/sfapi/GetConfiguration/", True),
        ("printers", "GET", "/sfapi/GetPrinter/", True),
        ("printer_properties", "GET", "/sfapi/GetPrinterProperties/", True),
        ("prepare_upload", "GET", "/sfapi/PrepareUpload/", False),
        ("print_file", "POST", "/sfapi/Print/", False),
        ("print_url", "POST", "/sfapi/Print/", False),
        ("status", "GET", "/sfapi/Status/", True),
    ],
)
def test_as_documented(name, method, path, idempotent):
    """Each operation is the documented one, and what makes something is not repeated by itself."""
    found = operation_of(getattr(PrintApi, name))

    assert (found.method, found.path, found.idempotent) == (method, path, idempotent)


async def test_against_the_simulator(start):
    """Configuration, printers and properties are read as another reading of the documents serves them."""
    rig = await start()
    api = rig.ezeep.print_api

    assert {"pdf", "docx", "png"} < set((await api.configuration()).extensions)
    printers = await api.printers()
    assert [printer.is_queue for printer in printers] == [False, False, False, True]
    everything = await api.printer_properties()
    assert [each.id for each in everything] == [each.id for each in printers]
    assert await api.printer_properties(printer_id=printers[2].id) == [everything[2]]
    assert await api.printer_properties(name=printers[1].name) == [everything[1]]
    assert await api.printer_properties(name="Nobody & Co #1") == []
    prepared = await api.prepare_upload()
    assert prepared.file_id.startswith("ERI_")
    assert prepared.sas_uri.reveal().startswith(f"{rig.sim.blob_url}/userstorage/{prepared.file_id}?")
    assert "sig=" not in repr(prepared)


@pytest.mark.parametrize("wrong", [{"printer_id": ""}, {"name": ""}, {"printer_id": "a", "name": "b"}], ids=repr)
async def test_one_filter_at_a_time(scripted, wrong):
    """Properties are asked for by id or by name, and neither may be empty: that would be all printers."""
    script = await scripted()

    with pytest.raises(ValueError, match="printer_id or a name"):
        await script.ezeep.print_api.printer_properties(**wrong)
    assert script.stub.requests == []


@pytest.mark.parametrize(
    ("raw", "extensions"),
    [
        (b'{"System": {"FILEEXT": "PDF;docx;; png ;"}}', ("pdf", "docx", "png")),
        (b'{"System": {"FILEEXT": ""}}', ()), (b'{"System": {}}', ()), (b'{"System": null}', ()), (b"{}", ()),
    ],
)  # fmt: skip
def test_extensions(raw, extensions):
    """The list of extensions ends in a separator, may have gaps, and may be missing."""
    assert decode(raw, Configuration).extensions == extensions


def test_printers_of_an_older_server():
    """A printer that does not say whether it is a queue is none."""
    assert decode(b'[{"id": "1", "name": "n"}]', list[PrintTarget]) == [PrintTarget("1", "n", None, False)]


def test_next_to_nothing():
    """Of a printer's properties the id and the name are enough, and nothing else is made up."""
    found = decode(b'{"Id": "1", "Name": "n"}', PrinterProperties)

    assert found == PrinterProperties("1", "n")
    assert (found.defaults, found.prints_color, found.known_trays, found.known_resolutions) == (None, None, None, ())


@pytest.mark.parametrize(
    ("trays", "known"),
    [("[null]", ()), ("[]", ()), ("null", None), ('[null, {"Index": 2}]', (Tray(2),))],
)
def test_trays(trays, known):
    """A list with nothing in it is a printer without trays; no list is a printer of which that is not known."""
    found = decode(f'{{"Id": "1", "Name": "n", "Trays": {trays}}}'.encode(), PrinterProperties)

    assert found.known_trays == known


@pytest.mark.parametrize("name", ["Default", "Preset"])
def test_both_spellings(name):
    """What a printer does by default is read under both its names, with words nobody knows as they are."""
    raw = f'{{"Id": "1", "Name": "n", "{name}": {{"Color": "sepia", "Duplex": "duplex_vertical", "Tray": null}}}}'
    found = decode(raw.encode(), PrinterProperties).defaults

    assert found.color == "sepia"
    assert isinstance(found.color, DefaultColor)
    assert (found.duplex, found.tray) == (DefaultDuplex.VERTICAL, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"file_id": "f", "file_url": "u"}, {"file_id": ""}, {"file_url": ""}, {"file_id": "f", "type": ""},
        {"file_id": "f", "printer_id": ""},
    ],
    ids=repr,
)  # fmt: skip
def test_bad_requests(wrong):
    """A request has exactly one document, and says what and where to print."""
    with pytest.raises(ValueError, match="file_id"):
        PrintRequest(**{"type": "pdf", "printer_id": "p", **wrong})


def test_the_body():
    """What is not set is not sent, and the rest goes out as the vendor names it; a URL's secret is in no repr."""
    request = PrintRequest(file_url="https://x.example/?key=s3cret", type="pdf", printer_id="p",
                           properties=JobProperties(page_ranges="1", paper_id=3))  # fmt: skip

    assert decode(encode(request, revealing=True), dict[str, object]) == {
        "fileurl": "https://x.example/?key=s3cret", "type": "pdf", "printerid": "p",
        "properties": {"PageRanges": "1", "paperid": 3},
    }  # fmt: skip
    assert "s3cret" not in repr(request)
    assert request.alias is UNSET


async def test_the_wrong_operation(scripted):
    """A request for an upload is not sent by URL, nor the reverse."""
    script = await scripted()
    by_id = PrintRequest(file_id="f", type="pdf", printer_id="p")
    by_url = PrintRequest(file_url="https://x.example/a", type="pdf", printer_id="p")

    with pytest.raises(ValueError, match="print_file"):
        await script.ezeep.print_api.print_url(by_id)
    with pytest.raises(ValueError, match="print_url"):
        await script.ezeep.print_api.print_file(by_url)
    assert script.stub.requests == []


async def test_answers_of_a_print(scripted):
    """A job, a download that goes on, a refusal under 200, a 412 that is one, and an answer that cannot be read."""
    script = await scripted(
        json_response({"jobid": "a#1"}),
        json_response({"fileid": "f", "sasUri": ""}, 412),
        json_response({"code": 804, "message": "no"}),
        json_response({"code": 412, "message": "no driver"}, 412),
        json_response("text"),
    )
    request = PrintRequest(file_url="https://x.example/a", type="pdf", printer_id="p")
    send = script.ezeep.print_api.print_url

    assert await send(request) == Submission("a#1")
    assert await send(request) == Submission(file_id="f")
    with pytest.raises(PrintFailed, match="code 804: no") as refused:
        await send(request)
    assert (refused.value.code, refused.value.printer, refused.value.file_id) == (804, "p", None)
    with pytest.raises(Conflict) as conflict:
        await send(request)
    assert conflict.value.code == 412
    with pytest.raises(DecodeError):
        await send(request)
