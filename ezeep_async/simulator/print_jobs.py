"""Print jobs: what was taken, and what becomes of it.

Sources: apidocs.ezeep.com, printapi; ezeepAPi/printingapi, README.md; what ezeep/ezeep-js reads and sends.
"""

import secrets
from collections.abc import Mapping
from typing import cast

import attrs

from ezeep_async.simulator.blob_storage import BlobStorage
from ezeep_async.simulator.print_printers import PrintPrinter
from print_async.testing.simulator import Statistics

_TYPES = "bmp csv docx gif htm html jpeg jpg odt pdf png pptx rtf tif tiff txt xlsx xml xps"
_TEXTS = {"fileid", "fileurl", "type", "printerid", "alias"}
_PROPERTIES: dict[str, type] = {
    **dict.fromkeys(("paper", "resolution", "trayname", "PageRanges"), str),
    **dict.fromkeys(("paperid", "paperlength", "paperwidth", "duplexmode", "orientation", "copies"), int),
    **dict.fromkeys(("color", "duplex"), bool),
    "defaultSource": int,
}
_FLAGS = {0: "", 129: "PRINTING|RETAINED|", 1246: ""}


class PrintRefusal(Exception):
    """Ends a request in the manner of the Print API: a code, and mostly a text."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@attrs.define
class AcceptedJob:
    """A document that was taken for printing."""

    job_id: str
    file_id: str
    printer: PrintPrinter
    body: dict[str, object]
    """The request that it came with."""
    polls: int = 0
    """How often its status was asked for."""


@attrs.define(eq=False)
class PrintJobs:
    """All jobs. The switches may be changed at any time."""

    printers: tuple[PrintPrinter, ...]
    blobs: BlobStorage
    statistics: Statistics
    url_downloads: int = 0
    """How often a print by URL is answered 412 before the document is there."""
    reject_code: int | None = None
    """The code with which every print is refused, in an answer of status 200; `None` to take them."""
    statuses: tuple[int, ...] = (1246, 129, 0)
    """What a job's status is at each question; the last stays."""
    pages: int = 1
    """How many pages a document has."""
    accepted: list[AcceptedJob] = attrs.field(factory=list[AcceptedJob])
    """What was taken, in its order. A document that is in here twice was printed twice."""
    _jobs: dict[str, AcceptedJob] = attrs.field(factory=dict[str, AcceptedJob])
    _downloads: dict[str, int] = attrs.field(factory=dict[str, int])
    """By file id, how many times more a download is answered that it is not done."""

    @property
    def extensions(self) -> tuple[str, ...]:
        """What can be printed."""
        return tuple(_TYPES.split())

    @property
    def doubles(self) -> int:
        """How many documents were taken beyond the first time each."""
        return len(self.accepted) - len({job.file_id for job in self.accepted})

    def find_printer(self, printer_id: str) -> PrintPrinter | None:
        """Return the printer of an id."""
        return next((each for each in self.printers if each.id == printer_id), None)

    def print(self, body: dict[str, object]) -> AcceptedJob | str:
        """Take a document, or return the id of one that is still being fetched.

        Raises:
            PrintRefusal: It is not printed.
        """
        printer = self._check(body)
        if self.reject_code is not None:
            raise PrintRefusal(self.reject_code, "The print request was rejected.", 200)
        file_id = self._file_of(body)
        if self._downloads.get(file_id, 0) > 0:
            self._downloads[file_id] -= 1
            return file_id
        return self._accept(file_id, printer, body)

    def status(self, job_id: str) -> Mapping[str, object]:
        """Return the status of a job, one step further with each question."""
        job = self._jobs.get(job_id)
        if job is None:
            cut = any("#" in known and known.partition("#")[0] == job_id for known in self._jobs)
            return _status(87 if cut else 2, "ERROR|", 0, 0)
        # A queue stores the document and prints nothing, so there is never a status.
        sequence = (1246,) if job.printer.is_queue else self.statuses
        code = sequence[min(job.polls, len(sequence) - 1)]
        job.polls += 1
        return _status(code, _FLAGS.get(code, "ERROR|"), self.pages if code == 0 else 0, self.pages)

    def _check(self, body: dict[str, object]) -> PrintPrinter:
        for name in _TEXTS & set(body):
            if not isinstance(body[name], str) or not body[name]:
                raise _wrong(name)
        if ("fileid" in body) == ("fileurl" in body):
            raise _wrong("fileid")
        if not isinstance(body.get("printanddelete", False), bool):
            raise _wrong("printanddelete")
        check_properties(body.get("properties", {}))
        if body.get("type") not in self.extensions:
            raise PrintRefusal(50, "The request is not supported.")
        printer = self.find_printer(str(body.get("printerid")))
        if printer is None:
            raise PrintRefusal(1801, "The printer name is invalid.")
        return printer

    def _file_of(self, body: dict[str, object]) -> str:
        if "fileurl" in body:
            file_id = new_file_id()
            self._downloads[file_id] = self.url_downloads
            return file_id
        file_id = str(body["fileid"])
        if file_id not in self._downloads and not self.blobs.has(file_id):
            raise PrintRefusal(2, "The system cannot find the file specified.")
        return file_id

    def _accept(self, file_id: str, printer: PrintPrinter, body: dict[str, object]) -> AcceptedJob:
        number = len(self.accepted) + 1
        job_id = f"ezprnds-d000001:{printer.name[:5]}_tpcb_788_{number}#{secrets.randbelow(2**31)}:{number}"
        job = AcceptedJob(job_id, file_id, printer, body)
        self.accepted.append(job)
        self._jobs[job_id] = job
        self.statistics.mutations[f"print:{file_id}"] += 1
        if body.get("printanddelete"):
            self.blobs.delete(file_id)
            self._downloads.pop(file_id, None)
        return job


def new_file_id() -> str:
    """Return an id for a document."""
    raw = secrets.token_hex(16)
    return f"ERI_{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"


def check_properties(given: object) -> None:
    """Check how a document is to be printed; raise `PrintRefusal` where a name or a type is not the vendor's."""
    if not isinstance(given, dict):
        raise _wrong("properties")
    properties = cast("dict[str, object]", given)
    for name, value in properties.items():
        # Exactly the type: a bool is an int to Python, and not to JSON.
        if type(value) is not _PROPERTIES.get(name):
            raise _wrong(name)
    if {"paperlength", "paperwidth"} & set(properties) and properties.get("paperid") != 256:
        raise _wrong("paperid")


def _wrong(name: str) -> PrintRefusal:
    return PrintRefusal(87, f"The parameter is incorrect. ({name})")


def _status(code: int, text: str, printed: int, total: int) -> Mapping[str, object]:
    return {
        "jobpagesprinted": printed,
        "jobpagestotal": total,
        "jobposition": 1,
        "jobstatus": code,
        "jobstatusstring": text,
    }
