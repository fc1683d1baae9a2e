"""The body of a call that comes in: read once, chunk by chunk, never beyond its limit, and whole or not at all."""

import asyncio
from collections.abc import AsyncIterator
from typing import Self

from print_async.inbound.errors import TooLarge, UploadInterrupted


class IncomingBody:
    """An async iterator over the bytes that a caller sends.

    It ends only when all of them have come. Once it has raised, it raises the same again, and the caller gets the
    corresponding answer even if whoever read it made nothing of that.

    Raises:
        TooLarge: There is more than the limit, counted as it comes.
        UploadInterrupted: The caller went away, sent less than it said, or was silent for too long.
    """

    def __init__(self, chunks: AsyncIterator[bytes], *, length: int | None, limit: int, silence: float) -> None:
        self._chunks = chunks
        self._length = length
        self._limit = limit
        self._silence = silence
        self._received = 0
        self._failure: TooLarge | UploadInterrupted | None = None
        if length is not None and length > limit:
            self._failure = self._too_large()

    @property
    def length(self) -> int | None:
        """Bytes in all, as the caller said beforehand; `None` where it did not. It is never more than the limit."""
        return self._length

    @property
    def failure(self) -> TooLarge | UploadInterrupted | None:
        """What it raised, or will raise."""
        return self._failure

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._failure is not None:
            raise self._failure
        try:
            chunk = await self._next()
        except (TooLarge, UploadInterrupted) as error:
            self._failure = error
            raise
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    async def read(self) -> bytes:
        """Return the rest of it at once."""
        return b"".join([chunk async for chunk in self])

    async def finish(self) -> None:
        """Make sure that whoever read it has read all of it.

        Raises:
            RuntimeError: There is more, so what was made of it is not whole.
        """
        async for chunk in self:
            if chunk:
                raise RuntimeError("the body was not read to its end, and what was made of it is not whole")

    async def _next(self) -> bytes | None:
        try:
            async with asyncio.timeout(self._silence):
                chunk = await anext(self._chunks, None)
        except TimeoutError:
            raise UploadInterrupted(f"the caller was silent for {self._silence:g} seconds", 408) from None
        self._received += len(chunk or b"")
        if self._received > self._limit:
            raise self._too_large()
        if chunk is None and self._length not in (None, self._received):
            raise UploadInterrupted(f"the caller sent {self._received} of {self._length} bytes and went away")
        return chunk

    def _too_large(self) -> TooLarge:
        return TooLarge(f"the body is larger than {self._limit} bytes")
