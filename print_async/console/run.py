"""How a command runs and ends, and what it says of that."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

import typer

from print_async.errors import PrintAsyncError
from print_async.mirror import MirrorReport

if TYPE_CHECKING:
    from print_async.testing.simulator import Statistics


def run(command: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run a command, and end the process with a plain message and a status of 1 if it fails, 130 if interrupted."""
    try:
        asyncio.run(command())
    except PrintAsyncError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    except (ValueError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        typer.echo("interrupted. What was done stays; run the same command again to go on", err=True)
        raise typer.Exit(130) from None


def summarize_mirror(report: MirrorReport, *, out: str, refreshes: int, unauthorized: int, retries: int) -> None:
    """Print what a mirror did."""
    rate = report.items / report.seconds if report.seconds else 0.0
    resumed = f", after {report.resumed_at} of an interrupted run" if report.resumed_at else ""
    typer.echo(
        f"{report.items} items{resumed} in {report.seconds:.1f} s ({rate:.0f} items/s), "
        f"{report.removed} rows removed, {refreshes} token refreshes, {unauthorized} answers 401, {retries} retries: "
        f"{out}"
    )


def summarize_simulator(seen: "Statistics") -> None:
    """Print what the simulator behind a command has seen."""
    typer.echo(
        f"simulator: {seen.requests} requests, {seen.token_requests.total()} of them for tokens, "
        f"{seen.unauthorized} answered 401, {seen.refresh_reuse} refresh tokens used twice"
    )
