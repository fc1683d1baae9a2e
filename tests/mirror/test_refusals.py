"""Files that a mirror must not touch: another source's, one in use, one that is no SQLite file."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import aclosing, closing

import pytest

from print_async.errors import MirrorError
from print_async.mirror import Stage, mirror
from print_async.mirror_file import Row, Table
from print_async.paging import Page

THINGS = Table("things", ("id INTEGER",), key=("id",))


class Numbers:
    """A pager of numbers that waits before a page until it is let on."""

    def __init__(self, gate: asyncio.Event | None = None) -> None:
        self.gate = gate
        self.cursor = ""

    async def pages(self):
        """Give two pages."""
        for number in range(2):
            if self.gate is not None:
                await self.gate.wait()
            self.cursor = str(number)
            yield Page([number], None, None, b"")


def things(pager: Callable[[], Numbers] = Numbers, rows: Callable[[int], list[Row]] | None = None) -> list[Stage]:
    """Make the stage of some numbers."""
    return [Stage("things", (THINGS,), lambda _: pager(), rows or (lambda number: [Row(THINGS, (number,))]))]


async def test_another_source(tmp_path, site, copy):
    """A file of another source is refused, and stays as it is to the last byte."""
    path = tmp_path / "mirror.sqlite"
    await copy(site, path)
    before = path.read_bytes()

    with pytest.raises(MirrorError, match="'the site', not of 'another'; nothing was changed"):
        await mirror(path, things(), source="another")

    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["mirror.sqlite"]


@pytest.mark.parametrize("content", [b"id,email\n", b"\0" * 5_000, b"%PDF-1.7\n" * 1_000], ids=["csv", "zeros", "pdf"])
async def test_no_sqlite_file(tmp_path, content):
    """A file of another kind is refused, and stays as it is to the last byte."""
    path = tmp_path / "notes.txt"
    path.write_bytes(content)

    with pytest.raises(MirrorError, match=r"is no SQLite file .* nothing was changed"):
        await mirror(path, things(), source="a")

    assert path.read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


async def test_somebody_else_s_database(tmp_path):
    """A SQLite file that is no mirror is refused, and stays as it is to the last byte."""
    path = tmp_path / "accounting.sqlite"
    with closing(sqlite3.connect(path)) as other:
        other.executescript("CREATE TABLE things (invoice TEXT, amount REAL); INSERT INTO things VALUES ('a', 1.5);")
    before = path.read_bytes()

    with pytest.raises(MirrorError, match="nothing was changed"):
        await mirror(path, things(), source="a")

    assert path.read_bytes() == before


@pytest.mark.parametrize("where", ["no/such/folder/mirror.sqlite", "."])
async def test_a_path_that_cannot_be_opened(tmp_path, where):
    """A path that no file can have is a plain error."""
    with pytest.raises(MirrorError, match="cannot be opened"):
        await mirror(tmp_path / where, things(), source="a")


async def test_two_at_once(tmp_path, read_tables):
    """A file that one mirror writes to is refused to a second, and the first ends well."""
    gate, begun, path = asyncio.Event(), asyncio.Event(), tmp_path / "mirror.sqlite"

    def begin() -> Numbers:
        begun.set()
        return Numbers(gate)

    first = asyncio.ensure_future(mirror(path, things(begin), source="a"))
    await begun.wait()

    for _ in range(2):
        with pytest.raises(MirrorError, match="in use by another process; nothing was changed"):
            await mirror(path, things(), source="a")
    gate.set()

    assert (await first).items == 2
    assert read_tables(path)["things"] == [(0, 1), (1, 1)]


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("where", ["opening", "reading", "writing"])
async def test_the_lock_ends_with_the_mirror(tmp_path, where, times):
    """A mirror that was cancelled, wherever it was, leaves a file that can be opened at once."""
    path, gate, begun = tmp_path / "mirror.sqlite", asyncio.Event(), asyncio.Event()
    if where == "writing":
        gate.set()

    def begin() -> Numbers:
        begun.set()
        return Numbers(gate)

    task = asyncio.ensure_future(mirror(path, things(begin), source="a"))
    await (asyncio.sleep(0) if where == "opening" else begun.wait())
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task

    assert (await mirror(path, things(), source="a")).items == 2


async def test_a_page_that_cannot_be_written(tmp_path, read_tables):
    """A row that the file does not take fails the run with a plain error; of its transaction nothing is in the file."""
    path, pages = tmp_path / "mirror.sqlite", [[Row(THINGS, (0,))], [Row(THINGS, (1,)), Row(THINGS, (None,))]]

    with pytest.raises(MirrorError, match=r"cannot be written .*NOT NULL"):
        await mirror(path, things(rows=pages.__getitem__), source="a")

    assert read_tables(path)["things"] == []
    assert read_tables(path)["mirror_stages"] == [("things", None, 0, 0, None)]


async def test_pages_are_let_go_of(tmp_path):
    """When the file fails, the walk over the pages is closed."""
    closed = []

    class Watched(Numbers):
        async def pages(self):
            try:
                async with aclosing(super().pages()) as pages:
                    async for page in pages:
                        yield page
            finally:
                closed.append(True)

    with pytest.raises(MirrorError):
        await mirror(tmp_path / "mirror.sqlite", things(Watched, lambda _: [Row(THINGS, (None,))]), source="a")
    assert closed == [True]
