"""How a command runs and ends, and what it says of that."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

import typer

from print_async.cost import Cost
from print_async.errors import PrintAsyncError
from print_async.mirror import MirrorReport

if TYPE_CHECKING:
    from print_async.testing.simulator import Statistics

OUTCOME_UNKNOWN = 3
"""The status of a command after which somebody has to look what has become of a document, or of money."""

_GO_ON = "interrupted. What was done stays; run the same command again to go on"


def run(command: Callable[[], Coroutine[None, None, None]], *, interrupted: str = _GO_ON) -> None:
    """Run a command, and end the process with a plain message and a status of 1 if it fails, 130 if interrupted.

    A bad argument, or a file that cannot be read or written, has the status 2.

    Args:
        command: What to run. It may raise `typer.Exit` for a status of its own.
        interrupted: What to say where somebody interrupts it.
    """
    try:
        asyncio.run(command())
    except PrintAsyncError as error:
        complain(error)
        raise typer.Exit(1) from None
    except (ValueError, OSError) as error:
        complain(error)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        typer.echo(interrupted, err=True)
        raise typer.Exit(130) from None


def complain(error: BaseException) -> None:
    """Say on standard error what went wrong, and what was noted on that."""
    typer.echo(f"error: {explained(error)}", err=True)


def explained(error: BaseException) -> str:
    """Return what an error says, with what was noted on it."""
    return ". ".join([str(error) or type(error).__name__, *getattr(error, "__notes__", ())])


def summarize_mirror(report: MirrorReport, *, out: str, refreshes: int, cost: Cost) -> None:
    """Print what a mirror did."""
    rate = report.items / report.seconds if report.seconds else 0.0
    resumed = f", after {report.resumed_at} of an interrupted run" if report.resumed_at else ""
    typer.echo(
        f"{report.items} items{resumed} in {report.seconds:.1f} s ({rate:.0f} items/s), "
        f"{report.removed} rows removed, {refreshes} token refreshes, {cost.unauthorized} answers 401, "
        f"{cost.retries} retries: {out}"
    )
    if report.unsettled:
        typer.echo(
            f"the list changed too much while it was read, or that was interrupted ({', '.join(report.unsettled)}): "
            "rows may be missing there, and none were removed. Run the same command again",
            err=True,
        )


def summarize_simulator(seen: "Statistics") -> None:
    """Say on standard error what the simulator behind a command has seen."""
    typer.echo(
        f"simulator: {seen.requests} requests, {seen.token_requests.total()} of them for tokens, "
        f"{seen.unauthorized} answered 401, {seen.refresh_reuse} refresh tokens used twice",
        err=True,
    )
