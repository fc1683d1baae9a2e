"""The file of a recording: JSON Lines, written line by line, each whole and at once.

    {"format": "print-async recording", "version": 1, "body_limit": 1048576}
    {"seq": 1, "request": {"method", "url", "headers", "body"}, "response": {"status", "headers", "body"}}
    {"seq": 2, "request": {...}, "error": {"type", "phase", "sent", "message"}}
    {"seq": 3, "request": {...}, "response": {...}, "error": {...}}     it broke off in the body
    {"seq": 4, "request": {...}, "cancelled": true}

In the order in which the exchanges were over. There is no time in it, so the same conversation gives the same file, but
for what the server says of the time.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import attrs
import msgspec

from print_async.transports.recording.bodies import dump, restored

FORMAT = "print-async recording"
VERSION = 1


def create(path: Path, *, body_limit: int, overwrite: bool) -> None:
    """Begin a recording, in a file that only its owner can read.

    Raises:
        FileExistsError: There is a file of that name, and it is not to be overwritten.
        OSError: It cannot be written.
    """
    if overwrite:
        path.unlink(missing_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except FileExistsError as error:
        said = "the file exists, and was left as it is; give another one, or overwrite=True"
        raise FileExistsError(error.errno, said, str(path)) from None
    with os.fdopen(handle, "wb") as file:
        file.write(_line({"format": FORMAT, "version": VERSION, "body_limit": body_limit}))


def append(path: Path, exchange: Mapping[str, object]) -> None:
    """Write an exchange to the end of a recording; `OSError` where that does not work."""
    # Not made anew if it is gone: others could read it then, and its first line would be missing.
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "ab") as file:
        file.write(_line(exchange))


@attrs.frozen
class RecordedRequest:
    """A request, as a recording has it."""

    method: str
    url: str
    headers: dict[str, str]
    body: dict[str, Any] | None = None
    stream: bool = False


@attrs.frozen
class RecordedResponse:
    """An answer, as a recording has it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: dict[str, Any] | None = None


@attrs.frozen
class RecordedError:
    """An error, as a recording has it."""

    type: str
    phase: str
    sent: bool
    message: str
    stale: bool = False


@attrs.frozen
class RecordedExchange:
    """One line of a recording."""

    seq: int
    request: RecordedRequest
    response: RecordedResponse | None = None
    error: RecordedError | None = None
    cancelled: bool = False


@attrs.frozen
class _Head:
    format: Literal["print-async recording"]
    version: int
    body_limit: int = 0


def read(path: Path) -> tuple[int, list[RecordedExchange]]:
    """Return the limit for bodies, and all exchanges. A last line that is not whole is left out.

    Raises:
        ValueError: It is no recording, or one of another version, or damaged.
        OSError: It cannot be read.
    """
    lines = _lines(path)
    try:
        head = msgspec.convert(next(lines, (1, None))[1], _Head)
    except msgspec.ValidationError:
        raise ValueError(f"{path} is no recording: its first line does not say so") from None
    if head.version != VERSION:
        raise ValueError(f"{path} is a recording of version {head.version}; this reads version {VERSION}")
    return head.body_limit, [_exchange(path, number, line) for number, line in lines]


def _exchange(path: Path, number: int, line: object) -> RecordedExchange:
    try:
        exchange = msgspec.convert(line, RecordedExchange)
        for part in (exchange.request, exchange.response):
            restored(None if part is None else part.body)
    except (msgspec.ValidationError, LookupError, ValueError):
        raise ValueError(f"{path}, line {number}, is no exchange: the recording is damaged") from None
    return exchange


def _line(value: Mapping[str, object]) -> bytes:
    return dump(value) + b"\n"


def _lines(path: Path) -> Iterator[tuple[int, object]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                raise ValueError(f"{path}, line {number}, is no JSON") from None
