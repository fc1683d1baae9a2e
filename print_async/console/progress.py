"""How far something has come: bars on a terminal, plain lines elsewhere."""

import time
from types import TracebackType
from typing import Self

import rich.console
import rich.progress
import typer

from print_async.mirror import Progress

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
