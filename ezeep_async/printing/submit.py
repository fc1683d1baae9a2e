"""Handing a document over to the print server, once.

The one rule: what may have arrived is not sent again. Before that, the caller of the Print API tries again by itself:
where no connection was made, and where the answer was 429.
"""

import attrs

from ezeep_async.models.print_jobs import PrintRequest, Submission
from ezeep_async.models.print_printers import PrintTarget
from ezeep_async.services.print_api import PrintApi
from print_async.clock import Clock
from print_async.codec import UNSET
from print_async.errors import (
    DecodeError,
    PrintAsyncError,
    PrintFailed,
    PrintOutcomeUnknown,
    PrintTimeout,
    StatusError,
    TransportError,
)
from print_async.polling import Intervals, poll

_FETCH_INTERVALS = Intervals(first=1.0, factor=1.5, longest=10.0)
_REQUEST_TIMEOUT = 408
# The API's own no comes with these as well as with 200; what else has one of them is about the credential or the path.
_REFUSALS = frozenset({400, 409, 412, 422})


@attrs.frozen
class Submitter:
    """Hands documents over to the API, for one printer."""

    api: PrintApi
    clock: Clock
    printer: PrintTarget

    async def submit(self, request: PrintRequest) -> Submission:
        """Hand a document over, once.

        Raises:
            PrintOutcomeUnknown: It may have arrived, and there is no answer that says so.
            PrintFailed: The server refuses it.
            StatusError, TransportError, AuthError: It was not taken, for certain.
        """
        submitted_at = self.clock.time()
        try:
            if request.file_url is UNSET:
                answer = await self.api.print_file(request)
            else:
                answer = await self.api.print_url(request)
        except (TransportError, StatusError, DecodeError) as error:
            if _may_have_printed(error):
                raise self._unknown(request, submitted_at, str(error)) from error
            if isinstance(error, StatusError) and error.status in _REFUSALS and isinstance(error.code, int):
                raise _refused(request, error.code, error) from error
            raise
        if answer.job_id is None and answer.file_id is None and not self.printer.is_queue:
            raise self._unknown(request, submitted_at, "the answer has no job id")
        return answer

    async def submit_until_fetched(
        self,
        request: PrintRequest,
        timeout: float | None,  # noqa: ASYNC109 - on the session's clock
    ) -> tuple[Submission, str | None]:
        """Have a document fetched and printed; return the job, and the file id if there was something to wait for.

        Raises:
            PrintTimeout: The server is still fetching it when the time is over. Nothing was printed.
            PrintOutcomeUnknown, PrintFailed, StatusError, TransportError, AuthError: As `submit`.
        """
        asking, answer, file_id = request, Submission(), None

        async def look() -> bool:
            nonlocal asking, answer, file_id
            answer = await self.submit(asking)
            if answer.file_id is None:
                return True
            file_id = answer.file_id
            asking = attrs.evolve(request, file_url=UNSET, file_id=file_id)
            return False

        if not await poll(look, clock=self.clock, timeout=timeout, intervals=_FETCH_INTERVALS):
            raise PrintTimeout(
                f"the server is still fetching the document after {timeout:g} seconds. Nothing was printed; print it "
                "again with more time, or by its file id",
                printer=request.printer_id,
                file_id=file_id,
            )
        return answer, file_id

    def _unknown(self, request: PrintRequest, submitted_at: float, why: str) -> PrintOutcomeUnknown:
        return PrintOutcomeUnknown(
            f"the document was handed over to {self.printer.name}, and whether it is printed is not known: {why}. "
            "It was not sent again. Look at the printer or its queue before you print it again",
            printer=request.printer_id,
            file_id=request.file_id or None,
            document=request.alias or None,
            submitted_at=submitted_at,
        )


def _may_have_printed(error: PrintAsyncError) -> bool:
    if isinstance(error, TransportError):
        return error.sent
    # A gateway's 5xx says nothing of the server behind it, and the server's own not how far it came.
    return not isinstance(error, StatusError) or error.status >= 500 or error.status == _REQUEST_TIMEOUT


def _refused(request: PrintRequest, code: int, error: StatusError) -> PrintFailed:
    return PrintFailed(
        f"the server refuses to print this: {error}. Nothing was printed",
        code=code,
        message=error.message,
        printer=request.printer_id,
        file_id=request.file_id or None,
    )
