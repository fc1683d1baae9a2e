"""The SQLite file of a mirror: its tables, and what it remembers of the run."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple, Self

import attrs

from print_async.errors import MirrorError

Value = str | int | float | bytes | None
Values = Mapping[str, Sequence[tuple[Value, ...]]]
"""Rows by the name of their table."""


@attrs.frozen
class Table:
    """One table of rows, each told apart by its key."""

    name: str
    columns: Sequence[str]
    """Each as in SQL: name and type."""
    key: Sequence[str]
    """The columns of the primary key."""

    @property
    def create(self) -> str:
        """The statement that makes it."""
        key = ", ".join(self.key)
        return (
            f"CREATE TABLE IF NOT EXISTS {self.name} ({', '.join(self.columns)}, "
            f"mirror_run INTEGER NOT NULL, PRIMARY KEY ({key})) WITHOUT ROWID"
        )

    def insert(self, rows: int) -> str:
        """Return the statement that writes so many rows, over what is there."""
        row = f"({', '.join('?' * len(self.columns))}, ?)"
        return f"INSERT OR REPLACE INTO {self.name} VALUES {', '.join([row] * rows)}"  # noqa: S608 - a name of ours

    def in_order(self, rows: Sequence[tuple[Value, ...]]) -> Sequence[tuple[Value, ...]]:
        """Sort rows by their key, for what lies side by side in the file is written faster. Equal ones keep turns."""
        names = [column.split()[0] for column in self.columns]
        try:
            return sorted(rows, key=itemgetter(*map(names.index, self.key)))
        except TypeError:  # a key that is missing, which the file refuses
            return rows


class Row(NamedTuple):
    """One row for one table."""

    table: Table
    values: tuple[Value, ...]


def values_of(rows: Iterable[Row]) -> dict[str, list[tuple[Value, ...]]]:
    """Sort rows by their tables."""
    found: dict[str, list[tuple[Value, ...]]] = {}
    for row in rows:
        found.setdefault(row.table.name, []).append(row.values)
    return found


@attrs.frozen
class Part:
    """A stretch of a list that was copied by itself, out of turn."""

    first: int
    """The place of its first item, from 0."""
    stop: int
    """The place behind its last one."""
    items: int
    """How many items it had: fewer where the list ended early."""
    least: int | None = None
    most: int | None = None
    """What the server has said meanwhile of how many items the list has."""
    beyond: int | None = None
    """How many items behind it were read as well; `None` where it went to the end."""


@attrs.frozen
class Standing:
    """Where the copying of a stage stands."""

    cursor: str | None
    items: int
    done: bool
    count: int | None = None
    """How many items the server said there were, on the first page of the run."""

    def moved(self, count: int | None) -> bool:
        """Tell whether the list has changed since then, as the server says now. A page's own count says nothing."""
        return self.count is not None and self.count >= self.items and count not in (None, self.count)


_VALUES = 1_000
"""In a statement. It is of many rows, because each statement gives up the interpreter's lock and has to get it back."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS mirror_state (source TEXT NOT NULL, run INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS mirror_stages (
    stage TEXT PRIMARY KEY, cursor TEXT, items INTEGER NOT NULL, done INTEGER NOT NULL, count INTEGER
);
CREATE TABLE IF NOT EXISTS mirror_parts (
    stage TEXT NOT NULL, first INTEGER NOT NULL, stop INTEGER NOT NULL, items INTEGER NOT NULL,
    least INTEGER, most INTEGER, beyond INTEGER, PRIMARY KEY (stage, first)
);
"""


class MirrorFile:
    """An open mirror. It is locked against other processes until closed. Use it from one thread."""

    def __init__(self, connection: sqlite3.Connection, run: int, tables: Iterable[Table]) -> None:
        self._connection = connection
        self._run = run
        self._tables = {table.name: table for table in tables}
        self._values = min(_VALUES, connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER))

    @classmethod
    def open(cls, path: Path, source: str, tables: Sequence[Table], views: Iterable[str]) -> Self:
        """Open or make the file of that source; raises `MirrorError`."""
        with _explained(path):
            connection = sqlite3.connect(path, isolation_level=None, timeout=1.0)
            try:
                run = _prepare(connection, source, [*(table.create for table in tables), *views])
            except BaseException:
                connection.close()
                raise
        return cls(connection, run, tables)

    def begin(self, stages: Sequence[str]) -> int:
        """Go on with a run that was interrupted, or begin a new one; return how many items the former has copied."""
        with self._transaction():
            done = [done for (done,) in self._connection.execute("SELECT done FROM mirror_stages")]
            if len(done) == len(stages) and all(done):
                self._run += 1
                self._connection.execute("UPDATE mirror_state SET run = ?", (self._run,))
                self._connection.execute("DELETE FROM mirror_stages")
                self._connection.execute("DELETE FROM mirror_parts")
            self._connection.executemany(
                "INSERT OR IGNORE INTO mirror_stages VALUES (?, NULL, 0, 0, NULL)", [(stage,) for stage in stages]
            )
        return self.items()

    def items(self) -> int:
        """Return how many items this run has copied, over all stages and processes."""
        counts = "SELECT items FROM mirror_stages UNION ALL SELECT items FROM mirror_parts"
        (items,) = self._connection.execute(f"SELECT coalesce(sum(items), 0) FROM ({counts})").fetchone()  # noqa: S608
        return int(items)

    def standing(self, stage: str) -> Standing:
        """Return where a stage stands."""
        query = "SELECT cursor, items, done, count FROM mirror_stages WHERE stage = ?"
        cursor, items, done, count = self._connection.execute(query, (stage,)).fetchone()
        return Standing(cursor, items, bool(done), count)

    def parts(self, stage: str) -> list[Part]:
        """Return what was copied of a stage out of turn, besides what is before its cursor."""
        query = "SELECT first, stop, items, least, most, beyond FROM mirror_parts WHERE stage = ? ORDER BY first"
        return [Part(*row) for row in self._connection.execute(query, (stage,))]

    def write(self, stage: str, rows: Values, cursor: str, items: int, count: int | None) -> None:
        """Write the rows of some pages and the cursor behind them, both or neither.

        Args:
            stage: What list they are of.
            rows: What they have.
            cursor: Behind the last one.
            items: How many items of the list are before that.
            count: How many the server says there are; kept where it is the first one of the run.
        """
        with self._transaction():
            self._insert(rows)
            self._connection.execute(
                "UPDATE mirror_stages SET cursor = ?, items = ?, count = coalesce(count, ?) WHERE stage = ?",
                (cursor, items, count, stage),
            )
            # Who goes on in turn comes by the parts as well, and counts their items again.
            self._connection.execute("DELETE FROM mirror_parts WHERE stage = ?", (stage,))

    def write_part(self, stage: str, rows: Values, part: Part) -> None:
        """Write the rows of a part, and that it is there, both or neither."""
        with self._transaction():
            self._insert(rows)
            self._connection.execute(
                "INSERT OR REPLACE INTO mirror_parts VALUES (?, ?, ?, ?, ?, ?, ?)", (stage, *attrs.astuple(part))
            )

    def finish(self, stage: str, tables: Iterable[Table], *, prune: bool = True) -> int:
        """Mark a stage as done, and if told so remove the rows that this run has not seen; return their number."""
        parts = "SELECT coalesce(sum(items), 0) FROM mirror_parts WHERE stage = mirror_stages.stage"
        with self._transaction():
            removed = sum(map(self._prune, tables)) if prune else 0
            self._connection.execute(
                f"UPDATE mirror_stages SET done = 1, items = items + ({parts}) WHERE stage = ?",  # noqa: S608 - ours
                (stage,),
            )
            self._connection.execute("DELETE FROM mirror_parts WHERE stage = ?", (stage,))
        return removed

    def _insert(self, rows: Values) -> None:
        for name, values in rows.items():
            table = self._tables[name]
            most = self._values // (len(table.columns) + 1)
            ordered = table.in_order(values)
            for start in range(0, len(ordered), most):
                part = ordered[start : start + most]
                flat = [value for row in part for value in (*row, self._run)]
                self._connection.execute(table.insert(len(part)), flat)

    def _prune(self, table: Table) -> int:
        delete = f"DELETE FROM {table.name} WHERE mirror_run <> ?"  # noqa: S608 - a name of ours
        return self._connection.execute(delete, (self._run,)).rowcount

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._connection.rollback()
            raise MirrorError(f"the file cannot be written ({error}); the page was not, run again to go on") from None


def _prepare(connection: sqlite3.Connection, source: str, statements: Iterable[str]) -> int:
    # In WAL mode a process that is killed leaves a file that the next one can read as of the last commit; exclusive
    # locking keeps a second mirror out, and ends with the process.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if names and "mirror_state" not in names:
        raise MirrorError(
            "the file is a SQLite database of something else; nothing was changed. Name another with --out"
        )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    # Keys come in no order, so each transaction writes pages all over the file. The longer until the log is moved into
    # it, the more of them are moved once for many transactions. The log may take 64 MiB for that, the cache 4 MiB.
    connection.execute("PRAGMA wal_autocheckpoint = 16384")
    connection.execute("PRAGMA cache_size = -4096")
    state = connection.execute("SELECT source, run FROM mirror_state").fetchone() if names else None
    if state is not None and state[0] != source:
        raise MirrorError(
            f"the file is a mirror of {state[0]!r}, not of {source!r}; nothing was changed. Name another with --out"
        )
    connection.executescript(_SCHEMA)
    if state is None:
        connection.execute("INSERT INTO mirror_state VALUES (?, 1)", (source,))
    for statement in statements:
        connection.execute(statement)
    return 1 if state is None else int(state[1])


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise MirrorError(f"{path} is in use by another process; nothing was changed. Wait for it to end") from None
        raise MirrorError(f"{path} cannot be opened as a SQLite file: {error}") from None
    except sqlite3.DatabaseError as error:
        raise MirrorError(f"{path} is no SQLite file ({error}); nothing was changed. Name another with --out") from None
