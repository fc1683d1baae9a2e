"""Streams that are recorded: nobody notices, and nothing of them stays in memory."""

import pytest

from print_async import RecordingTransport
from print_async.errors import ClientClosed, ConnectionLost
from print_async.testing import StubTransport
from print_async.wire import Body, Request, Response
from tests.print_async.transports.recordings import URL, Streamed, exchanges, parts


async def test_stream_of_an_answer(path):
    """A stream comes out piece by piece as it went in; it is recorded at its end, whole."""
    stream = Streamed(b"one", b"two")
    transport = RecordingTransport(StubTransport(Response(200, stream=stream)), path)
    answer = await transport.send(Request("GET", URL, stream=True))
    assert exchanges(path) == []
    assert [chunk async for chunk in answer.stream] == [b"one", b"two"]
    (found,) = exchanges(path)
    assert (found["request"]["stream"], found["response"]["body"]) == (True, {"text": "onetwo"})
    await answer.aclose()
    assert (stream.closed, len(exchanges(path))) == (1, 1)


async def test_stream_left_early(path):
    """What was read of a stream is recorded when it is closed, as a part; the stream beneath is closed with it."""
    stream = Streamed(b"one", b"two")
    transport = RecordingTransport(StubTransport(Response(200, stream=stream)), path)
    answer = await transport.send(Request("GET", URL, stream=True))
    async for _ in answer.stream:
        break
    await answer.aclose()
    assert stream.closed == 1
    assert exchanges(path)[0]["response"]["body"] == {"text": "one", "whole": False}


async def test_stream_that_breaks_off(path):
    """An error in the middle of a stream comes out in the middle, and is recorded with what came before."""
    error = ConnectionLost("cut", phase="body")
    transport = RecordingTransport(StubTransport(Response(200, stream=Streamed(b"one", failure=error))), path)
    answer = await transport.send(Request("GET", URL, stream=True))
    chunks = aiter(answer.stream)
    assert await anext(chunks) == b"one"
    with pytest.raises(ConnectionLost) as caught:
        await anext(chunks)
    assert caught.value is error
    (found,) = exchanges(path)
    assert found["response"]["body"] == {"text": "one", "whole": False}
    assert found["error"]["type"] == "ConnectionLost"


async def test_stream_under_way_when_the_transport_is_closed(path):
    """Closing the transport closes the other one, and records what streams had given so far."""
    inner = StubTransport(Response(200, stream=Streamed(b"one", b"two")))
    transport = RecordingTransport(inner, path)
    answer = await transport.send(Request("GET", URL, stream=True))
    chunks = aiter(answer.stream)
    assert await anext(chunks) == b"one"
    await transport.aclose()
    await transport.aclose()
    assert inner.closed
    assert exchanges(path)[0]["response"]["body"] == {"text": "one", "whole": False}
    with pytest.raises(ClientClosed):
        await transport.send(Request("GET", URL))
    await chunks.aclose()


async def test_stream_of_a_request(path):
    """A body in pieces arrives in these pieces, each time it is sent, and is recorded as it was sent last."""
    got, ends = [], []

    async def read(request):
        got.extend([[piece async for piece in request.body.content()] for _ in range(2)])
        return Response(200)

    transport = RecordingTransport(StubTransport(read), path)
    body = Body(parts(b"one", b"two", ends=ends), "text/plain", 6, replayable=False)
    await transport.send(Request("PUT", URL, body=body))
    assert (got, ends) == ([[b"one", b"two"]] * 2, ["closed"] * 2)
    (found,) = exchanges(path)
    assert found["request"]["headers"] == {"Content-Type": "text/plain", "Content-Length": "6"}
    assert found["request"]["body"] == {"text": "onetwo"}


async def test_stream_of_a_request_that_is_not_sent_to_its_end(path):
    """Leaving the stream of a body closes it at once, and what it raises comes out, as without a recording."""
    ends, failures = [], []

    async def leave(request):
        pieces = request.body.content()
        await anext(pieces)
        await pieces.aclose()
        ends.append("left")
        try:
            async for _ in request.body.content():
                pass
        except ZeroDivisionError as error:
            failures.append(error)
        raise ConnectionLost("x")

    failure = ZeroDivisionError()
    transport = RecordingTransport(StubTransport(leave), path)
    with pytest.raises(ConnectionLost):
        await transport.send(Request("PUT", URL, body=Body(parts(b"one", failure=failure, ends=ends))))
    assert (ends, failures) == (["closed", "left", "closed"], [failure])
    assert exchanges(path)[0]["request"]["body"] == {"text": "one", "whole": False}


async def test_memory_is_bounded(path):
    """Of streams larger than the limit nothing stays in memory, whichever way they go."""
    import tracemalloc

    async def read(request):
        async for _ in request.body.content():
            pass
        return Response(200, stream=endless)

    endless = Streamed(*[bytes(2**16)] * 200)
    transport = RecordingTransport(StubTransport(read), path, body_limit=2**16)
    tracemalloc.start()
    try:
        answer = await transport.send(Request("PUT", URL, body=Body(endless.pieces), stream=True))
        async for _ in answer.stream:
            pass
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()
    (found,) = exchanges(path)
    assert found["request"]["body"] == found["response"]["body"]
    assert found["request"]["body"]["bytes"] == 200 * 2**16
