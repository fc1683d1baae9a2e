"""Jobs (source: rad/v4/get-jobs-state-and-metadata, rad/v4/create-and-update-jobs).

MyQ's pages name a list of jobs, and do not say how it is called or what it gives: it has no method here. `request` of
the client can try it.
"""

from collections.abc import Collection, Iterable
from pathlib import Path

from myqx_async.models.jobs import (
    CreatedJob,
    Job,
    JobChanges,
    JobState,
    JobStatus,
    JobUpdate,
    JobUpdates,
    NewClientJob,
)
from myqx_async.services.release import PENDING_STATES, Waiting, job_numbers
from print_async.auth.token import TokenKind
from print_async.codec import decode
from print_async.download import Download, download
from print_async.envelope import envelope_decoder
from print_async.part_file import save
from print_async.polling import Intervals
from print_async.service import Call, Service, operation

_READ = "rad/v4/get-jobs-state-and-metadata"
_CHANGE = "rad/v4/create-and-update-jobs"
_SCOPES = ("jobs",)
_KINDS = (TokenKind.USER,)
_DATA = operation("GET", "/v3/jobs/{job_id}/data", scopes=("print",), kinds=(TokenKind.CLIENT,), source=_READ)


class Jobs(Service):
    """The print jobs of the signed-in user; their data, of all users, are for the application itself."""

    @operation("GET", "/v3/jobs/{job_id}", scopes=_SCOPES, kinds=_KINDS, source=_READ)
    async def get(self, call: Call, job_id: int) -> Job:
        """Return one job; `NotFound` if the user has none of that id."""
        return await call.fetch(Job, path={"job_id": job_id})

    @operation("GET", "/v3/jobs/{job_id}/state", scopes=_SCOPES, kinds=_KINDS, source=_READ)
    async def state(self, call: Call, job_id: int) -> JobState:
        """Return the state of a job; `NotFound` if the user has none of that id."""
        return (await call.fetch(JobStatus, path={"job_id": job_id})).state

    @operation("PATCH", "/v3/jobs/{job_id}", scopes=_SCOPES, kinds=_KINDS, idempotent=True, source=_CHANGE)
    async def update(self, call: Call, job_id: int, changes: JobChanges) -> Job | None:
        """Change a job and return it; `None` where the server accepts without saying anything."""
        body = (await call.send(path={"job_id": job_id}, json=changes)).body
        return decode(body, Job) if body else None

    @operation("PATCH", "/v3/jobs", scopes=_SCOPES, kinds=_KINDS, idempotent=True, source=_CHANGE)
    async def update_many(self, call: Call, updates: Iterable[JobUpdate]) -> tuple[Job, ...]:
        """Change several jobs in one request and return them; empty where the server says nothing of them.

        MyQ's pages show two shapes for it. This is the newer, an object; the older, an array, has no ids in it. A
        server that knows only that one answers `BadRequest`: change the jobs one by one there.

        Raises:
            ValueError: There is none to change, or one is named twice.
        """
        wanted = JobUpdates(tuple(updates))
        job_numbers(update.id for update in wanted.jobs)
        body = (await call.send(json=wanted)).body
        return tuple(envelope_decoder(Job, "jobs")(body).items) if body else ()

    @operation("DELETE", "/v3/jobs/{job_id}", scopes=_SCOPES, kinds=_KINDS, source=_CHANGE)
    async def cancel(self, call: Call, job_id: int) -> None:
        """Cancel a job. The server keeps it, marked as cancelled."""
        await call.send(path={"job_id": job_id})

    @operation("POST", "/v3/jobs/delete", scopes=_SCOPES, kinds=_KINDS, idempotent=True, source=_CHANGE)
    async def cancel_many(self, call: Call, job_ids: Iterable[int]) -> None:
        """Cancel several jobs in one request.

        Raises:
            ValueError: There are none, or one is named twice.
        """
        await call.send(json=job_numbers(job_ids))

    @operation("POST", "/v3/jobs/client", scopes=_SCOPES, kinds=_KINDS, source=_CHANGE)
    async def create_client(self, call: Call, job: NewClientJob) -> CreatedJob:
        """Announce a job that the user's computer holds: what is known of it, not its data.

        How the data get to the server, and whether there are further fields, MyQ does not say. Of the answer it says
        that the new job's id is in it.

        Not repeated after a failure in which the server may have acted.
        """
        body = (await call.send(json=job)).body
        return decode(body, CreatedJob) if body else CreatedJob()

    @_DATA
    def data(self, call: Call, job_id: int, *, start: int = 0, end: int | None = None) -> Download:
        """Read the bytes of a job, or a range of them, straight from the wire.

            async with myqx.jobs.data(501) as data:
                async for chunk in data:
                    ...

        Args:
            job_id: The job; of any user, for this takes the application's token.
            start, end: The first and the last byte, from 0, both included; up to the end without `end`.

        Raises:
            ValueError: `start` is negative, or `end` before it. Further errors are those of `Download`.
        """
        return download(call, path={"job_id": job_id}, start=start, end=end)

    @_DATA
    async def save_data(self, call: Call, job_id: int, path: str | Path) -> int:
        """Save the bytes of a job to a file and return how many there are.

        They go to `NAME.part` first, which becomes the file when it is whole. If the connection breaks, or in a later
        run, it goes on from where it was. What is raised, and what is left then, tells `print_async.part_file.save`.
        """
        return await save(
            lambda start, end: download(call, path={"job_id": job_id}, start=start, end=end),
            path,
            retry=call.retry,
            clock=call.clock,
        )

    async def wait_released(
        self,
        job_ids: Iterable[int],
        *,
        timeout: float | None = 300.0,  # noqa: ASYNC109 - it is counted on the client's clock
        intervals: Intervals | None = None,
        pending: Collection[str] = PENDING_STATES,
    ) -> dict[int, JobState | None]:
        """Wait until released jobs have left the states in which they wait to be printed, or are.

        Returns the state in which each was seen then, which need not be a success; `None` where the server has the job
        no more. A state that nobody here knows counts as one in which the job is out.

        Args:
            job_ids: The jobs.
            timeout: Seconds; `None` for no end.
            intervals: The pauses between looks, growing from half a second to ten.
            pending: The states to wait out, whatever their case. MyQ documents `processing` alone.

        Raises:
            ValueError: There are no jobs, one is named twice, or `timeout` is negative.
            ReleaseTimeout: Not in time; `pending` has the jobs that are left. Nothing was called off, so wait again.
            StatusError, AuthError, TransportError: A state could not be read; a note names the jobs that are left.
        """
        jobs = job_numbers(job_ids)
        return await Waiting(self.state, jobs, pending).until_done(self._caller.clock, timeout, intervals)
