"""`/printing/v1/printjobs/`: the list of print jobs.

Source: apidocs.ezeep.com, pullprintapi/pull-printing-trusted-user. The fields of a job are not documented: these are
those that a client was seen reading from a webhook.
"""

from datetime import UTC, datetime, timedelta

import attrs
from aiohttp import web

from ezeep_async.simulator.answers import add_resource, invalid
from ezeep_async.simulator.paging import Lists
from ezeep_async.simulator.print_jobs import AcceptedJob, PrintJobs

_EPOCH = datetime(2021, 7, 1, 8, tzinfo=UTC)
STATUSES = ("INQUEUE", "DONE", "EXPIRED", "ERROR")
"""What a list can be asked for."""


@attrs.define(eq=False)
class History:
    """Old jobs, and behind them all that the Print API has taken."""

    prints: PrintJobs
    old: list[dict[str, object]] = attrs.field(init=False)
    """May be changed at any time."""

    def __attrs_post_init__(self) -> None:
        self.old = [_job(number, f"old-{number}", f"{number}.pdf", status) for number, status in enumerate(STATUSES)]

    @property
    def jobs(self) -> list[dict[str, object]]:
        """All jobs, the oldest first."""
        taken = self.prints.accepted
        return [*self.old, *(self._taken(position, job) for position, job in enumerate(taken, len(self.old)))]

    def _taken(self, position: int, job: AcceptedJob) -> dict[str, object]:
        status = "INQUEUE" if job.printer.is_queue else "DONE" if self.prints.statuses[-1] == 0 else "ERROR"
        shown = _job(position, job.job_id, str(job.body.get("alias", job.file_id)), status)
        return {**shown, "printer_id": job.printer.id, "printer_name": job.printer.name}


@attrs.frozen(kw_only=True)
class PrintJobList:
    """The route."""

    history: History
    lists: Lists

    def register(self, app: web.Application) -> None:
        """Add the route."""
        add_resource(app, "/printing/v1/printjobs/", {"GET": self.list})

    async def list(self, request: web.Request) -> web.StreamResponse:
        """Answer a page of jobs: the newest first unless told otherwise, all or those of a status."""
        status, order = request.query.get("status"), request.query.get("o", "-created")
        if status not in (None, *STATUSES):
            raise invalid("status", f'"{status}" is not a valid choice.')
        if order not in ("created", "-created"):
            raise invalid("o", f'"{order}" is not a valid choice.')
        found = [job for job in self.history.jobs if status in (None, job["status"])]
        if order == "-created":
            found.reverse()
        return self.lists.by_offset(request, len(found), lambda start, stop: [*found[start:stop]])


def _job(position: int, job_id: str, filename: str, status: str) -> dict[str, object]:
    created = (_EPOCH + timedelta(minutes=position)).isoformat().replace("+00:00", "Z")
    return {"printjob_id": job_id, "filename": filename, "status": status, "created": created, "copies": 1}
