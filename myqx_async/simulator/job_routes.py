"""The operations on jobs, below `/api/v3/jobs`, and their release, below `/api/v3/printers`.

Sources: `en/rad/v4/get-jobs-state-and-metadata`, `en/rad/v4/create-and-update-jobs` and
`en/rad/v4/release-job-on-printer`. Made up where those are silent: that a user sees no job but their own; what a write
answers; that a job can be released again, but not once it is cancelled.
"""

from collections.abc import Iterable
from typing import Final

import attrs
import msgspec
from aiohttp import web

from myqx_async.simulator.access import CLIENT, USER, Gate
from myqx_async.simulator.answers import Refusal, answer, read, written
from myqx_async.simulator.directory import Directory
from myqx_async.simulator.job_data import send
from myqx_async.simulator.jobs import Record, Spooler
from myqx_async.simulator.paging import wrap
from myqx_async.simulator.printers import Fleet
from myqx_async.simulator.settings import Settings
from print_async.testing.simulator import Statistics

_SCOPE: Final = "jobs"
_ID: Final = "{id:[0-9]{1,18}}"


class Change(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """What to change about a job; `id` and `account` only where there are several."""

    id: int | None = None
    owner_id: int | msgspec.UnsetType = msgspec.UNSET
    project_id: int | msgspec.UnsetType = msgspec.UNSET
    favorite: bool | msgspec.UnsetType = msgspec.UNSET
    account: str | msgspec.UnsetType = msgspec.UNSET


class Changes(msgspec.Struct):
    """The body of a change of several jobs, in its newer shape."""

    jobs: list[Change]


class Announcement(msgspec.Struct):
    """A job that a client computer holds."""

    queue: str
    name: str
    owner: str = ""
    computer: str = ""
    size: int = 0
    uuid: str = ""


class Options(msgspec.Struct, rename="camel"):
    """How to print; the codes are not documented, so any number will do."""

    copies: int = 1
    duplex: int = 0
    color: int = 0
    stapling: int = 0
    punching: int = 0
    toner_saving: int = 0


class ReleaseOrder(msgspec.Struct, rename="camel"):
    """The body of a release; `account` must be there, if only as null."""

    job_ids: list[int]
    account: str | None
    project_id: int = 0
    release_options: Options = msgspec.field(default_factory=Options)


@attrs.frozen
class JobRoutes:
    """The routes on jobs."""

    settings: Settings
    stats: Statistics
    gate: Gate
    directory: Directory
    spooler: Spooler
    fleet: Fleet

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, for an application; words before ids."""
        return [
            web.patch("/api/v3/jobs", self.change_many),
            web.post("/api/v3/jobs/delete", self.cancel_many),
            web.post("/api/v3/jobs/client", self.announce),
            web.get(f"/api/v3/jobs/{_ID}", self.get),
            web.patch(f"/api/v3/jobs/{_ID}", self.change),
            web.delete(f"/api/v3/jobs/{_ID}", self.cancel),
            web.get(f"/api/v3/jobs/{_ID}/state", self.state),
            web.get(f"/api/v3/jobs/{_ID}/data", self.data),
            web.get(f"/api/v3/printers/{_ID}/printAll", self.print_all),
            web.post(f"/api/v3/printers/{_ID}/jobs/release", self.release),
        ]

    async def get(self, request: web.Request) -> web.Response:
        """Answer a job."""
        return answer(self._mine(self._user(request), _id(request)).job)

    async def state(self, request: web.Request) -> web.Response:
        """Answer what a job is doing."""
        return answer({"state": self.spooler.state(self._mine(self._user(request), _id(request)))})

    async def data(self, request: web.Request) -> web.StreamResponse:
        """Answer the document itself, to the application, whoever's it is."""
        self.gate.admit(request, kinds=CLIENT, scope="print")
        record = self.spooler.find(_id(request))
        if record is None or not record.has_data:
            raise Refusal(404, "Job not found")
        return await send(request, self.spooler.data(record), self.settings)

    async def change(self, request: web.Request) -> web.Response:
        """Change a job."""
        record = self._mine(self._user(request), _id(request))
        self._change([(record, await read(request, Change))])
        return written(record.job, self.settings)

    async def change_many(self, request: web.Request) -> web.Response:
        """Change several jobs, all or none."""
        user = self._user(request)
        if self.settings.bulk_patch == "object":
            changes = (await read(request, Changes)).jobs
        else:
            changes = await read(request, list[Change])
        found = [(self._mine(user, change.id), change) for change in changes if change.id is not None]
        if len(found) != len(changes):
            raise Refusal(400, "Each job needs an id")
        self._change(found)
        jobs = [record.job for record, _ in found]
        return written(wrap("jobs", jobs, len(jobs), count_is_page=True), self.settings)

    async def cancel(self, request: web.Request) -> web.Response:
        """Mark a job as cancelled."""
        self._cancel([self._mine(self._user(request), _id(request))])
        return written({}, self.settings)

    async def cancel_many(self, request: web.Request) -> web.Response:
        """Mark several jobs as cancelled, all or none."""
        user = self._user(request)
        self._cancel([self._mine(user, job_id) for job_id in await read(request, list[int])])
        return written({}, self.settings)

    async def announce(self, request: web.Request) -> web.Response:
        """Take a job that a client computer holds."""
        user = self._user(request)
        told = await read(request, Announcement)
        record = self.spooler.add(told.name, user)
        self.stats.mutations[f"job-created:{record.job.id}"] += 1
        return answer({"id": record.job.id}, status=self.settings.success_status)

    async def print_all(self, request: web.Request) -> web.Response:
        """Answer which jobs of the user could be released; nothing is printed."""
        user = self._user(request)
        self.fleet.device(_id(request))
        ready = [record for record in self.spooler.of(user) if self.spooler.state(record) == "ready"]
        content = {
            "jobs": [{"id": record.job.id, "projectId": record.project_id} for record in ready],
            "counters": [sum(record.job.page_count for record in ready)],
            "moreJobs": False,
            "projectSelected": any(record.project_id for record in ready),
        }
        return answer(content)

    async def release(self, request: web.Request) -> web.Response:
        """Accept jobs for printing, all or none, and print them later."""
        user = self._user(request)
        self.fleet.device(_id(request))
        order = await read(request, ReleaseOrder)
        if order.account is not None and not self.settings.accounts:
            raise Refusal(400, "account must be null")
        records = [self._mine(user, job_id) for job_id in order.job_ids]
        if any(record.cancelled for record in records):
            raise Refusal(409, "Job is cancelled")
        for record in records:
            record.released_at = self.settings.now()
            self.stats.mutations[f"job-released:{record.job.id}"] += 1
        return written({}, self.settings)

    def _user(self, request: web.Request) -> int:
        index = self.gate.admit(request, kinds=USER, scope=_SCOPE).index
        if index is None or not self.directory.lives(index):
            raise Refusal(404, "User not found")
        return index

    def _mine(self, user: int, job_id: int) -> Record:
        record = self.spooler.find(job_id)
        if record is None or record.owner != user:
            raise Refusal(404, "Job not found")
        return record

    def _change(self, changes: Iterable[tuple[Record, Change]]) -> None:
        owners = {id(change): self._owner(change) for _, change in changes}
        for record, change in changes:
            if change.favorite is not msgspec.UNSET:
                record.job = msgspec.structs.replace(record.job, favorite=change.favorite)
            if change.project_id is not msgspec.UNSET:
                record.project_id = change.project_id
            if change.account is not msgspec.UNSET:
                record.account = change.account
            owner = owners[id(change)]
            if owner is not None:
                self.spooler.give(record, owner)
            self.stats.mutations[f"job-updated:{record.job.id}"] += 1

    def _owner(self, change: Change) -> int | None:
        if change.owner_id is msgspec.UNSET:
            return None
        index = self.directory.index(change.owner_id)
        if index is None:
            raise Refusal(400, "There is no such owner")
        return index

    def _cancel(self, records: Iterable[Record]) -> None:
        for record in records:
            record.cancelled = True
            self.stats.mutations[f"job-cancelled:{record.job.id}"] += 1


def _id(request: web.Request) -> int:
    return int(request.match_info["id"])
