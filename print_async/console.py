"""What the vendors' command lines share: progress, summaries, and errors that end with what to do. Needs rich."""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import rich.console
import rich.progress
import typer

from print_async.errors import PrintAsyncError
from print_async.mirror import MirrorReport, Progress

if TYPE_CHECKING:
    from print_async.testing.simulator import Statistics

_PLAIN_EVERY = 2.0
"""Seconds between two lines about the same stage where there is no terminal."""


class ProgressDisplay:
    """Bars on a terminal, and plain lines elsewhere. Pass its `show` as the progress callback."""

    def __init__(self) -> None:
        self._console = rich.console.Console(stderr=True)
        self._bars = rich.progress.Progress(
            rich.progress.TextColumn("{task.description}"),
            rich.progress.BarColumn(),
            rich.progress.MofNCompleteColumn(),
            rich.progress.TimeElapsedColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._tasks: dict[str, rich.progress.TaskID] = {}
        self._shown_at = 0.0

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def show(self, progress: Progress) -> None:
        """Show how far something has come."""
        if self._console.is_terminal:
            if progress.stage not in self._tasks:
                self._tasks[progress.stage] = self._bars.add_task(progress.stage, total=progress.total)
            self._bars.update(self._tasks[progress.stage], completed=progress.items, total=progress.total)
        elif progress.done or time.monotonic() - self._shown_at >= _PLAIN_EVERY:
            self._shown_at = time.monotonic()
            of = f" of {progress.total}" if progress.total and not progress.done else ""
            typer.echo(f"{progress.stage}: {progress.items}{of}{', done' if progress.done else ''}", err=True)


def token_file() -> Path:
    """Return where the command lines keep tokens: PRINT_ASYNC_TOKENS, or a file in the user's configuration folder."""
    configured = os.environ.get("PRINT_ASYNC_TOKENS")
    return Path(configured) if configured else Path(typer.get_app_dir("print-async")) / "tokens.json"


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
