"""Bytes that a server holds, straight from the wire: all of them, or a range (source: RFC 9110 section 14)."""

import re
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self

import attrs

from print_async.errors import ConnectionLost, DecodeError
from print_async.service import Call, fill
from print_async.wire import Response

Send = Callable[[Mapping[str, str]], Awaitable[Response]]
"""Makes the call with these headers, and leaves the answer on the wire."""

_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)")


class Download:
    """Bytes of a file on the server: an async context manager that holds a connection, and in it an async iterator.

        async with myqx.jobs.data(501) as data:
            async for chunk in data:
                ...

    It is read once, chunk by chunk as they arrive. What comes out are the bytes that were asked for, also where the
    server takes no notice of a range and sends everything: then what comes before and after is passed over.

    Args:
        send: Makes the call.
        title: What is asked for, for errors.
        start, end: The first and the last byte wanted, from 0, both included; up to the end without `end`.

    Raises:
        ValueError: `start` is negative, or `end` before it.

    Entering raises what the call raises, among it `StatusError` with status 416 where the file ends before `start`;
    and `DecodeError` where the server gives another range. Reading raises `ConnectionLost` where the answer is cut
    short. Reading is always safe to repeat.
    """

    def __init__(self, send: Send, title: str, *, start: int = 0, end: int | None = None) -> None:
        if start < 0 or (end is not None and end < start):
            raise ValueError(f"start and end are the numbers of bytes, from 0, start first: not {start} and {end}")
        self._send = send
        self._title = title
        self._start = start
        self._end = end
        self._response: Response | None = None
        self._extent: _Extent | None = None
        self._read = False

    @property
    def total(self) -> int | None:
        """How many bytes the whole file has; `None` before entering, and where the server does not say."""
        return None if self._extent is None else self._extent.total

    @property
    def validator(self) -> str | None:
        """The server's name for this state of the file (ETag); `None` where it has none."""
        return None if self._extent is None else self._extent.validator

    async def __aenter__(self) -> Self:
        headers = {"Accept-Encoding": "identity"}  # a range of compressed bytes could not be decompressed
        if self._start or self._end is not None:
            headers["Range"] = f"bytes={self._start}-{'' if self._end is None else self._end}"
        response = await self._send(headers)
        try:
            self._extent = self._read_extent(response)
        except DecodeError:
            await response.aclose()
            raise
        self._response, self._read = response, False
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Give the connection back; safe to repeat."""
        response, self._response = self._response, None
        if response is not None:
            await response.aclose()

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        response, extent = self._response, self._extent
        if response is None or extent is None or self._read:
            raise RuntimeError("enter the download with `async with` first, and read it once")
        self._read = True
        got, skip = 0, self._start - extent.first
        stop = None if self._end is None else self._end + 1 - extent.first
        try:
            async for chunk in _chunks(response):
                wanted = chunk[max(0, skip - got) : None if stop is None else max(0, stop - got)]
                got += len(chunk)
                if wanted:
                    yield wanted
                if stop is not None and got >= stop and got != extent.length:
                    return
        finally:
            await self.aclose()
        if extent.length is not None and got < extent.length:
            raise ConnectionLost(
                f"{self._title}: the answer ended after {got} of {extent.length} bytes; ask for the rest",
                method="GET",
                phase="body",
            )

    def _read_extent(self, response: Response) -> "_Extent":
        if response.status != 206:
            return _whole(response)
        extent = _part(response)
        if extent is None or extent.first > self._start:
            raise DecodeError(
                f"{self._title}: asked for bytes from {self._start} on, the server gave {_named(extent)}; "
                "nothing was read"
            )
        return extent


@attrs.frozen
class _Extent:
    """Which bytes an answer has."""

    first: int
    length: int | None
    total: int | None
    validator: str | None


def download(call: Call, *, path: Mapping[str, object], start: int = 0, end: int | None = None) -> Download:
    """Make the download of an operation whose answer is bytes; nothing is sent before it is entered."""
    title = f"{call.operation.method} {fill(call.operation.path, path)}"
    return Download(lambda headers: call.send(path=path, headers=headers, stream=True), title, start=start, end=end)


def _whole(response: Response) -> _Extent:
    length = response.headers.get("Content-Length") or ""
    # The length is that of the bytes on the wire, which are not those that come out of a compressed answer.
    plain = length.isascii() and length.isdigit() and not _encoding(response)
    total = int(length) if plain else None
    return _Extent(0, total, total, response.headers.get("ETag"))


def _part(response: Response) -> _Extent | None:
    found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range") or "")
    if found is None or _encoding(response):
        return None
    first, last = int(found[1]), int(found[2])
    total = None if found[3] == "*" else int(found[3])
    if first > last or (total is not None and last >= total):
        return None
    return _Extent(first, last + 1 - first, total, response.headers.get("ETag"))


def _encoding(response: Response) -> bool:
    return (response.headers.get("Content-Encoding") or "identity").lower() != "identity"


def _named(extent: _Extent | None) -> str:
    return "no range that can be read" if extent is None else f"those from {extent.first} on"


def _chunks(response: Response) -> AsyncIterable[bytes]:
    return _one(response.body) if response.stream is None else response.stream


async def _one(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body
