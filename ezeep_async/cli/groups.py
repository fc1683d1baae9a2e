"""`ezeep groups`."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from ezeep_async.cli.connection import Server
from ezeep_async.client import Ezeep
from ezeep_async.models import User
from print_async.batch import BatchReport, Outcome, run_batch
from print_async.console.options import with_options
from print_async.console.progress import ProgressDisplay
from print_async.console.run import run
from print_async.mirror import Progress


@with_options
def add_users(
    group: Annotated[str, typer.Argument(help="Id or name of the group.")],
    file: Annotated[Path, typer.Option("--from", help="CSV file with a column `id` or `email`.", exists=True)],
    concurrency: Annotated[int, typer.Option(min=1, help="How many users at a time.")] = 10,
    report: Annotated[Path, typer.Option(help="Where to write what failed, and why.")] = Path("failed.csv"),
    *,
    server: Server,
) -> None:
    """Put the users of a CSV file into a group. Who is in it already is left alone, so it can be run again."""

    async def command() -> None:
        async with server.connect() as connection:
            ezeep = connection.ezeep
            group_id = await _group_id(ezeep, group)
            by_email = await _ids_by_email(ezeep, {row["email"].lower() for row in _rows(file) if not row.get("id")})
            tally = await _add_all(ezeep, group_id, _rows(file), by_email, concurrency, report)
        typer.echo(f"{tally.succeeded} users are in the group, {tally.failed} failed")
        if tally.failed:
            typer.echo(f"what failed, and why: {report}")
            raise typer.Exit(1)

    run(command)


async def _add_all(
    ezeep: Ezeep,
    group_id: str,
    rows: Iterator[dict[str, str]],
    by_email: dict[str, str],
    concurrency: int,
    report: Path,
) -> BatchReport[dict[str, str], User]:
    async def add(row: dict[str, str]) -> User:
        user_id = row.get("id") or by_email.get(row["email"].lower())
        if user_id is None:
            raise LookupError(f"no user has the e-mail address {row['email']}")
        return await ezeep.users.add_to_group(user_id, group_id)

    with report.open("w", newline="", encoding="utf-8") as out, ProgressDisplay() as display:
        failed = csv.writer(out)
        failed.writerow(("id", "email", "error"))

        def show(tally: BatchReport[dict[str, str], User], outcome: Outcome[dict[str, str], User]) -> None:
            if outcome.error is not None:
                failed.writerow((outcome.item.get("id", ""), outcome.item.get("email", ""), outcome.error))
            display.show(Progress("users", tally.done, None, False))

        return await run_batch(add, rows, concurrency=concurrency, on_error="collect", progress=show)


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(newline="", encoding="utf-8-sig") as opened:
        reader = csv.DictReader(opened)
        if not {"id", "email"} & set(reader.fieldnames or ()):
            raise ValueError(f"{file} needs a first line that names a column `id` or `email`")
        try:
            for row in reader:
                if not row.get("id") and not row.get("email"):
                    raise ValueError(f"{file}, line {reader.line_num}: neither id nor email")
                yield row
        except csv.Error as error:
            raise ValueError(f"{file}, line {reader.line_num}: {error}") from None


async def _group_id(ezeep: Ezeep, wanted: str) -> str:
    matches = [group.id async for group in ezeep.groups.list() if wanted in (group.id, group.name)]
    if len(matches) != 1:
        raise ValueError(f"{len(matches)} groups have the id or name {wanted!r}; nothing was changed. Give one's id")
    return matches[0]


async def _ids_by_email(ezeep: Ezeep, wanted: set[str]) -> dict[str, str]:
    if not wanted:
        return {}
    found = {}
    async for user in ezeep.account_users.list():
        email = (user.email or "").lower()
        if email in wanted:
            found[email] = user.id
    return found
