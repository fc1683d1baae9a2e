"""Copying lists into a SQLite file, so that a crash at any moment costs nothing but time.

Each page is written in one transaction together with the cursor behind it. Killed at any point, even by `kill -9`, the
next run reads the cursor and goes on; what it writes again, it writes over. A run that reaches the end removes the rows
that the server has no longer; the run after that one begins anew, and brings the file up to date.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing
from pathlib import Path
from typing import Any, Generic, TypeVar

import attrs

from print_async.mirror_file import MirrorFile, Row, Table
from print_async.paging import Pager

T = TypeVar("T")


@attrs.frozen
class Stage(Generic[T]):
    """One list, and the tables its items go to."""

    name: str
    tables: Sequence[Table]
    pager: Callable[[str | None], Pager[T]]
    """Make the pager, from a cursor if there is one."""
    rows: Callable[[T], Iterable[Row]]
    """Make the rows of one item."""


@attrs.frozen
class Progress:
    """How far a stage has come."""

    stage: str
    items: int
    """Items copied in this run, by this process and by those before it that were interrupted."""
    total: int | None
    """How many there are, if the server says."""
    done: bool


@attrs.frozen
class MirrorReport:
    """What a run of a mirror did."""

    items: int
    """Items copied by this process."""
    resumed_at: int
    """Items that an interrupted run had copied before."""
    removed: int
    """Rows that the server has no longer."""
    seconds: float


async def mirror(
    path: str | Path,
    stages: Sequence[Stage[Any]],
    *,
    source: str,
    views: Sequence[str] = (),
    progress: Callable[[Progress], None] = lambda _: None,
) -> MirrorReport:
    """Copy the lists into a SQLite file, one stage after the other, going on from where an interrupted run stopped.

    Args:
        path: The file; made if it is not there.
        stages: What to copy. Changing them between runs of one file is not supported.
        source: What is mirrored, such as the server's URL: a file belongs to one source.
        views: `CREATE VIEW IF NOT EXISTS` statements over the tables.
        progress: Called after each page.

    Raises:
        MirrorError: The file belongs to another source, is in use by another process, or is no SQLite file.
        PrintAsyncError: The walk failed. What was copied stays; run it again to go on.
    """
    started = time.monotonic()
    loop = asyncio.get_running_loop()
    # SQLite is used from one thread of its own, so a slow disk does not hold up the event loop.
    with ThreadPoolExecutor(1, thread_name_prefix="mirror") as thread:
        tables = [table for stage in stages for table in stage.tables]
        opening = thread.submit(MirrorFile.open, Path(path), source, tables, views)
        try:
            file = await asyncio.wrap_future(opening)
            names = [stage.name for stage in stages]
            resumed_at = await loop.run_in_executor(thread, file.begin, names)
            removed = 0
            for stage in stages:
                removed += await _Copy(stage, file, thread, progress).run()
            items = await loop.run_in_executor(thread, file.items) - resumed_at
        finally:
            # Shielded, and whatever became of the opening: a file left open would stay locked.
            await asyncio.shield(loop.run_in_executor(thread, _close, opening))
    return MirrorReport(items, resumed_at, removed, time.monotonic() - started)


def _close(opening: "Future[MirrorFile]") -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


@attrs.frozen
class _Copy:
    """The copying of one stage."""

    stage: Stage[Any]
    file: MirrorFile
    thread: ThreadPoolExecutor
    progress: Callable[[Progress], None]

    async def run(self) -> int:
        """Copy what is left of the stage, and return how many rows were removed at its end."""
        loop = asyncio.get_running_loop()
        standing = await loop.run_in_executor(self.thread, self.file.standing, self.stage.name)
        items, total = standing.items, None
        if standing.done:
            self.progress(Progress(self.stage.name, items, items, True))
            return 0
        pager = self.stage.pager(standing.cursor)
        async with aclosing(pager.pages()) as pages:
            async for page in pages:
                rows = [row for item in page.items for row in self.stage.rows(item)]
                items += len(page.items)
                await loop.run_in_executor(self.thread, self.file.write, self.stage.name, rows, pager.cursor, items)
                total = max(total or 0, page.count or 0, items) if page.count is not None else None
                self.progress(Progress(self.stage.name, items, total, False))
        removed = await loop.run_in_executor(self.thread, self.file.finish, self.stage.name, self.stage.tables)
        self.progress(Progress(self.stage.name, items, items, True))
        return removed
