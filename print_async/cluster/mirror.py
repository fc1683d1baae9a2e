"""A mirror over many machines: workers read stretches of the lists side by side, and one process writes the file.

Where a server names pages by offset and tells how many items there are, the list is cut into stretches. Each is written
in one transaction with the note that it is there, so whatever dies when, the next run reads what is missing, be it over
a cluster or not. Any other list is read from page to page, as `print_async.mirror` does, by one worker after the other.

Rows that come and go while a list is read move the ones behind them. So each stretch also reads the page behind it,
which covers as many moves as that page has items, and is read again where the list's count changes meanwhile. Where it
has changed by more, or again and again, a row may have been missed: the report names the stage, nothing is removed from
its tables, and the next run sets it right. Changes that leave the count as it was go unnoticed, as in any walk.
"""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any, Generic, TypeVar

import attrs

from print_async.cluster.batch import map_on
from print_async.cluster.reading import Found, Offsets, Stages, StageTables, Stretch, describe, read
from print_async.cluster.workers import Workers
from print_async.mirror import MirrorReport, OpenMirror, Progress, copy_all, open_mirror
from print_async.mirror_file import Part, Standing

C = TypeVar("C")
I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")

STRETCH = 1_000
"""Items in a stretch, unless told."""


async def mirror_on(
    workers: Workers[C],
    path: str | Path,
    stages: Stages[C],
    *,
    source: str,
    views: Sequence[str] = (),
    concurrency: int = 4,
    stretch: int = STRETCH,
    progress: Callable[[Progress], None] = lambda _: None,
) -> MirrorReport:
    """Copy lists into a SQLite file, read by the workers of a cluster, going on from where an interrupted run stopped.

    The file is the one that `print_async.mirror.mirror` makes of the same stages; either goes on with what the other
    began.

    Args:
        workers: The workers, open.
        path: The file, of this process; made if it is not there.
        stages: Makes the stages from a worker's client, such as `functools.partial(ezeep_async.mirror.stages,
            page_size=100)`. It is sent to the workers by pickle.
        source: What is mirrored, such as the server's URL: a file belongs to one source.
        views: `CREATE VIEW IF NOT EXISTS` statements over the tables.
        concurrency: How many stretches each worker reads at a time.
        stretch: How many items each has. What is being read is held in memory: here about twice as many stretches as
            the workers read at a time.
        progress: Called after each stretch.

    Raises:
        ValueError: `concurrency` or `stretch` is less than 1.
        MirrorError: The file belongs to another source, is in use by another process, or is no SQLite file.
        ClusterError: The cluster has lost the work; see `print_async.cluster.map_on`.
        PrintAsyncError: The walk failed. What was copied stays; run it again to go on.
    """
    if min(concurrency, stretch) < 1:
        raise ValueError("concurrency and stretch must be at least 1")
    started = time.monotonic()
    reader = _Reader(workers, stages, concurrency, stretch)
    known = await reader.describe()
    tables = [table for stage in known for table in stage.tables]
    async with open_mirror(path, source, tables, views) as file:
        copies = {stage.name: _Copy(number, stage, file, reader, progress) for number, stage in enumerate(known)}
        return await copy_all(copies, file, started)


@attrs.frozen
class _Reader(Generic[C]):
    """The workers, as readers of lists."""

    workers: Workers[C]
    stages: Stages[C]
    concurrency: int
    stretch: int

    async def describe(self) -> list[StageTables]:
        """Ask a worker what the stages are: they are made from a client, and there is none here."""
        [(_, known)] = [each async for each in self._results(partial(describe, self.stages), [None])]
        return known

    async def one(self, stretch: Stretch) -> Found:
        """Read one stretch."""
        [(_, found)] = [each async for each in self.many([stretch])]
        return found

    def many(self, stretches: Sequence[Stretch]) -> AsyncGenerator[tuple[Stretch, Found], None]:
        """Read stretches, and yield each with what was there, in no order."""
        return self._results(partial(read, self.stages), stretches)

    async def _results(
        self, fn: Callable[[C, I], Awaitable[R]], items: Sequence[I]
    ) -> AsyncGenerator[tuple[I, R], None]:
        threads = await self.workers.threads()
        outcomes = map_on(
            self.workers,
            fn,
            items,
            concurrency=self.concurrency,
            once=None,
            # Only so many that a worker has enough to do with as many of them as it has threads.
            partition_size=ceil(self.concurrency / min(threads, default=1)),
            outstanding=max(1, sum(threads) + len(threads)),
        )
        async with aclosing(outcomes) as done:
            async for outcome in done:
                yield outcome.item, outcome.unwrap()


@attrs.define
class _Copy:
    """The copying of one stage."""

    number: int
    stage: StageTables
    file: OpenMirror
    reader: _Reader[Any]
    progress: Callable[[Progress], None]
    removed: int = 0
    """Rows that the server has no longer."""
    settled: bool = True
    """Whether nothing can have been missed, as far as anybody can tell."""
    _items: int = 0
    _total: int | None = None

    async def run(self) -> None:
        """Copy what is left of the stage."""
        file, name = self.file, self.stage.name
        standing = await file.do(file.sync.standing, name)
        self._items = standing.items
        if not standing.done:
            offsets = await self._in_turn(standing)
            if offsets is not None:
                await self._apart(offsets, await file.do(file.sync.parts, name))
            self.removed = await file.do(file.sync.finish, name, self.stage.tables, prune=self.settled)
        self.progress(Progress(name, self._items, self._items, True))

    async def _in_turn(self, standing: Standing) -> Offsets | None:
        """Read on from there, until what is left can be read apart; `None` if that is nothing."""
        cursor, wanted = standing.cursor, 1  # the first page tells how the list can be read
        while True:
            found = await self.reader.one(Stretch(self.number, cursor, wanted))
            self.settled = self.settled and not standing.moved(found.most)
            behind = self._items + found.items
            offsets = Offsets.of(found.cursor, behind)
            if offsets is not None and (found.most or 0) > behind:
                self._total = found.most
                return offsets  # and that page is read once more, so that nothing is lost between it and the next
            self._items, cursor, wanted = behind, found.cursor, self.reader.stretch
            await self.file.do(self.file.sync.write, self.stage.name, found.rows, cursor, behind, found.most)
            self._tell(found.most)
            if found.ended:
                return None

    async def _apart(self, offsets: Offsets, parts: list[Part]) -> None:
        """Read what is in no part yet, and then what has come to the end of the list meanwhile."""
        total = self._total or 0
        stretches = {
            offsets.cursor(first): (first, stop)
            for first, stop in missing(parts, self._items, total, self.reader.stretch)
        }
        self._items += sum(part.items for part in parts)
        reading = [Stretch(self.number, at, stop - first, apart=True) for at, (first, stop) in stretches.items()]
        async with aclosing(self.reader.many(reading)) as results:
            async for stretch, found in results:
                parts.append(await self._write(*stretches[stretch.cursor or ""], found))
        end = max([total, *(part.stop for part in parts)])
        while True:
            found = await self.reader.one(Stretch(self.number, offsets.cursor(end), self.reader.stretch, apart=True))
            if found.items:
                parts.append(await self._write(end, end + min(found.items, self.reader.stretch), found))
                end = parts[-1].stop
            if found.ended:
                break
        self.settled = self.settled and settled(parts)

    async def _write(self, first: int, stop: int, found: Found) -> Part:
        items = min(found.items, stop - first)
        part = Part(first, stop, items, found.least, found.most, None if found.ended else found.items - items)
        await self.file.do(self.file.sync.write_part, self.stage.name, found.rows, part)
        self._items += items
        self._tell(found.most)
        return part

    def _tell(self, count: int | None) -> None:
        if count is not None:
            self._total = max(self._total or 0, count, self._items)
        self.progress(Progress(self.stage.name, self._items, self._total, False))


def missing(parts: Sequence[Part], start: int, stop: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches from `start` to `stop` that no part has, none larger than `size`."""
    at = start
    for part in sorted(parts, key=lambda part: part.first):
        yield from _cut(at, min(part.first, stop), size)
        at = max(at, part.stop)
    yield from _cut(at, stop, size)


def _cut(start: int, stop: int, size: int) -> Iterator[tuple[int, int]]:
    for at in range(start, stop, size):
        yield at, min(at + size, stop)


def settled(parts: Sequence[Part]) -> bool:
    """Tell whether the list has kept still enough, while its parts were read, for none of its items to be missed."""
    told = [(part.least, part.most) for part in parts if part.least is not None and part.most is not None]
    if any(least != most for least, most in told):
        return False
    moved = max((most for _, most in told), default=0) - min((least for least, _ in told), default=0)
    return moved <= min((part.beyond for part in parts if part.beyond is not None), default=moved)
