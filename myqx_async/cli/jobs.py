"""`myqx jobs`."""

from pathlib import Path
from typing import Annotated

import attrs
import typer

from myqx_async.cli.connection import Server
from myqx_async.client import MyQX
from myqx_async.models import Job
from print_async.batch import map_bounded
from print_async.console.options import Json, with_options
from print_async.console.progress import StatusLine
from print_async.console.run import run
from print_async.console.tables import show_json, show_table
from print_async.errors import NotFound

_CONCURRENCY = 8


@attrs.frozen
class Seen:
    """A job, as it was when it was looked at."""

    id: int
    state: str | None = None
    job: Job | None = None
    """`None` for one that is not there."""

    def as_plain(self) -> dict[str, object]:
        """Return it for JSON."""
        known = {} if self.job is None else attrs.asdict(self.job)
        return {**known, "id": self.id, "found": self.job is not None, "state": self.state}

    def as_row(self) -> tuple[object, ...]:
        """Return it for a table."""
        if self.job is None:
            return self.id, "not there", None, None, None, None
        return (
            self.id,
            self.state,
            self.job.name,
            self.job.date_time or self.job.date,
            self.job.page_count,
            self.job.cost,
        )


@with_options
def show(
    job_ids: Annotated[list[int], typer.Argument(metavar="ID...", min=0, help="Of the jobs.")],
    as_json: Json = False,
    *,
    server: Server,
) -> None:
    """Show what is known of jobs, and their states.

    MyQ documents no way to list jobs, so their ids are needed. They are those of a person, who has to be signed in with
    the scope `jobs`.
    """

    async def command() -> None:
        async with server.connect("jobs", person=True) as connection:
            jobs = connection.myqx
            found = [
                outcome.unwrap()
                async for outcome in map_bounded(
                    lambda job_id: _look(jobs, job_id), job_ids, concurrency=_CONCURRENCY, ordered=True
                )
            ]
        if as_json:
            show_json([each.as_plain() for each in found])
        else:
            columns = ("id", "state", "name", "date", "pages", "cost")
            show_table(columns, [each.as_row() for each in found])
        if not all(each.job for each in found):
            raise typer.Exit(1)

    run(command)


@with_options
def save(
    job_id: Annotated[int, typer.Argument(metavar="ID", min=0, help="Of the job, whoever it belongs to.")],
    path: Annotated[Path, typer.Argument(help="The file; one that is there is replaced.", dir_okay=False)],
    as_json: Json = False,
    *,
    server: Server,
) -> None:
    """Save the document of a job to a file. Interrupted, the next run goes on from where it was.

    This takes the application itself (client credentials), with the scope `print`.
    """

    async def command() -> None:
        async with server.connect("print") as connection:
            with StatusLine() as line:
                line.say(f"job {job_id} is being saved to {path}")
                size = await connection.myqx.jobs.save_data(job_id, path)
        if as_json:
            show_json({"id": job_id, "path": str(path), "bytes": size})
        else:
            typer.echo(f"{size} bytes of job {job_id}: {path}")

    run(command)


async def _look(myqx: MyQX, job_id: int) -> Seen:
    try:
        job = await myqx.jobs.get(job_id)
        return Seen(job_id, await myqx.jobs.state(job_id), job)
    except NotFound:
        return Seen(job_id)
