"""Saving what a server holds to a file, through connections that break.

The bytes go to a file beside, `NAME.part`, which takes the place of the file when it is whole. It stays behind if they
do not all come, and the next run goes on with it.
"""

import asyncio
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from print_async.clock import Clock
from print_async.download import Download
from print_async.errors import DecodeError, StatusError, TransportError
from print_async.finish import to_the_end
from print_async.retry import RetryPolicy

T = TypeVar("T")
_OVERLAP = 1024
"""How many bytes of a part left by an earlier run are read again, to tell whether it is of the same file."""

Open = Callable[[int, int | None], Download]
"""Makes the download of the bytes from the one to the other, the last one included, or to the end."""


async def save(open_at: Open, path: str | Path, *, retry: RetryPolicy, clock: Clock) -> int:
    """Save a download to a file and return its length in bytes.

    A lost connection is made anew, as often as bytes keep coming, else as the retry policy says; what has come is not
    asked for again. Memory is flat. A part left by an earlier run is gone on with if its last bytes are those that the
    server has there, else it is begun anew. One process at a time may save to a path.

    Args:
        open_at: Makes the downloads.
        path: The file. One that is there is replaced, when the new one is whole.
        retry: How often and how soon to go on after a lost connection.
        clock: What the pauses are waited on.

    Raises:
        TransportError: The connection broke too often. The part stays; run again to go on.
        StatusError, AuthError: As the download. The part stays.
        DecodeError: The server gives other bytes each time.
        OSError: The file cannot be written.
    """
    part = await _in_thread(PartFile, Path(path))
    try:
        saving = _Saving(open_at, part)
        attempt = 0
        while not saving.done:
            before = part.size
            failure = await saving.go_on()
            if failure is None:
                continue
            attempt = 1 if part.size > before else attempt + 1
            pause = retry.pause(failure, attempt=attempt, idempotent=True, draw=random.random())
            if pause is None:
                raise failure
            await clock.sleep(pause)
        await _in_thread(part.finish)
        return part.size
    finally:
        await _in_thread(part.close)


class PartFile:
    """The file beside, open for appending.

    Raises:
        OSError: It cannot be written, or the path is a folder.
    """

    def __init__(self, path: Path) -> None:
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder; name the file to save to")
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._file = self._part.open("a+b")
        self.size: int = self._file.seek(0, os.SEEK_END)
        """Its length in bytes."""

    def tail(self, length: int) -> bytes:
        """Read its last bytes."""
        self._file.seek(self.size - length)
        return self._file.read(length)

    def append(self, data: bytes) -> None:
        """Write behind what is there."""
        self._file.write(data)
        self.size += len(data)

    def restart(self) -> None:
        """Throw away what is there."""
        self._file.seek(0)
        self._file.truncate()
        self.size = 0

    def finish(self) -> None:
        """Put it in the place of the file."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.replace(self._path)

    def close(self) -> None:
        """Leave it for the next run; an empty one is removed. Does nothing once it is finished."""
        if not self._file.closed:
            self._file.close()
            if not self.size:
                self._part.unlink()


async def _in_thread(work: Callable[..., T], *args: object) -> T:
    # To the end, for a thread that still writes must not meet one that closes the file.
    return await to_the_end(asyncio.to_thread(work, *args))


class _Changed(Exception):
    """The server's bytes are not those that are here."""


class _Saving:
    """One run."""

    def __init__(self, open_at: Open, part: PartFile) -> None:
        self.done: bool = False
        self._open = open_at
        self._part = part
        self._verified = part.size == 0
        self._known: tuple[int | None, str | None] | None = None
        self._restarted = False

    async def go_on(self) -> TransportError | None:
        """Ask for what is missing; return what broke the connection, `None` if nothing did."""
        size, verified = self._part.size, self._verified
        start = size if verified else max(0, size - _OVERLAP)
        total = self._known[0] if self._known else None
        if verified and size == total:
            self.done = True
            return None
        try:
            async with self._open(start, None if total is None else total - 1) as download:
                self._check(download)
                failure = await self._take(download, size - start)
        except StatusError as error:
            if error.status != 416 or not size:
                raise
        except _Changed:
            pass
        else:
            if failure is None and verified and self._part.size == size and not self.done:
                raise DecodeError(f"the server gives nothing behind byte {size}, and says there is more; run again")
            return failure
        await self._restart()
        return None

    def _check(self, download: Download) -> None:
        known = (download.total, download.validator)
        if self._known is not None and self._known != known:
            raise _Changed
        self._known = known
        if download.total is not None and download.total < self._part.size:
            raise _Changed

    async def _take(self, download: Download, overlap: int) -> TransportError | None:
        expected = await _in_thread(self._part.tail, overlap) if overlap else b""
        try:
            async for chunk in download:
                if expected:
                    again, chunk = chunk[: len(expected)], chunk[len(expected) :]
                    if not expected.startswith(again):
                        raise _Changed
                    expected = expected[len(again) :]
                self._verified = not expected
                if chunk:
                    await _in_thread(self._part.append, chunk)
        except TransportError as failure:
            return failure
        # Where there is more than is here, the server has only given less than was asked for.
        if expected and download.total is None:
            raise _Changed
        self._verified = True
        self.done = download.total in (None, self._part.size)
        return None

    async def _restart(self) -> None:
        if self._restarted:
            raise DecodeError("the server gives other bytes each time it is asked; nothing was saved")
        self._restarted = True
        self._verified, self._known = True, None
        await _in_thread(self._part.restart)
