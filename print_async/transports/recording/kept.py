"""What is kept of a body that goes by: all of a small one, the length and the SHA-256 of a large one."""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterable, Callable

from print_async.errors import TransportError


class Kept:
    """A body, as far as it has gone by.

    Args:
        limit: Bytes up to which it is kept whole. Of a longer one nothing is in memory.
        content: What there is of it already.
    """

    def __init__(self, limit: int, content: bytes = b"") -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._digest = hashlib.sha256()
        self.length: int = 0
        """Bytes so far."""
        self.whole: bool = True
        """Whether that is all of it."""
        if content:
            self.feed(content)

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._digest.update(chunk)
        self.length += len(chunk)
        if self.large:
            self._parts.clear()
        else:
            self._parts.append(bytes(chunk))

    @property
    def large(self) -> bool:
        """Whether it is over the limit."""
        return self.length > self._limit

    @property
    def content(self) -> bytes:
        """All bytes so far of one that is not over the limit."""
        return b"".join(self._parts)

    @property
    def sha256(self) -> str:
        """The SHA-256 of all bytes so far, in hex digits."""
        return self._digest.hexdigest()


async def watched(
    source: AsyncIterable[bytes], kept: Kept, over: Callable[[TransportError | None], None]
) -> AsyncGenerator[bytes, None]:
    """Pass on a stream as it is, and keep what goes by. It is closed with what is made of it.

    Args:
        source: The stream.
        kept: What keeps it; `whole` when the stream has come to its end.
        over: Called at its end, or when it fails, with the error.
    """
    kept.whole = False
    pieces = aiter(source)
    piece = b""
    try:
        async for piece in pieces:
            kept.feed(piece)
            yield piece
        kept.whole = True
        over(None)
    except TransportError as error:
        over(error)
        raise
    finally:
        piece = b""  # a traceback with locals would show it
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()
