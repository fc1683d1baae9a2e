"""Pages are written while further ones are read: in few transactions, and never far behind."""

import asyncio
import sqlite3
import threading
from collections import Counter
from contextlib import closing

import attrs
import pytest

from print_async.errors import MirrorError, ServerError
from print_async.mirror import Stage, mirror
from print_async.mirror_file import MirrorFile, Row, Table
from print_async.page import Page

NAMES = Table("names", ("id INTEGER", "name TEXT"), key=("id",))
ALL = 1_000


@attrs.define
class Names:
    """A pager of so many pages of one item, which may fail then."""

    last: int = ALL
    error: Exception | None = None
    mark: int = 1
    """At this page, `marked` is set."""
    marked: asyncio.Event = attrs.field(factory=asyncio.Event)
    read: int = 0
    cursor: str = ""

    async def pages(self):
        """Give a page at each turn of the loop."""
        while self.read < self.last:
            await asyncio.sleep(0)
            self.read += 1
            if self.read == self.mark:
                self.marked.set()
            self.cursor = str(self.read)
            yield Page([self.read], None, ALL)
        if self.error is not None:
            raise self.error

    def stages(self) -> list[Stage]:
        """Return the one stage."""
        return [Stage("names", (NAMES,), lambda _: self, lambda number: [Row(NAMES, (number, f"name {number}"))])]


@attrs.define
class Slow:
    """Has the file write a transaction only when it is let."""

    may: threading.Semaphore
    batches: list[int] = attrs.field(factory=list)
    """How many rows were in each."""


@pytest.fixture
def slow(monkeypatch):
    """Slow the file down."""
    state, write = Slow(threading.Semaphore(0)), MirrorFile.write

    def slow_write(self, stage, rows, cursor, items, count):
        state.may.acquire()
        state.batches.append(len(rows["names"]))
        write(self, stage, rows, cursor, items, count)

    monkeypatch.setattr(MirrorFile, "write", slow_write)
    return state


async def settle(names: Names) -> int:
    """Wait until the pager is not asked for further pages."""
    before = -1
    while names.read != before:
        before = names.read
        for _ in range(2 * ALL):
            await asyncio.sleep(0)
    return before


def numbers(path) -> list[int]:
    """Read what is in the file."""
    with closing(sqlite3.connect(path)) as file:
        return [number for (number,) in file.execute("SELECT id FROM names ORDER BY id")]


async def test_reading_goes_on_and_waits(tmp_path, slow):
    """A slow file holds up the reading after a bounded number of pages, which then make up one transaction."""
    names = Names()
    running = asyncio.create_task(mirror(tmp_path / "names.sqlite", names.stages(), source="a"))
    await names.marked.wait()
    held = await settle(names)
    assert 16 <= held <= 100
    for _ in range(ALL):
        slow.may.release()

    report = await running

    assert report.items == ALL
    assert numbers(tmp_path / "names.sqlite") == list(range(1, ALL + 1))
    assert slow.batches[0] == 1, "the first page does not wait for others"
    assert max(slow.batches) == held - 1, "what was held is one transaction"


async def test_a_walk_that_fails(tmp_path, slow):
    """When the walk fails, all that it has handed out is in the file."""
    slow.may.release(10)
    names = Names(37, ServerError("no"))

    with pytest.raises(ServerError):
        await mirror(tmp_path / "names.sqlite", names.stages(), source="a")

    assert numbers(tmp_path / "names.sqlite") == list(range(1, 38))


async def test_a_walk_that_is_cancelled(tmp_path, slow):
    """Cancelled while the file writes, a mirror waits for that, and writes what it has read besides."""
    names = Names(mark=30)
    running = asyncio.create_task(mirror(tmp_path / "names.sqlite", names.stages(), source="a"))
    await names.marked.wait()
    running.cancel()
    await asyncio.sleep(0)
    slow.may.release(10)

    with pytest.raises(asyncio.CancelledError):
        await running

    assert numbers(tmp_path / "names.sqlite") == list(range(1, names.read + 1))
    assert 30 <= names.read < ALL


async def test_a_file_that_fails(tmp_path, monkeypatch):
    """An error of the file ends the mirror soon, though it happens while pages are being read."""
    names, calls = Names(), Counter()

    def fail(*_):
        calls["write"] += 1
        raise MirrorError("the disk is full")

    monkeypatch.setattr(MirrorFile, "write", fail)

    with pytest.raises(MirrorError, match="the disk is full"):
        await mirror(tmp_path / "names.sqlite", names.stages(), source="a")

    assert calls["write"] == 1, "nothing is written behind a gap"
    assert names.read < ALL


def test_rows_beyond_one_statement(tmp_path):
    """More rows than one statement holds are all written, and of rows with the same key the last one stays."""
    path = tmp_path / "names.sqlite"
    rows = [(number % 2_000, f"name {number}") for number in range(5_000)]

    with closing(MirrorFile.open(path, "a", [NAMES], ())) as file:
        file.begin(["names"])
        file.write("names", {"names": rows}, "", len(rows), None)

    with closing(sqlite3.connect(path)) as read:
        assert dict(read.execute("SELECT id, name FROM names")) == dict(rows)
