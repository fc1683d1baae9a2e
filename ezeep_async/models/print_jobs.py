"""Documents on their way to a printer: the upload, the job, its status (source: printapi)."""

from enum import Enum

import attrs

from print_async.codec import UNSET, UnsetType, wire
from print_async.model import model
from print_async.secret import Secret


@model
class PreparedUpload:
    """Where to upload a document to (PrepareUpload)."""

    file_id: str = wire("fileid")
    sas_uri: Secret = wire("sasUri")
    """The whole URL, signed: whoever has it can write there, until the time in its `se`. It goes out byte for byte."""


@attrs.frozen(kw_only=True)
class JobProperties:
    """How to print. What is `UNSET` is left to the printer."""

    paper: str | UnsetType = UNSET
    """Name of one of the printer's paper formats."""
    paper_id: int | UnsetType = wire("paperid", UNSET)
    """Its id; 256 for a custom size."""
    paper_length: int | UnsetType = wire("paperlength", UNSET)
    """In 0.1 mm; with paper id 256 only."""
    paper_width: int | UnsetType = wire("paperwidth", UNSET)
    """In 0.1 mm; with paper id 256 only."""
    color: bool | UnsetType = UNSET
    duplex: bool | UnsetType = UNSET
    duplex_mode: int | UnsetType = wire("duplexmode", UNSET)
    """1 one-sided, 2 long edge, 3 short edge."""
    orientation: int | UnsetType = UNSET
    """1 portrait, 2 landscape."""
    copies: int | UnsetType = UNSET
    resolution: str | UnsetType = UNSET
    """One of the printer's resolutions."""
    default_source: int | UnsetType = wire("defaultSource", UNSET)
    """Index of a tray. Only clients were seen sending it."""
    tray_name: str | UnsetType = wire("trayname", UNSET)
    """Name of the same tray. Only clients were seen sending it."""
    page_ranges: str | UnsetType = wire("PageRanges", UNSET)
    """Such as `1-2;4-5;8`. Only clients were seen sending it."""


def _secret(text: str | UnsetType) -> Secret | UnsetType:
    return Secret(text) if isinstance(text, str) else text


@attrs.frozen(kw_only=True)
class PrintRequest:
    """A document to be printed: one that was uploaded, or one that the server is to fetch.

    Raises:
        ValueError: Not exactly one of `file_id` and `file_url` is given, or a text is empty.
    """

    file_id: str | UnsetType = wire("fileid", UNSET)
    """Of `PreparedUpload`."""
    file_url: Secret | UnsetType = attrs.field(default=UNSET, converter=_secret, metadata=wire("fileurl").metadata)
    """Reachable by the server, with whatever credential that takes in it, so it becomes a `Secret`."""
    type: str
    """The file extension: lower case, without a dot."""
    printer_id: str = wire("printerid")
    """UUID."""
    alias: str | UnsetType = UNSET
    """The document's name; the file id by default."""
    print_and_delete: bool | UnsetType = wire("printanddelete", UNSET)
    """Whether the upload is deleted when printed. By default it stays, and can be printed again."""
    properties: JobProperties | UnsetType = UNSET

    def __attrs_post_init__(self) -> None:
        if (self.file_id is UNSET) == (self.file_url is UNSET):
            raise ValueError("give one of file_id and file_url")
        if "" in (self.file_id, self.file_url, self.type, self.printer_id):
            raise ValueError("file_id, file_url, type and printer_id must not be empty")


@model
class Submission:
    """What became of a document that was handed over."""

    job_id: str | None = None
    """The job's id, as it is: with colons, hash signs and spaces. `None` where there is no job yet."""
    file_id: str | None = None
    """Set where the server is still downloading the document: nothing was printed, ask again with this id."""


class JobState(Enum):
    """What a status says, in short."""

    WAITING = "waiting"
    """There is no status yet."""
    PRINTING = "printing"
    FINISHED = "finished"
    FAILED = "failed"


_STATES = {0: JobState.FINISHED, 129: JobState.PRINTING, 1246: JobState.WAITING}


@model
class JobStatus:
    """The status of a print job (Status)."""

    code: int = wire("jobstatus")
    """0 finished, 129 being printed, 1246 no status yet, 3011 failed, 2 unknown job, 87 invalid id. The numbers are
    those of Windows' system errors; any other is a failure."""
    text: str | None = wire("jobstatusstring", None)
    """Words with a `|` after each, such as `PRINTING|RETAINED|`; may be empty."""
    pages_printed: int | None = wire("jobpagesprinted", None)
    pages_total: int | None = wire("jobpagestotal", None)
    position: int | None = wire("jobposition", None)

    @property
    def state(self) -> JobState:
        """What the code means."""
        return _STATES.get(self.code, JobState.FAILED)

    @property
    def is_final(self) -> bool:
        """Whether it will not change any more."""
        return self.state in (JobState.FINISHED, JobState.FAILED)

    @property
    def flags(self) -> tuple[str, ...]:
        """The words of `text`."""
        return tuple(flag for flag in (self.text or "").split("|") if flag)
