"""What was begun and what came of it, on the disk, so that nothing is done twice whatever dies when.

A journal is a file of lines, each a JSON object. The first says what it is about. Each further one is about one piece
of work, named by its key: that it was begun, written before it can take effect, or what came of it. What was begun and
has no end may have taken effect or not, so nobody does it again before a person has looked.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import attrs
import filelock

from print_async.disk import sync_folder

Key = tuple[str, ...]


class Standing(StrEnum):
    """How far a piece of work has come."""

    BEGUN = "begun"
    DONE = "done"
    NOT_DONE = "not done"
    """It took no effect, for certain."""
    UNKNOWN = "unknown"


@attrs.frozen
class Entry:
    """The last word on a piece of work."""

    standing: Standing
    facts: Mapping[str, Any]
    """What was noted with it."""


class Journal:
    """An open journal. No other process has it open as long."""

    def __init__(self, file: int, entries: dict[Key, Entry], about: Mapping[str, str]) -> None:
        self.entries = entries
        self._about = about
        self._file = file
        self._broken = False

    @classmethod
    @contextmanager
    def open(cls, path: Path, about: Mapping[str, str]) -> Iterator[Self]:
        """Open or make a journal.

        Args:
            path: The file. Beside it is one that locks it.
            about: What it is about: of an existing journal, it must be the same.

        Raises:
            ValueError: It is about something else, cannot be read, or another process has it open.
            OSError: The file cannot be read or written.
        """
        with _locked(path):
            entries = read_journal(path, about)
            is_new = not path.exists()
            file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
            try:
                _cut_torn_line(file)
                if is_new:
                    sync_folder(path.parent)
                yield cls(file, entries, about)
            finally:
                os.close(file)

    def write(self, key: Key, standing: Standing, **facts: str | int | None) -> None:
        """Write the last word on a piece of work; it is on the disk when this returns.

        Raises:
            OSError: It cannot be written. Nothing more is written then, and nothing more may be begun.
        """
        at = datetime.now(UTC).isoformat(timespec="seconds")
        if not os.lseek(self._file, 0, os.SEEK_END):
            self._write({"journal": dict(self._about)})
        known = {name: value for name, value in facts.items() if value is not None}
        self._write({"key": key, "standing": standing, "at": at, **known})
        self.entries[key] = Entry(standing, known)

    def _write(self, entry: Mapping[str, object]) -> None:
        if self._broken:
            raise OSError("the journal could not be written before; nothing more is begun")
        line = json.dumps(entry).encode() + b"\n"
        self._broken = True  # until it is whole: half a line may be there, which nothing may follow
        while line:
            line = line[os.write(self._file, line) :]
        os.fsync(self._file)
        self._broken = False


def read_journal(path: Path, about: Mapping[str, str]) -> dict[Key, Entry]:
    """Return the last word on each piece of work; of one that was begun and has no end, that it is unknown.

    Raises:
        ValueError, OSError: As for `Journal.open`.
    """
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return {}
    if lines and not lines[-1].endswith(b"\n") and _parsed(lines[-1]) is None:
        lines.pop()  # the process died while it wrote it, so before what it is about took effect
    entries: dict[Key, Entry] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue  # an editor's work
        found = _parsed(line)
        try:
            if number == 1:
                _check_about(path, found, about)
            else:
                key, entry = _entry(found)
                entries[key] = entry
        except (KeyError, TypeError, AttributeError):
            raise ValueError(f"line {number} of {path} cannot be read; nothing was changed. Correct the line") from None
    return entries


def _entry(found: Any) -> tuple[Key, Entry]:
    standing = _STANDINGS[found["standing"]]
    facts = {name: value for name, value in found.items() if name not in ("key", "standing")}
    return tuple(map(str, found["key"])), Entry(standing, facts)


_STANDINGS = {each.value: Standing.UNKNOWN if each is Standing.BEGUN else each for each in Standing}


def _check_about(path: Path, found: Any, about: Mapping[str, str]) -> None:
    if found["journal"] != dict(about):
        told = ", ".join(f"{name} {value}" for name, value in found["journal"].items())
        wanted = ", ".join(f"{name} {value}" for name, value in about.items())
        raise ValueError(
            f"{path} is a journal of {told}, and not of {wanted}; nothing was changed. If that is the same by another "
            "name, correct its first line: what was done there must not be done again"
        )


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _cut_torn_line(file: int) -> None:
    size = os.lseek(file, 0, os.SEEK_END)
    os.lseek(file, 0, os.SEEK_SET)
    content = b""
    while len(content) < size:
        content += os.read(file, size - len(content))
    whole, last = content[: content.rfind(b"\n") + 1], content[content.rfind(b"\n") + 1 :]
    if last and _parsed(last) is None:
        os.ftruncate(file, len(whole))
    os.lseek(file, 0, os.SEEK_END)
    if last and _parsed(last) is not None:
        os.write(file, b"\n")  # it is whole, only its end is missing: an editor's work


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = filelock.FileLock(path.with_name(f"{path.name}.lock"), timeout=0)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise ValueError(f"{path} is in use by another process; nothing was changed. Wait for it to end") from None
    try:
        yield
    finally:
        lock.release()


def missing(entries: Mapping[Key, Entry], keys: Sequence[Key]) -> list[Key]:
    """Return the keys of what was done, or may have been, and is not among those given."""
    there = set(keys)
    return [key for key, entry in entries.items() if entry.standing is not Standing.NOT_DONE and key not in there]
