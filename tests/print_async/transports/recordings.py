"""Recordings made of answers from a script, and streams. No test."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from print_async import RecordingTransport, ReplayTransport
from print_async.errors import ConnectionLost, NotRecorded
from print_async.secret import Secret
from print_async.testing import StubTransport
from print_async.testing._transports.peers import whole
from print_async.wire import Request

URL = "https://print.example/api"
GET = Request("GET", URL)


def exchanges(path):
    """Read the exchanges of a recording, as anybody would."""
    return [json.loads(line) for line in path.read_bytes().splitlines()][1:]


def parts(*pieces, failure=None, ends=None):
    """Make a stream of pieces that may fail behind them, and that says when it was closed."""

    async def stream() -> AsyncIterator[bytes]:
        try:
            for piece in pieces:
                await asyncio.sleep(0)
                yield piece
            if failure is not None:
                raise failure
        finally:
            if ends is not None:
                ends.append("closed")

    return stream


class Streamed:
    """The body of an answer that is on the wire."""

    def __init__(self, *pieces, failure=None):
        self.pieces = parts(*pieces, failure=failure)
        self.closed = 0

    def __aiter__(self):
        return self.pieces()

    async def aclose(self):
        """Count how often."""
        self.closed += 1


async def ask(path, *answers, request=None, **options):
    """Send requests that are answered from a script, close, and return the exchanges."""
    transport = RecordingTransport(StubTransport(*answers), path, **options)
    for _ in answers:
        await transport.send(request or Request("GET", URL))
    await transport.aclose()
    return exchanges(path)


def bearer(token):
    """Make the headers of a request with a token."""
    return {"Authorization": Secret(f"Bearer {token}")}


async def record(path, *talk, **options):
    """Record requests and what they are answered, an error or a response; give the replay of it."""
    transport = RecordingTransport(StubTransport(*(answer for _, answer in talk)), path, **options)
    for request, answer in talk:
        if isinstance(answer, Exception):
            with pytest.raises(type(answer)):
                await transport.send(request)
        else:
            got = await transport.send(request)
            if got.stream is not None:
                with suppress(ConnectionLost):
                    await whole(got)
    await transport.aclose()
    return ReplayTransport(path)


async def refusal(replay, request):
    """Ask for what is not there, and return what is said about it."""
    with pytest.raises(NotRecorded) as caught:
        await replay.send(request)
    return str(caught.value)
