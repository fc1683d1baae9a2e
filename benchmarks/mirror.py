"""`ezeep mirror` beside a hand-written script on aiohttp and sqlite3, that makes the same rows.

The whole directory is copied: groups, users, memberships, account users. Each run is a process of its own, which
measures itself, without what it has to import.
"""

import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from benchmarks.mirror_run import SIDES, Run
from benchmarks.result import Result
from benchmarks.serving import serving
from benchmarks.site import write_directory
from ezeep_async.mirror import ACCOUNT_USERS, GROUPS, MEMBERSHIPS, USERS

_FEW = 10_000
"""What the memory of a run with many users is beside."""
_OURS = "ours"


def measure(*, quick: bool) -> Iterator[Result]:
    """Mirror as many users as fit the time."""
    yield from compare(users=5_000 if quick else 50_000, rounds=1 if quick else 3)


def compare(*, users: int, rounds: int) -> Iterator[Result]:
    """Mirror that many users with each side, and compare times, rows, and memory."""
    runs: dict[str, list[Run]] = {side: [] for side in SIDES}
    rows: set[str] = set()
    with serving(partial(write_directory, users=users)) as server:
        for number in range(rounds):
            for side in list(SIDES)[:: -1 if number % 2 else 1]:
                run, digest = _run(side, server.url)
                runs[side].append(run)
                rows.add(digest)
    assert len(rows) == 1, "the sides made other rows"
    what = f"mirror of {users:,} users"
    ours = runs.pop(_OURS)
    for peer, theirs in runs.items():
        target = 1.0 if peer == "concurrent script" else None
        yield Result(what, "s", [run.seconds for run in ours], [run.seconds for run in theirs], peer, target)
        spent = [[run.cpu_seconds for run in side] for side in (ours, theirs)]
        yield Result(f"{what}, CPU", "s", *spent, peer)
    with serving(partial(write_directory, users=_FEW)) as server:
        few = [_run(_OURS, server.url)[0].peak_mib for _ in ours]
    yield Result(f"{what}, peak memory", "MiB", [run.peak_mib for run in ours], few, f"of {_FEW:,} users", 1.2)
    yield Result(
        f"{what}, peak memory",
        "MiB",
        [run.peak_mib for run in ours],
        [run.peak_mib for run in runs["concurrent script"]],
        "concurrent script",
    )


def _run(side: str, url: str) -> tuple[Run, str]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "directory.sqlite"
        command = [sys.executable, "-m", "benchmarks.mirror_run", side, url, str(file)]
        said = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
        return msgspec.json.decode(said, type=Run), _digest(file)


def _digest(file: Path) -> str:
    """Tell the rows of a mirror from others'."""
    digest = hashlib.sha256()
    with closing(sqlite3.connect(file)) as db:
        for table in (GROUPS, USERS, MEMBERSHIPS, ACCOUNT_USERS):
            columns = ", ".join(column.split()[0] for column in table.columns)
            query = f"SELECT {columns} FROM {table.name} ORDER BY {', '.join(table.key)}"  # noqa: S608 - names of ours
            for row in db.execute(query):
                digest.update(repr(row).encode())
    return digest.hexdigest()
