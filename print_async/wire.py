"""One HTTP exchange, and the port through which it happens. No HTTP library's type appears here.

A `Transport` is two methods. It sends one request and gives back one response; it neither follows redirects, nor
retries, nor keeps cookies, nor knows of tokens. Whatever the library beneath raises, it turns into a
`print_async.errors.TransportError` that says whether the server may have seen the request.
"""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping
from typing import NoReturn, Protocol, Self, SupportsIndex, runtime_checkable
from urllib.parse import urlencode

import attrs
import msgspec

from print_async import codec
from print_async.origin import presentable
from print_async.secret import Secret, refuse_pickling, reveal, secrets_in


@attrs.frozen
class Timeouts:
    """Limits in seconds for the phases of one exchange; `None` for no limit."""

    connect: float | None = 10.0
    """TCP and TLS, once a place in the pool is free."""
    read: float | None = 60.0
    """The longest silence while the answer is awaited or read."""


class Headers:
    """The headers of a response: names in any case, and more than one of a name."""

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._pairs = pairs

    def get(self, name: str) -> str | None:
        """Return the first value of that name, or `None`."""
        return next(iter(self.get_all(name)), None)

    def get_all(self, name: str) -> list[str]:
        """Return every value of that name, in the order of arrival."""
        wanted = name.lower()
        return [value for key, value in self if key.lower() == wanted]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        if not isinstance(self._pairs, tuple):
            self._pairs = tuple(self._pairs)  # not before: most answers' headers are never asked for
        return iter(self._pairs)

    def __repr__(self) -> str:
        return f"Headers<{', '.join(name for name, _ in self)}>"


@attrs.frozen
class Body:
    """What a request carries, and whether it can be sent again."""

    content: bytes | Callable[[], AsyncIterable[bytes]] = attrs.field(repr=False)
    """The bytes, or a function that starts the stream of them anew on each call."""
    content_type: str | None = None
    length: int | None = None
    """Bytes in all; `None` for a stream of unknown length, which goes out chunked."""
    replayable: bool = True
    """Whether it can be sent a second time. A stream from a pipe or socket cannot."""
    secrets: tuple[Secret, ...] = attrs.field(default=(), repr=False)
    """What of it is masked in an error that quotes it."""

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        refuse_pickling(self)

    @classmethod
    def json(cls, value: object) -> Self:
        """Encode a model, or plain data, as JSON, secrets in the clear. Fields that are `UNSET` are left out."""
        content = codec.encode(value, revealing=True)
        return cls(content, "application/json", len(content), secrets=tuple(secrets_in(value)))

    @classmethod
    def form(cls, fields: Mapping[str, str]) -> Self:
        """Encode fields as `application/x-www-form-urlencoded`."""
        content = urlencode({name: reveal(value) for name, value in fields.items()}).encode()
        return cls(content, "application/x-www-form-urlencoded", len(content))


class Request(msgspec.Struct, frozen=True):  # frozen by attrs, it takes five times as long to make
    """One HTTP request. Its repr shows neither header values, nor the query, nor the body.

    It does not change; `msgspec.structs.replace(request, url=...)` makes another one.
    """

    method: str
    url: str
    """Absolute, and already percent-encoded: it goes out byte for byte."""
    headers: Mapping[str, str] = msgspec.field(default_factory=dict[str, str])
    body: Body | None = None
    stream: bool = False
    """Leave the body of the answer on the wire, to be read from `Response.stream`."""

    def __repr__(self) -> str:
        names = ", ".join(self.headers)
        shown = f"headers=<{names}>, body={self.body!r}, stream={self.stream}"
        return f"Request(method={self.method!r}, url={presentable(self.url)}, {shown})"

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        refuse_pickling(self)


class ByteStream(Protocol):
    """The body of a response that is still on the wire."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Read it chunk by chunk, once."""
        ...

    async def aclose(self) -> None:
        """Give the connection back; safe to repeat."""
        ...


@attrs.define(eq=False)
class Response:
    """One HTTP response, of any status."""

    status: int
    headers: Headers = attrs.field(factory=Headers)
    body: bytes = attrs.field(default=b"", repr=False)
    """The whole body, decompressed; empty where `stream` is set."""
    stream: ByteStream | None = attrs.field(default=None, repr=False)
    """Set where the request asked for it. Read it or close it: until then it holds a connection."""

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        refuse_pickling(self)

    def json(self) -> object:
        """Decode the body as JSON into plain data.

        Raises:
            DecodeError: It is not JSON.
        """
        return codec.decode_plain(self.body)

    async def aclose(self) -> None:
        """Give the connection back, if the body is still on the wire."""
        if self.stream is not None:
            await self.stream.aclose()


class Transport(Protocol):
    """The port to the network. Safe to use from many tasks of one loop at a time."""

    async def send(self, request: Request) -> Response:
        """Send a request once and return the answer, whatever its status.

        Raises:
            TransportError: There is no answer, or not a whole one; see its subclasses and `sent`.
            ClientClosed: `aclose` came before.
        """
        ...

    async def aclose(self) -> None:
        """Close what it owns; safe to repeat."""
        ...


@runtime_checkable
class Pooled(Protocol):
    """A transport that says how many connections it has: a session sends no more requests than that at a time."""

    connections: int
