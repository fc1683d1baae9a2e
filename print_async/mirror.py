"""Copying lists into a SQLite file, so that a crash at any moment costs nothing but time.

Pages are written in transactions together with the cursor behind the last of them, while further ones are read. Killed
at any point, even by `kill -9`, the next run reads the cursor and goes on; what it writes again, it writes over. A run
that reaches the end removes the rows that the server has no longer; the run after that one begins anew, and brings the
file up to date.

What was deleted or inserted while a run was interrupted has moved the rows behind it, and some may be missed. So where
the server says another number of items then, nothing is removed from the tables of that list, the report names it, and
the next run sets it right.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Generic, ParamSpec, Protocol, TypeVar

import attrs

from print_async.mirror_file import MirrorFile, Row, Table, values_of
from print_async.page import Page
from print_async.paging import Pager

P = ParamSpec("P")
T = TypeVar("T")

_MOST_PAGES = 64
"""In one transaction. As many are held in memory while it is written."""


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
    unsettled: tuple[str, ...] = ()
    """Stages whose list changed while a run was interrupted, or was read in parts, so that items may be missing until
    the next run."""


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
        progress: Called after each transaction: of a page, or of as many as have come while the last one was written.

    Raises:
        MirrorError: The file belongs to another source, is in use by another process, or is no SQLite file.
        PrintAsyncError: The walk failed. What was copied stays; run it again to go on.
    """
    started = time.monotonic()
    tables = [table for stage in stages for table in stage.tables]
    async with open_mirror(path, source, tables, views) as file:
        return await copy_all({stage.name: _Copy(stage, file, progress) for stage in stages}, file, started)


@attrs.frozen
class OpenMirror:
    """The file, used from one thread of its own, so that a slow disk does not hold up the event loop."""

    sync: MirrorFile
    _thread: ThreadPoolExecutor

    async def do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something with the file: call one of its methods, in the thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(work, *args, **kwargs))


class Copying(Protocol):
    """The copying of one stage, whoever reads its list."""

    removed: int
    """Rows that the server has no longer."""
    settled: bool
    """Whether nothing can have been missed, as far as anybody can tell."""

    async def run(self) -> None:
        """Copy what is left of the stage."""
        ...


async def copy_all(copies: Mapping[str, Copying], file: OpenMirror, started: float) -> MirrorReport:
    """Copy one stage after the other, by their names, in a run that was started then, on the monotonic clock."""
    resumed_at = await file.do(file.sync.begin, list(copies))
    for copy in copies.values():
        await copy.run()
    return MirrorReport(
        await file.do(file.sync.items) - resumed_at,
        resumed_at,
        removed=sum(copy.removed for copy in copies.values()),
        seconds=time.monotonic() - started,
        unsettled=tuple(name for name, copy in copies.items() if not copy.settled),
    )


@asynccontextmanager
async def open_mirror(
    path: str | Path, source: str, tables: Sequence[Table], views: Sequence[str]
) -> AsyncGenerator[OpenMirror, None]:
    """Open or make the file of that source, and close it at the end; raises `MirrorError`."""
    with ThreadPoolExecutor(1, thread_name_prefix="mirror") as thread:
        opening = thread.submit(MirrorFile.open, Path(path), source, tables, views)
        try:
            yield OpenMirror(await asyncio.wrap_future(opening), thread)
        finally:
            # Shielded, and whatever became of the opening: a file left open would stay locked.
            await asyncio.shield(asyncio.get_running_loop().run_in_executor(thread, _close, opening))


def _close(opening: "Future[MirrorFile]") -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


@attrs.define
class _Copy:
    """The copying of one stage."""

    stage: Stage[Any]
    file: OpenMirror
    progress: Callable[[Progress], None]
    removed: int = 0
    """Rows that the server has no longer."""
    settled: bool = True
    """Whether nothing can have been missed, as far as anybody can tell."""

    async def run(self) -> None:
        """Copy what is left of the stage."""
        stage, file = self.stage, self.file
        standing = await file.do(file.sync.standing, stage.name)
        if standing.done:
            self.progress(Progress(stage.name, standing.items, standing.items, True))
            return
        pager = stage.pager(standing.cursor)
        writer = _Writer(stage, file, self.progress, standing.items)
        async with aclosing(pager.pages()) as pages:
            try:
                async for page in pages:
                    self.settled = self.settled and not standing.moved(page.count)
                    await writer.add(page, pager.cursor)
            finally:
                await writer.flush()
        self.removed = await file.do(file.sync.finish, stage.name, stage.tables, prune=self.settled)
        self.progress(Progress(stage.name, writer.items, writer.items, True))


@attrs.define
class _Writer:
    """Writes what was read while more is being read: the pages that come during one transaction make up the next."""

    stage: Stage[Any]
    file: OpenMirror
    progress: Callable[[Progress], None]
    items: int
    """How many items of the list were read, in this run or before."""
    _total: int | None = None
    _count: int | None = None
    """What the server said first of how many there are."""
    _cursor: str = ""
    _rows: list[Row] = attrs.field(factory=list[Row])
    _pages: int = 0
    """How many pages the rows are of."""
    _writing: "asyncio.Task[None] | None" = None

    async def add(self, page: Page[Any], cursor: str) -> None:
        """Take a page, and the cursor behind it. Waits only where writing does not keep up."""
        for item in page.items:
            self._rows += self.stage.rows(item)
        self.items += len(page.items)
        self._total = max(self._total or 0, page.count or 0, self.items) if page.count is not None else None
        self._count = page.count if self._count is None else self._count
        self._cursor = cursor
        self._pages += 1
        if self._writing is None or self._writing.done() or self._pages == _MOST_PAGES:
            await self._written()
            self._writing = asyncio.create_task(self._write())

    async def flush(self) -> None:
        """Write all that was read, also when the walk has failed or was cancelled."""
        await self._written()
        if self._pages:
            await self._write()

    async def _written(self) -> None:
        if self._writing is not None:
            # Shielded: who is cancelled while waiting finds the same task again in `flush`.
            await asyncio.shield(self._writing)

    async def _write(self) -> None:
        rows, told = values_of(self._rows), Progress(self.stage.name, self.items, self._total, False)
        self._rows, self._pages = [], 0
        await self.file.do(self.file.sync.write, told.stage, rows, self._cursor, told.items, self._count)
        self.progress(told)
