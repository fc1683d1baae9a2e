"""The bytes of a document, whatever they come from, never all in memory at once unless they were before."""

import asyncio
import inspect
import os
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from pathlib import Path
from typing import Protocol

import attrs

from print_async.errors import UploadFailed

_CHUNK = 256 * 1024


class Readable(Protocol):
    """A file opened for reading bytes, or something that reads like one; `read` may be a coroutine function."""

    def read(self, size: int, /) -> bytes | Awaitable[bytes]:
        """Return at most that many bytes; none at the end."""
        ...


Content = str | os.PathLike[str] | bytes | bytearray | memoryview | AsyncIterable[bytes] | Readable
"""A path, the bytes themselves, an async iterable of them, or something to `read` from."""


@attrs.frozen
class Stored:
    """Bytes that can be read from any place, again and again."""

    size: int
    read: Callable[[int, int], Awaitable[bytes]] = attrs.field(repr=False)
    """Read so many bytes from that offset on."""

    async def cut(self, size: int) -> AsyncGenerator[bytes, None]:
        """Yield all of it in pieces of that size; the last may be smaller.

        Raises:
            UploadFailed: There is less than there was at first.
        """
        for offset in range(0, self.size, size):
            wanted = min(size, self.size - offset)
            piece = await self.read(offset, wanted)
            if len(piece) < wanted:
                raise UploadFailed("the file became shorter while it was read; nothing was printed")
            yield piece

    def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield all of it in pieces small enough to be sent as they are."""
        return self.cut(_CHUNK)


@attrs.define
class Streamed:
    """Bytes that come once, in their order."""

    first: bytes = attrs.field(repr=False)
    """What was read to see whether there is more."""
    more: Callable[[int], Awaitable[bytes]] = attrs.field(repr=False)
    """Return the next bytes: exactly that many, less only at the end."""
    size: int | None = None

    async def cut(self, size: int) -> AsyncGenerator[bytes, None]:
        """Yield all of it in pieces of that size; the first is what was read ahead."""
        piece, self.first = self.first, b""
        while piece:
            yield piece
            del piece  # whoever has it may be done with it before the next one comes
            piece = await self.more(size)


async def open_document(content: Content, ahead: int) -> Stored | Streamed:
    """Look at a document as far as is needed to know how to send it. Of a stream, `ahead` bytes are read at most.

    Raises:
        ValueError: It is empty.
        TypeError: It is none of `Content`.
        OSError: The file cannot be read.
    """
    found = await _open(content, ahead)
    if found.size == 0:
        raise ValueError("there is nothing to print: the document is empty")
    return found


async def _open(content: Content, ahead: int) -> Stored | Streamed:
    if isinstance(content, str | os.PathLike):
        return await _stored_file(Path(content))
    if isinstance(content, bytes | bytearray | memoryview):
        return _stored_bytes(content)
    more = _more(content)
    first = await more(ahead)
    return _stored_bytes(first) if len(first) < ahead else Streamed(first, more)


async def _stored_file(path: Path) -> Stored:
    size = await asyncio.to_thread(_size_of, path)
    return Stored(size, lambda offset, length: asyncio.to_thread(_read_at, path, offset, length))


def _size_of(path: Path) -> int:
    with path.open("rb") as file:  # opened, so that a file without permission is found out here
        return file.seek(0, os.SEEK_END)


def _read_at(path: Path, offset: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length)


def _stored_bytes(content: bytes | bytearray | memoryview) -> Stored:
    view = memoryview(content).cast("B")

    async def read(offset: int, length: int) -> bytes:
        return bytes(view[offset : offset + length])

    return Stored(len(view), read)


def _more(content: AsyncIterable[bytes] | Readable) -> Callable[[int], Awaitable[bytes]]:
    read = getattr(content, "read", None)
    if callable(read):
        return _Reader(read).more
    if isinstance(content, AsyncIterable):
        return _Iterator(content).more
    raise TypeError(f"a document is a path, bytes, an async iterable of bytes, or has read(), not {content!r}")


@attrs.frozen
class _Reader:
    """Reads from a file, in a thread where its `read` would block."""

    read: Callable[[int], object]

    async def more(self, size: int) -> bytes:
        """Read so many bytes, less only at the end."""
        got = bytearray()
        while len(got) < size and (piece := await self._once(size - len(got))):
            got += piece
        return bytes(got)

    async def _once(self, size: int) -> bytes:
        if inspect.iscoroutinefunction(self.read):
            return _checked(await self.read(size))
        return _checked(await asyncio.to_thread(self.read, size))


class _Iterator:
    """Reads from an async iterable, whatever the size of its pieces."""

    def __init__(self, pieces: AsyncIterable[bytes]) -> None:
        self._pieces = aiter(pieces)
        self._left = bytearray()

    async def more(self, size: int) -> bytes:
        """Read so many bytes, less only at the end."""
        while len(self._left) < size:
            piece = await anext(self._pieces, None)
            if piece is None:
                break
            self._left += _checked(piece)
        with memoryview(self._left) as left:
            taken = bytes(left[:size])
        del self._left[:size]
        return taken


def _checked(piece: object) -> bytes:
    if not isinstance(piece, bytes | bytearray | memoryview):
        raise TypeError(f"a document is read as bytes, not as {type(piece).__name__}: open the file in binary mode")
    return bytes(piece)
