"""The list of print jobs (source: pullprintapi/pull-printing-trusted-user)."""

from ezeep_async.models.print_job_list import ListedPrintJob, PrintJobStatus
from ezeep_async.services.lists import PAGE_SIZE, pager
from print_async.paging import Pager
from print_async.service import Call, Service, operation


class PrintJobs(Service):
    """What was printed, and what waits for its release. To print, see `ezeep.printing`."""

    @operation("GET", "/printing/v1/printjobs/", source="pullprintapi/pull-printing-trusted-user")
    def list(
        self,
        call: Call,
        *,
        status: PrintJobStatus | None = None,
        newest_first: bool | None = None,
        page_size: int = PAGE_SIZE,
        prefetch: int = 1,
        concurrency: int = 1,
        resume: str | None = None,
    ) -> Pager[ListedPrintJob]:
        """Walk the print jobs. What fields they have is not documented: each comes as the server sent it.

        Args:
            status: Only those.
            newest_first: Whether the newest comes first, or the oldest; `None` leaves it to ezeep. Where the oldest
                come first, jobs that arrive meanwhile do not shift the pages.
            page_size: At most 100 are given.
            prefetch, concurrency, resume: See `print_async.Pager`.
        """
        order = None if newest_first is None else "-created" if newest_first else "created"
        query = {"o": order, "status": status}
        return pager(
            call,
            ListedPrintJob,
            key=_id,
            query=query,
            page_size=page_size,
            prefetch=prefetch,
            concurrency=concurrency,
            resume=resume,
        )


def _id(job: ListedPrintJob) -> object:
    return job.get("id")
