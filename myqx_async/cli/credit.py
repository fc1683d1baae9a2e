"""`myqx credit`."""

import csv
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import attrs
import typer

from myqx_async.auth import server_url
from myqx_async.cli.connection import Connection, Server
from myqx_async.cli.recharge_file import Row, read_rows
from myqx_async.cli.recharge_run import Recharge, State, plan, recharge_all
from myqx_async.services.recharge import EXTERNAL
from print_async.console.journal import Entry, Journal, Key, missing, read_journal
from print_async.console.options import Json, with_options
from print_async.console.progress import ProgressDisplay
from print_async.console.run import OUTCOME_UNKNOWN, run
from print_async.console.tables import cell, show_json, show_table

_SCOPE = "users credit"
_SHOWN = 50
_SETTLED = (State.READY, State.CREDITED, State.BEFORE)


@attrs.frozen(kw_only=True)
class Job:
    """What is to be done, and where it is written down."""

    file: Path
    rows: Sequence[Row]
    journal: Path
    provider: str
    concurrency: int
    retry_unknown: bool
    report: Path


@with_options
def recharge(
    file: Annotated[
        Path,
        typer.Option("--from", help="CSV file with the columns `user` (id or user name) and `amount`.", exists=True),
    ],
    commit: Annotated[bool, typer.Option("--commit", help="Do it. Without this, nothing is changed.")] = False,
    provider: Annotated[str, typer.Option(help="Reference of the payment provider.")] = EXTERNAL,
    concurrency: Annotated[int, typer.Option(min=1, help="How many rows at a time.")] = 5,
    report: Annotated[Path, typer.Option(help="Where to write what failed and what is unknown, and why.")] = Path(
        "recharge-report.csv"
    ),
    retry_unknown: Annotated[
        bool,
        typer.Option("--retry-unknown", help="Do those rows again, after you have seen that nothing was credited."),
    ] = False,
    as_json: Json = False,
    *,
    server: Server,
) -> None:
    """Recharge the credit of the users in a CSV file; without --commit, only check and show what that would do.

    With --commit, every row is written down in a journal beside the file before its credit can change, and after. So
    the command can be interrupted in any way and run again: no row is credited twice. A row whose outcome nobody knows
    is left alone, and reported, until you have looked: do it with --retry-unknown, or take it for done by writing
    `done` for `begun` or `unknown` in its last line in the journal.

    It ends with 1 where rows failed or are wrong, and with 3 where the outcome of some is unknown.
    """

    async def command() -> None:
        rows = read_rows(file)
        where = file.resolve()
        job = Job(
            file=file,
            rows=rows,
            journal=where.with_name(f"{where.name}{'.simulated' if server.simulate else ''}.journal"),
            provider=provider,
            concurrency=concurrency,
            retry_unknown=retry_unknown,
            report=report,
        )
        async with server.connect(_SCOPE) as connection:
            at = connection.source if server.simulate else server_url(connection.source)
            about = {"server": at, "provider": provider}
            planned = await (_commit if commit else _look)(connection, job, about)
        done = commit and not any(each.state is State.WRONG for each in planned)
        _show(planned, job, committed=done, as_json=as_json)
        raise typer.Exit(_status(planned))

    run(command)


async def _look(connection: Connection, job: Job, about: dict[str, str]) -> list[Recharge]:
    return await _plan(connection, job, read_journal(job.journal, about))


async def _commit(connection: Connection, job: Job, about: dict[str, str]) -> list[Recharge]:
    with Journal.open(job.journal, about) as journal:
        planned = await _plan(connection, job, journal.entries)
        if any(each.state is State.WRONG for each in planned):
            return planned
        try:
            with ProgressDisplay() as display:
                await recharge_all(
                    connection.myqx,
                    journal,
                    planned,
                    provider=job.provider,
                    concurrency=job.concurrency,
                    show=display.show,
                )
        except OSError as error:
            error.add_note("Nothing was begun after that, and what was credited stays; run it again to see the rest")
            raise
        finally:
            _write_report(job.report, planned)
    return planned


async def _plan(connection: Connection, job: Job, entries: dict[Key, Entry]) -> list[Recharge]:
    gone = missing(entries, [row.key for row in job.rows])
    if gone:
        named = ", ".join(f"{user}: {amount}" for user, amount, _ in gone[:5])
        raise ValueError(
            f"{len(gone)} rows that were credited, or may have been, are not in {job.file} any more ({named}); nothing "
            "was changed. Put them back as they were, or use a new file for what is to be credited now"
        )
    with ProgressDisplay() as display:
        return await plan(
            connection.myqx,
            job.rows,
            entries,
            retry_unknown=job.retry_unknown,
            concurrency=job.concurrency,
            show=display.show,
        )


def _write_report(path: Path, planned: Sequence[Recharge]) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        report = csv.writer(out)
        report.writerow(("line", "user", "amount", "state", "payment", "error"))
        for each in planned:
            if each.state in (State.FAILED, State.UNKNOWN):
                row = each.row
                report.writerow((row.line, row.user, f"{row.amount:f}", each.state, each.payment_id, each.note))


def _show(planned: Sequence[Recharge], job: Job, *, committed: bool, as_json: bool) -> None:
    counts = Counter(each.state for each in planned)
    state = State.CREDITED if committed else State.READY
    total = sum((each.row.amount for each in planned if each.state is state), Decimal(0))
    if as_json:
        rows = [_plain(each) for each in planned]
        show_json(
            {"committed": committed, "amount": total, "counts": counts, "journal": str(job.journal), "rows": rows}
        )
        return
    shown = planned if len(planned) <= _SHOWN and not committed else [p for p in planned if p.state not in _SETTLED]
    if shown:
        show_table(("line", "user", "name", "amount", "state", "what"), map(_row, shown[:_SHOWN]))
        left = len(planned) - len(shown[:_SHOWN])
        typer.echo(f"{left} further rows are not shown\n" if left else "")
    others = "".join(f"; {counts[each]} {each}" for each in State if each is not state and counts[each])
    typer.echo(f"{counts[state]} {state}, {cell(total)} in all{others}")
    typer.echo(_next_step(counts, job, committed=committed), err=True)


def _next_step(counts: Counter[State], job: Job, *, committed: bool) -> str:
    if not committed:
        twice = "" if not counts[State.UNKNOWN] else f", and look for what is unknown ({job.journal})"
        if counts[State.WRONG]:
            return f"nothing was changed. Correct what is wrong{twice}"
        return f"nothing was changed. With --commit, what is ready is credited{twice}"
    if counts[State.FAILED] or counts[State.UNKNOWN]:
        return f"what failed, and what is unknown: {job.report}. Run it again for what failed; look for what is unknown"
    return f"journal: {job.journal}"


def _plain(each: Recharge) -> dict[str, object]:
    return {
        "line": each.row.line,
        "user": each.row.user,
        "user_id": None if each.user is None else each.user.id,
        "username": None if each.user is None else each.user.username,
        "name": None if each.user is None else each.user.fullname,
        "amount": each.row.amount,
        "state": each.state,
        "payment_id": each.payment_id,
        "error": each.note,
    }


def _row(each: Recharge) -> tuple[object, ...]:
    name = None if each.user is None else f"{each.user.fullname or each.user.username} ({each.user.id})"
    what = each.note or (f"payment {each.payment_id}" if each.payment_id else None)
    return each.row.line, each.row.user, name, each.row.amount, each.state, what


def _status(planned: Sequence[Recharge]) -> int:
    states = {each.state for each in planned}
    if State.UNKNOWN in states:
        return OUTCOME_UNKNOWN
    return 1 if states & {State.FAILED, State.WRONG} else 0
