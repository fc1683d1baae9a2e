"""How far something has come: bars on a terminal, plain lines elsewhere."""

import time
from types import TracebackType
from typing import Self

import rich.console
import rich.filesize
import rich.progress
import rich.status
import rich.text
import typer

from print_async.console.tables import cell
from print_async.mirror import Progress

_PLAIN_EVERY = 2.0
"""Seconds between two lines about the same stage where there is no terminal."""


class ProgressDisplay:
    """Bars on a terminal, and plain lines elsewhere. Pass its `show` as the progress callback.

    Args:
        of_bytes: Whether what is counted are bytes.
    """

    def __init__(self, *, of_bytes: bool = False) -> None:
        self._console = rich.console.Console(stderr=True)
        self._of_bytes = of_bytes
        self._bars = rich.progress.Progress(
            rich.progress.TextColumn("{task.description}"),
            rich.progress.BarColumn(),
            rich.progress.DownloadColumn() if of_bytes else rich.progress.MofNCompleteColumn(),
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
            of = f" of {self._count(progress.total)}" if progress.total and not progress.done else ""
            done = ", done" if progress.done else ""
            typer.echo(f"{progress.stage}: {self._count(progress.items)}{of}{done}", err=True)

    def _count(self, number: int) -> str:
        return rich.filesize.decimal(number) if self._of_bytes else str(number)


class StatusLine:
    """What something is doing now: a line that changes on a terminal, a line for each change elsewhere."""

    def __init__(self) -> None:
        console = rich.console.Console(stderr=True)
        self._spinner = rich.status.Status("", console=console) if console.is_terminal else None
        self._said = ""

    def __enter__(self) -> Self:
        if self._spinner is not None:
            self._spinner.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._spinner is not None:
            self._spinner.stop()

    def say(self, text: str) -> None:
        """Say what it is doing."""
        text = cell(text)
        if self._spinner is not None:
            self._spinner.update(rich.text.Text(text))
        elif text != self._said:
            typer.echo(text, err=True)
        self._said = text
