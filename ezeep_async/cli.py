"""The command line of ezeep Blue. Needs the extra `cli`.

The credential comes from the environment: EZEEP_CLIENT_ID and EZEEP_REFRESH_TOKEN, and EZEEP_CLIENT_SECRET where the
client has one. The refresh token works once; what it is exchanged for is kept in a token file (PRINT_ASYNC_TOKENS), so
the same environment serves every run. `--simulate` needs none of it: it starts the built-in simulator for the time of
the command.
"""

import csv
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import attrs
import typer

from ezeep_async import mirror as directory
from ezeep_async.auth import ACCOUNT_URL, RefreshToken
from ezeep_async.client import MANAGEMENT_URL, PRINT_URL, Ezeep
from ezeep_async.models import User
from print_async.auth.stores.file import FileTokenStore
from print_async.batch import BatchReport, Outcome, run_batch
from print_async.console import ProgressDisplay, run, summarize_mirror, summarize_simulator, token_file
from print_async.mirror import Progress, mirror

app: typer.Typer = typer.Typer(
    help="ezeep Blue from the command line.", no_args_is_help=True, pretty_exceptions_show_locals=False
)
groups_app: typer.Typer = typer.Typer(help="Groups of users.", no_args_is_help=True)
app.add_typer(groups_app, name="groups")

Simulate = Annotated[bool, typer.Option("--simulate", help="Use the built-in simulator instead of ezeep.")]
Users = Annotated[int, typer.Option("--users", min=0, help="With --simulate: how many users it has.")]
TokenSeconds = Annotated[float, typer.Option("--token-seconds", help="With --simulate: how long its tokens live.")]
Latency = Annotated[float, typer.Option("--latency", min=0, help="With --simulate: seconds before each answer.")]


@app.callback()
def main() -> None:
    """ezeep Blue from the command line."""


@attrs.frozen
class _Connection:
    """A client, and what it is connected to."""

    ezeep: Ezeep
    source: str


@asynccontextmanager
async def _connected(simulate: bool, users: int, token_seconds: float, latency: float) -> AsyncIterator[_Connection]:
    if not simulate:
        account_url = os.environ.get("EZEEP_ACCOUNT_URL", ACCOUNT_URL)
        async with Ezeep(
            _grant_from_environment(),
            account_url=account_url,
            management_url=os.environ.get("EZEEP_MANAGEMENT_URL", MANAGEMENT_URL),
            print_url=os.environ.get("EZEEP_PRINT_URL", PRINT_URL),
            store=FileTokenStore(token_file()),
        ) as ezeep:
            yield _Connection(ezeep, account_url)
        return
    from ezeep_async.simulator import EzeepSimulator

    async with EzeepSimulator(users, token_seconds=token_seconds, latency=latency) as simulator:
        async with Ezeep(
            simulator.grant(),
            account_url=simulator.account_url,
            management_url=simulator.management_url,
            print_url=simulator.print_url,
        ) as ezeep:
            yield _Connection(ezeep, f"simulator with {users} users")
        summarize_simulator(simulator.stats)


def _grant_from_environment() -> RefreshToken:
    missing = [name for name in ("EZEEP_CLIENT_ID", "EZEEP_REFRESH_TOKEN") if not os.environ.get(name)]
    if missing:
        raise ValueError(f"set {' and '.join(missing)} in the environment, or try --simulate")
    return RefreshToken(
        os.environ["EZEEP_CLIENT_ID"],
        os.environ["EZEEP_REFRESH_TOKEN"],
        client_secret=os.environ.get("EZEEP_CLIENT_SECRET", ""),
    )


@app.command("mirror")
def mirror_command(
    out: Annotated[Path, typer.Option(help="The SQLite file.")] = Path("directory.sqlite"),
    page_size: Annotated[int, typer.Option(min=1, help="Items to ask for in each page.")] = 100,
    simulate: Simulate = False,
    users: Users = 2_000,
    token_seconds: TokenSeconds = 3600.0,
    latency: Latency = 0.01,
) -> None:
    """Copy the whole directory (groups, users, memberships, names and e-mail addresses) into a SQLite file.

    Interrupted in any way, the next run goes on from where it was.
    """

    async def command() -> None:
        async with _connected(simulate, users, token_seconds, latency) as connection:
            ezeep = connection.ezeep
            with ProgressDisplay() as display:
                report = await mirror(
                    out,
                    directory.stages(ezeep, page_size=page_size),
                    source=connection.source,
                    views=directory.VIEWS,
                    progress=display.show,
                )
            session = ezeep.session.statistics
            summarize_mirror(
                report,
                out=str(out),
                refreshes=session.refreshes,
                unauthorized=session.unauthorized,
                retries=ezeep.statistics.retries,
            )

    run(command)


@groups_app.command("add-users")
def add_users(
    group: Annotated[str, typer.Argument(help="Id or name of the group.")],
    file: Annotated[Path, typer.Option("--from", help="CSV file with a column `id` or `email`.", exists=True)],
    concurrency: Annotated[int, typer.Option(min=1, help="How many users at a time.")] = 10,
    report: Annotated[Path, typer.Option(help="Where to write what failed, and why.")] = Path("failed.csv"),
    simulate: Simulate = False,
    users: Users = 2_000,
    token_seconds: TokenSeconds = 3600.0,
    latency: Latency = 0.0,
) -> None:
    """Put the users of a CSV file into a group. Who is in it already is left alone, so it can be run again."""

    async def command() -> None:
        async with _connected(simulate, users, token_seconds, latency) as connection:
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
