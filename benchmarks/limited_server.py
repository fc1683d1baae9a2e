"""A server that works on so many requests at a time and answers 429 to any other, in a process of its own.

`GET /limit/8` sets how many. It is a bare protocol, so that it has time to spare where a web framework would itself be
the limit.
"""

import asyncio
import re
from contextlib import AbstractContextManager

import attrs

from benchmarks.bare import serve, started

LATENCY = 0.05
_SET = re.compile(rb"GET /limit/(\d+) ")
_HEAD = "HTTP/1.1 {}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
_DONE = _HEAD.format("200 OK").encode()
_REFUSED = _HEAD.format("429 Too Many Requests").encode()


@attrs.define
class _Places:
    limit: int = 1
    taken: int = 0


class _Connection(asyncio.Protocol):
    """One request after the other."""

    def __init__(self, places: _Places) -> None:
        self._places = places
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._received.endswith(b"\r\n\r\n"):
            return
        wanted, self._received = _SET.match(self._received), b""
        if wanted is not None:
            self._places.limit = int(wanted[1])
            self._transport.write(_DONE)
        elif self._places.taken >= self._places.limit:
            self._transport.write(_REFUSED)
        else:
            self._places.taken += 1
            asyncio.get_running_loop().call_later(LATENCY, self._done)

    def _done(self) -> None:
        self._places.taken -= 1
        self._transport.write(_DONE)


async def _serve() -> None:
    places = _Places()
    await serve(lambda: _Connection(places))


def running() -> AbstractContextManager[str]:
    """Start the server and give its URL."""
    return started("benchmarks.limited_server")


if __name__ == "__main__":
    asyncio.run(_serve())
