"""A mirror as Parquet files, one for each table, for what reads columns. Needs the extra `parquet`.

They are made of the SQLite file when that is complete, so no row is in them twice, whoever has read it.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

from print_async.disk import sync_folder
from print_async.errors import MirrorError

ROWS = 50_000
"""How many rows are in memory at a time, and in a row group."""


def export_parquet(path: str | Path, folder: str | Path) -> dict[str, int]:
    """Write each table of a complete mirror as `folder/<table>.parquet`, and return how many rows each has.

    Each file is written whole and renamed into place; what was there under that name is replaced.

    Args:
        path: The SQLite file that `print_async.mirror.mirror`, or `print_async.cluster.mirror_on`, has made.
        folder: Made if it is not there.

    Raises:
        ImportError: pyarrow is missing.
        MirrorError: The file is no mirror, or not a complete one, or is in use. Nothing was written.
        OSError: The folder cannot be written to.
    """
    pyarrow: Any = import_module("pyarrow")
    path, folder = Path(path), Path(folder)
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=1.0)) as file:
            file.execute("BEGIN")  # all tables as of one moment
            _check_complete(path, file)
            folder.mkdir(parents=True, exist_ok=True)
            written = {table: _write(pyarrow, file, table, folder) for table in _tables(file)}
    except sqlite3.Error as error:
        raise MirrorError(f"{path} cannot be read as a mirror: {error}") from None
    sync_folder(folder)
    return written


def _check_complete(path: Path, file: sqlite3.Connection) -> None:
    done = [bool(done) for (done,) in file.execute("SELECT done FROM mirror_stages")]
    if not done or not all(done):
        raise MirrorError(f"{path} is not complete yet; nothing was written. Run the mirror to its end first")


def _tables(file: sqlite3.Connection) -> list[str]:
    names = file.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'mirror\\_%' ESCAPE '\\'"
    )
    return [name for (name,) in names]


def _write(pyarrow: Any, file: sqlite3.Connection, table: str, folder: Path) -> int:
    parquet: Any = import_module("pyarrow.parquet")
    types = {"INTEGER": pyarrow.int64(), "REAL": pyarrow.float64(), "BLOB": pyarrow.binary()}
    found = file.execute("SELECT name, type FROM pragma_table_info(?) WHERE name <> 'mirror_run'", (table,))
    schema = pyarrow.schema([(name, types.get(kind, pyarrow.string())) for name, kind in found])
    target, part, rows = folder / f"{table}.parquet", folder / f".{table}.parquet.part", 0
    with parquet.ParquetWriter(part, schema) as writer:
        for batch in _batches(file, table, schema.names):
            writer.write_table(pyarrow.table([*map(list, zip(*batch, strict=True))], schema=schema))
            rows += len(batch)
    with part.open("rb+") as written:
        os.fsync(written.fileno())
    part.replace(target)
    return rows


def _batches(file: sqlite3.Connection, table: str, columns: list[str]) -> Iterator[list[tuple[Any, ...]]]:
    reading = file.execute(f"SELECT {', '.join(columns)} FROM {table}")  # noqa: S608 - names of ours
    while batch := reading.fetchmany(ROWS):
        yield batch
