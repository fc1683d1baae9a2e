"""A mirror as Parquet files: every row and every type, and only of a mirror that is complete."""

import sqlite3
from contextlib import closing

import pytest
from pyarrow import parquet

from print_async import parquet as exporting
from print_async.errors import MirrorError
from print_async.mirror_file import MirrorFile, Table
from print_async.parquet import export_parquet

THINGS = Table("things", ("id INTEGER", "name TEXT", "weight REAL", "photo BLOB"), key=("id",))
EMPTY = Table("others", ("id TEXT",), key=("id",))
ROWS = [(1, "one", 1.5, b"\0"), (2, None, None, None), (2**40, "zwei\n\N{SNOWMAN}", -0.0, b"")]


@pytest.fixture
def make_mirror(tmp_path):
    """Make a mirror of some rows, whole or not."""

    def make(rows=ROWS, finish=True):
        path = tmp_path / "a mirror?.sqlite"
        with closing(
            MirrorFile.open(path, "here", (THINGS, EMPTY), ("CREATE VIEW IF NOT EXISTS v AS SELECT 1",))
        ) as file:
            file.begin(["things"])
            file.write("things", {"things": rows}, "a cursor", len(rows), None)
            if finish:
                file.finish("things", (THINGS, EMPTY))
        return path

    return make


def test_rows_and_types(make_mirror, tmp_path):
    """Each table is a file with its columns and rows; the mirror's own columns and tables are not there."""
    written = export_parquet(make_mirror(), tmp_path / "new" / "folder")

    assert written == {"things": 3, "others": 0}
    assert sorted(each.name for each in (tmp_path / "new" / "folder").iterdir()) == ["others.parquet", "things.parquet"]
    read = parquet.read_table(tmp_path / "new" / "folder" / "things.parquet")
    assert [tuple(row.values()) for row in read.to_pylist()] == ROWS
    types = {field.name: str(field.type) for field in read.schema}
    assert types == {"id": "int64", "name": "string", "weight": "double", "photo": "binary"}


def test_more_rows_than_are_in_memory_at_a_time(make_mirror, tmp_path, monkeypatch):
    """Rows are written in groups, and none is lost between two of them."""
    monkeypatch.setattr(exporting, "ROWS", 7)
    path = make_mirror([(number, str(number), None, None) for number in range(25)])

    assert export_parquet(path, tmp_path)["things"] == 25

    file = parquet.ParquetFile(tmp_path / "things.parquet")
    assert file.num_row_groups == 4
    assert file.read().column("id").to_pylist() == list(range(25))


def test_again(make_mirror, tmp_path):
    """What was there is replaced."""
    export_parquet(make_mirror(), tmp_path)
    export_parquet(make_mirror([(2, "two", 0.0, b"2")]), tmp_path)

    assert parquet.read_table(tmp_path / "things.parquet").column("name").to_pylist() == ["two"]


def test_a_mirror_that_is_not_complete(make_mirror, tmp_path):
    """It is refused, and what was there stays."""
    export_parquet(make_mirror(), tmp_path)
    before = (tmp_path / "things.parquet").read_bytes()

    with pytest.raises(MirrorError, match="is not complete yet; nothing was written"):
        export_parquet(make_mirror(finish=False), tmp_path)

    assert (tmp_path / "things.parquet").read_bytes() == before


def test_a_mirror_in_use(make_mirror, tmp_path):
    """One that is being written is refused."""
    path = make_mirror()
    with closing(MirrorFile.open(path, "here", (THINGS,), ())), pytest.raises(MirrorError, match="locked"):
        export_parquet(path, tmp_path)


@pytest.mark.parametrize("content", [None, b"", b"id,name\n" * 100])
def test_no_mirror(tmp_path, content):
    """What is no mirror is refused, and not made."""
    path = tmp_path / "x.sqlite"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(MirrorError, match="cannot be read as a mirror"):
        export_parquet(path, tmp_path / "folder")

    assert path.exists() == (content is not None)
    assert not (tmp_path / "folder").exists()


def test_another_database(tmp_path):
    """A SQLite file of something else is refused."""
    with closing(sqlite3.connect(tmp_path / "x.sqlite")) as file:
        file.execute("CREATE TABLE notes (text)")

    with pytest.raises(MirrorError, match="cannot be read as a mirror: no such table"):
        export_parquet(tmp_path / "x.sqlite", tmp_path)
