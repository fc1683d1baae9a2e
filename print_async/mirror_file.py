"""The SQLite file of a mirror: its tables, and what it remembers of the run."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import attrs

from print_async.errors import MirrorError

Value = str | int | float | bytes | None


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

    @property
    def insert(self) -> str:
        """The statement that writes a row, over what is there."""
        places = ", ".join("?" * (len(self.columns) + 1))
        return f"INSERT OR REPLACE INTO {self.name} VALUES ({places})"  # noqa: S608 - a name of ours


@attrs.frozen
class Row:
    """One row for one table."""

    table: Table
    values: tuple[Value, ...]


@attrs.frozen
class Standing:
    """Where the copying of a stage stands."""

    cursor: str | None
    items: int
    done: bool


_SCHEMA = """
CREATE TABLE IF NOT EXISTS mirror_state (source TEXT NOT NULL, run INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS mirror_stages (
    stage TEXT PRIMARY KEY, cursor TEXT, items INTEGER NOT NULL, done INTEGER NOT NULL
);
"""


class MirrorFile:
    """An open mirror. It is locked against other processes until closed. Use it from one thread."""

    def __init__(self, connection: sqlite3.Connection, run: int) -> None:
        self._connection = connection
        self._run = run

    @classmethod
    def open(cls, path: Path, source: str, tables: Iterable[Table], views: Iterable[str]) -> Self:
        """Open or make the file of that source; raises `MirrorError`."""
        with _explained(path):
            connection = sqlite3.connect(path, isolation_level=None, timeout=1.0)
            try:
                run = _prepare(connection, source, [*(table.create for table in tables), *views])
            except BaseException:
                connection.close()
                raise
        return cls(connection, run)

    def begin(self, stages: Sequence[str]) -> int:
        """Go on with a run that was interrupted, or begin a new one; return how many items the former has copied."""
        with self._transaction():
            done = [done for (done,) in self._connection.execute("SELECT done FROM mirror_stages")]
            if len(done) == len(stages) and all(done):
                self._run += 1
                self._connection.execute("UPDATE mirror_state SET run = ?", (self._run,))
                self._connection.execute("DELETE FROM mirror_stages")
            self._connection.executemany(
                "INSERT OR IGNORE INTO mirror_stages VALUES (?, NULL, 0, 0)", [(stage,) for stage in stages]
            )
        return self.items()

    def items(self) -> int:
        """Return how many items this run has copied, over all stages and processes."""
        (items,) = self._connection.execute("SELECT coalesce(sum(items), 0) FROM mirror_stages").fetchone()
        return int(items)

    def standing(self, stage: str) -> Standing:
        """Return where a stage stands."""
        query = "SELECT cursor, items, done FROM mirror_stages WHERE stage = ?"
        cursor, items, done = self._connection.execute(query, (stage,)).fetchone()
        return Standing(cursor, items, bool(done))

    def write(self, stage: str, rows: Iterable[Row], cursor: str, items: int) -> None:
        """Write the rows of a page and the cursor behind it, both or neither."""
        by_table: dict[str, list[tuple[Value, ...]]] = {}
        for row in rows:
            by_table.setdefault(row.table.insert, []).append((*row.values, self._run))
        with self._transaction():
            for insert, values in by_table.items():
                self._connection.executemany(insert, values)
            self._connection.execute(
                "UPDATE mirror_stages SET cursor = ?, items = ? WHERE stage = ?", (cursor, items, stage)
            )

    def finish(self, stage: str, tables: Iterable[Table]) -> int:
        """Mark a stage as done, and remove the rows that this run has not seen; return their number."""
        with self._transaction():
            removed = sum(
                self._connection.execute(
                    f"DELETE FROM {table.name} WHERE mirror_run <> ?",  # noqa: S608 - a name of ours
                    (self._run,),
                ).rowcount
                for table in tables
            )
            self._connection.execute("UPDATE mirror_stages SET done = 1 WHERE stage = ?", (stage,))
        return removed

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
    connection.executescript(_SCHEMA)
    state = connection.execute("SELECT source, run FROM mirror_state").fetchone()
    if state is not None and state[0] != source:
        raise MirrorError(
            f"the file is a mirror of {state[0]!r}, not of {source!r}; nothing was changed. Name another with --out"
        )
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
