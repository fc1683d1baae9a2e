"""The Print API, call by call (source: printapi). To print a document, see `ezeep_async.printing`, which uses these."""

from ezeep_async.models.configuration import Configuration
from ezeep_async.models.print_jobs import JobStatus, PreparedUpload, PrintRequest, Submission
from ezeep_async.models.print_printers import PrinterProperties, PrintTarget
from print_async.codec import UNSET, decode, wire
from print_async.errors import Conflict, DecodeError, PrintFailed
from print_async.model import model
from print_async.service import Call, Service, operation

_SOURCE = "printapi"
_PRINT = "/sfapi/Print/"


class PrintApi(Service):
    """Printers, uploads and jobs of the signed-in user."""

    @operation("GET", "/sfapi/GetConfiguration/", source=_SOURCE)
    async def configuration(self, call: Call) -> Configuration:
        """Return the configuration: which kinds of file can be printed."""
        return await call.fetch(Configuration)

    @operation("GET", "/sfapi/GetPrinter/", source=_SOURCE)
    async def printers(self, call: Call) -> list[PrintTarget]:
        """Return the printers that the user may print on, all of them."""
        return await call.fetch(list[PrintTarget])

    @operation("GET", "/sfapi/GetPrinterProperties/", source=_SOURCE)
    async def printer_properties(
        self, call: Call, *, printer_id: str | None = None, name: str | None = None
    ) -> list[PrinterProperties]:
        """Return what printers can do: one printer by its id (a UUID) or its name, or all of them.

        What is answered for a printer that is not there is not documented; an empty list is read as such.

        Raises:
            ValueError: Both are given, or one is empty. Nothing was sent.
        """
        if "" in (printer_id, name) or (printer_id is not None and name is not None):
            raise ValueError("give a printer_id or a name, not empty, or neither for all printers")
        return await call.fetch(list[PrinterProperties], query={"id": printer_id, "printer": name})

    @operation("GET", "/sfapi/PrepareUpload/", source=_SOURCE, idempotent=False)
    async def prepare_upload(self, call: Call) -> PreparedUpload:
        """Return a new file id, and the URL to upload the document to.

        Not repeated after a failure, as it makes something. To do so yourself does no harm: nothing is printed.
        """
        return await call.fetch(PreparedUpload)

    @operation("POST", _PRINT, source=_SOURCE, idempotent=False)
    async def print_file(self, call: Call, request: PrintRequest) -> Submission:
        """Print what was uploaded, or fetched, under a file id. Never sent twice once it may have arrived.

        Raises:
            ValueError: The request names no file. Nothing was sent.
            PrintFailed: The server refuses it.
            StatusError: Any other refusal. Of a `ServerError` it cannot be said whether the document is printed.
            TransportError, DecodeError: There is no answer, or none that can be read; see `TransportError.sent`.
        """
        if request.file_id is UNSET:
            raise ValueError("print_file wants a request with a file_id; for a URL there is print_url")
        return await _submit(call, request)

    @operation("POST", _PRINT, source=_SOURCE, idempotent=False)
    async def print_url(self, call: Call, request: PrintRequest) -> Submission:
        """Have the server fetch a document and print it.

        While it is fetching, the answer has a `file_id` and no job id, and nothing was printed: send the same with
        `print_file` and that file id, after a pause, until there is a job id. Raises as `print_file` does.
        """
        if request.file_url is UNSET:
            raise ValueError("print_url wants a request with a file_url; for an upload there is print_file")
        return await _submit(call, request)

    @operation("GET", "/sfapi/Status/", source=_SOURCE)
    async def status(self, call: Call, job_id: str) -> JobStatus:
        """Return the status of a job, by its id as it came. An unknown job has code 2.

        Raises:
            ValueError: The id is empty. Nothing was sent.
        """
        if not job_id:
            raise ValueError("job_id must not be empty")
        answer = await call.fetch(_StatusAnswer, query={"id": job_id})
        code = answer.code if answer.status is None else answer.status
        if code is None:
            raise DecodeError("the answer has neither a jobstatus nor a code")
        text = answer.message if answer.status is None else answer.text
        return JobStatus(code, text, answer.pages_printed, answer.pages_total, answer.position)


@model
class _PrintAnswer:
    """A job, or, also under the status 200, a refusal."""

    jobid: str | None = None
    code: int | None = None
    message: str | None = None


@model
class _StatusAnswer:
    """A status, or, also under the status 200, an error."""

    status: int | None = wire("jobstatus", None)
    text: str | None = wire("jobstatusstring", None)
    pages_printed: int | None = wire("jobpagesprinted", None)
    pages_total: int | None = wire("jobpagestotal", None)
    position: int | None = wire("jobposition", None)
    code: int | None = None
    message: str | None = None


async def _submit(call: Call, request: PrintRequest) -> Submission:
    try:
        response = await call.send(json=request)
    except Conflict as refused:
        # With this status a refusal comes as well; the file id is what tells them apart.
        file_id = refused.data.get("fileid") if isinstance(refused.data, dict) else None
        if refused.status == 412 and isinstance(file_id, str) and file_id:
            return Submission(file_id=file_id)
        raise
    answer = decode(response.body, _PrintAnswer)
    if not answer.jobid and answer.code:
        raise PrintFailed(
            f"the server refuses to print this (code {answer.code}{_said(answer.message)}); nothing was printed",
            code=answer.code,
            message=answer.message,
            printer=request.printer_id,
            file_id=request.file_id or None,
        )
    return Submission(answer.jobid or None)


def _said(message: str | None) -> str:
    return f": {message}" if message else ""
