"""One call that comes in, and its answer, without any framework's types."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Self

import attrs
import msgspec

from print_async.inbound.body import IncomingBody
from print_async.secret import Secret
from print_async.wire import Headers

_encode = msgspec.json.Encoder(decimal_format="number").encode


@attrs.frozen
class IncomingRequest:
    """What an adapter has read of a request, before anything in it is believed."""

    method: str
    path: str = attrs.field(repr=False)
    """From the place where the API is mounted on; still percent-encoded, byte for byte as it came."""
    query: Secret = attrs.field(converter=Secret)
    """What follows the question mark, still encoded."""
    headers: Headers
    chunks: AsyncIterator[bytes] = attrs.field(repr=False)
    """The body as it comes; raises `UploadInterrupted` if the caller goes away."""


@attrs.frozen
class Answer:
    """What the caller gets: a status, and bytes at once or one after the other."""

    status: int
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    body: bytes = attrs.field(default=b"", repr=False)
    stream: AsyncIterable[bytes] | None = attrs.field(default=None, repr=False)
    length: int | None = None
    """Bytes in the stream, if known."""
    close: bool = False
    """Close the connection afterwards, for the caller has not sent all that it said (RFC 9110, section 15.5.9)."""

    @classmethod
    def json(cls, value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Self:
        """Encode a model or plain data; a `Decimal` becomes a number with all its digits."""
        from print_async._requests import plain  # brings cattrs with it

        return cls(status, {**(headers or {}), "Content-Type": "application/json"}, _encode(plain(value)))

    @classmethod
    def error(cls, status: int, text: str, headers: Mapping[str, str] | None = None) -> Self:
        """Say what is wrong, as `{"error": text}`. Neither vendor documents a shape for this."""
        return cls.json({"error": text}, status, headers)


@asynccontextmanager
async def closing(stream: AsyncIterable[bytes]) -> AsyncIterator[None]:
    """Close a stream in the end, if it can be closed, as generators can."""
    try:
        yield
    finally:
        if isinstance(stream, AsyncGenerator):
            await stream.aclose()


@attrs.define
class Call:
    """A request that has found its handler."""

    parameters: tuple[str, ...] = attrs.field(repr=False)
    """What stands for the braces of the route's pattern, percent-decoded once, in order."""
    query: Secret
    body: IncomingBody
    secrets: list[str] = attrs.field(factory=list[str], repr=False)
    """What must not be logged, should the handler fail. Handlers add to it."""
