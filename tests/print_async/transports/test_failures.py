"""What the transport raises when the wire fails, and whether the server may have seen the request."""

import asyncio
import socket

import pytest

from print_async.errors import (
    CertificateRejected,
    ConnectFailed,
    ConnectionLost,
    TransportError,
    TransportTimeout,
)
from print_async.wire import Body, Request, Timeouts

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
TO_THE_END = b"HTTP/1.1 200 OK\r\n\r\n"
SIGNED = "/x?sig=signature"


def script_of(*, say=b"", end="close"):
    """Read a request, say something, and then close, reset, or fall silent."""

    async def script(peer):
        await peer.head()
        await peer.say(say)
        await asyncio.sleep(0.02)
        if end == "reset":
            peer.reset()
        elif end == "silence":
            await asyncio.Event().wait()

    return script


@pytest.fixture
async def fails(transport):
    """Send a request that must fail, its stream read to the end, and return the error."""
    answers = []

    async def read(by, request):
        answer = await by.send(request)
        if answer.stream is not None:
            answers.append(answer)
            async for _ in answer.stream:
                pass

    async def send(url, kind, *, by=None, method="POST", **options):
        with pytest.raises(kind) as caught:
            await read(by or transport, Request(method, url, **options))
        error = caught.value
        assert type(error) is kind
        assert error.method == method
        assert error.url == url.partition("?")[0]
        assert "signature" not in str(error)
        assert error.__cause__ is None
        assert error.__context__ is None
        return error

    yield send
    for answer in answers:
        await answer.aclose()


async def test_a_refused_connection_sent_nothing(fails):
    """Nobody listens: `ConnectFailed`, nothing was sent, so anything may be retried."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        error = await fails(f"http://127.0.0.1:{free.getsockname()[1]}{SIGNED}", ConnectFailed)
    assert (error.sent, error.retryable, error.phase) == (False, True, "connect")
    assert "nothing was sent" in str(error)


async def test_an_unknown_host_sent_nothing(fails):
    """A name that does not resolve is `ConnectFailed`."""
    error = await fails(f"http://print.invalid{SIGNED}", ConnectFailed)
    assert (error.sent, error.phase) == (False, "connect")


@pytest.mark.parametrize("end", ["close", "reset"])
async def test_a_connection_lost_before_the_answer_may_have_sent(raw, fails, end):
    """The server goes away instead of answering: `ConnectionLost`, and it may have acted."""
    error = await fails(await raw(script_of(end=end)) + SIGNED, ConnectionLost)
    assert (error.sent, error.retryable, error.phase) == (True, False, "headers")


@pytest.mark.parametrize("end", ["close", "reset"])
async def test_a_connection_lost_in_the_headers_may_have_sent(raw, fails, end):
    """Half a head is no answer."""
    error = await fails(await raw(script_of(say=HEAD[:20], end=end)) + SIGNED, ConnectionLost)
    assert (error.sent, error.phase) == (True, "headers")


@pytest.mark.parametrize("end", ["close", "reset"])
@pytest.mark.parametrize("say", [HEAD + b"half", CHUNKED + b"4\r\nhalf\r\n"], ids=["length", "chunked"])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_truncated_body_is_never_a_whole_one(raw, fails, transport, acquired, say, end, stream):
    """An answer cut short is `ConnectionLost` in the body, read at once or as a stream, and its connection is freed."""
    url = await raw(script_of(say=say, end=end)) + SIGNED
    error = await fails(url, ConnectionLost, method="GET", stream=stream)
    assert (error.sent, error.phase) == (True, "body")
    assert acquired(transport) == 0


async def test_a_body_without_a_length_goes_to_the_end_of_the_connection(raw, transport):
    """A body that nothing announces the length of is whole when the server closes the connection in good order."""
    url = await raw(script_of(say=TO_THE_END + b"all of it"))
    assert (await transport.send(Request("GET", url))).body == b"all of it"


async def test_a_broken_gzip_body_is_lost(raw, fails):
    """A body that cannot be decompressed is `ConnectionLost` in the body."""
    broken = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 6\r\n\r\nnozip!"
    assert (await fails(await raw(script_of(say=broken)) + SIGNED, ConnectionLost)).phase == "body"


async def test_what_is_not_http_is_lost(raw, fails):
    """An answer that is not HTTP is `ConnectionLost`, and quotes neither it nor the query."""
    error = await fails(await raw(script_of(say=b"SSH-2.0-signature\r\n\r\n")) + SIGNED, ConnectionLost)
    assert error.sent


@pytest.fixture
def hasty(make):
    """Make a transport with little patience."""
    return make(timeouts=Timeouts(connect=0.1, read=0.1))


async def test_a_silent_server_times_out(raw, fails, hasty):
    """No answer within the limit: `TransportTimeout` while waiting for the headers; it may have acted."""
    error = await fails(await raw(script_of(end="silence")) + SIGNED, TransportTimeout, by=hasty)
    assert (error.sent, error.retryable, error.phase) == (True, False, "headers")


@pytest.mark.parametrize("stream", [False, True])
async def test_a_server_silent_in_the_body_times_out(raw, fails, hasty, acquired, stream):
    """A body that stops coming is `TransportTimeout`, names the body, and holds no connection any more."""
    url = await raw(script_of(say=HEAD + b"half", end="silence")) + SIGNED
    error = await fails(url, TransportTimeout, by=hasty, method="GET", stream=stream)
    assert acquired(hasty) == 0
    assert (error.sent, error.phase) == (True, "body")


async def test_a_silent_handshake_times_out_before_anything_is_sent(raw, fails, hasty):
    """A server that accepts and never speaks TLS is a timeout of the connection: nothing was sent."""

    async def script(peer):
        await asyncio.Event().wait()

    url = (await raw(script)).replace("http:", "https:") + SIGNED
    error = await fails(url, TransportTimeout, by=hasty)
    assert (error.sent, error.retryable, error.phase) == (False, True, "connect")


async def test_a_full_backlog_times_out_before_anything_is_sent(fails, hasty):
    """A machine that does not answer the connection attempt is a timeout of the connection: nothing was sent."""
    loop = asyncio.get_running_loop()
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            loop.call_soon(filler.connect_ex, server.getsockname())
        await asyncio.sleep(0.02)
        error = await fails(f"http://127.0.0.1:{server.getsockname()[1]}{SIGNED}", TransportTimeout, by=hasty)
        for filler in fillers:
            filler.close()
    assert (error.sent, error.phase) == (False, "connect")


async def test_plain_http_behind_https_is_no_matter_of_certificates(raw, transport):
    """A server that does not speak TLS is `ConnectFailed`, and the advice is not to export its certificate."""

    async def script(peer):
        await peer.reader.read(1)
        await peer.say(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    url = (await raw(script)).replace("http:", "https:") + SIGNED
    with pytest.raises(ConnectFailed) as caught:
        await transport.send(Request("GET", url))
    assert not caught.value.sent
    assert not isinstance(caught.value, CertificateRejected)


async def test_a_reset_in_the_request_body_names_no_signature(raw, fails):
    """A connection reset while the body goes out is `ConnectionLost`; its message holds no query."""

    async def script(peer):
        await peer.head()
        peer.reset()

    async def pieces():
        for _ in range(200):
            yield b"x" * 2**16
            await asyncio.sleep(0)

    await fails(await raw(script) + SIGNED, ConnectionLost, method="PUT", body=Body(pieces))


async def test_a_body_that_cannot_be_read_names_no_signature(raw, transport):
    """A file that fails while it is sent ends the call with an error that holds no query."""

    async def pieces():
        yield b"x"
        raise OSError(5, "disk failure")

    with pytest.raises((TransportError, OSError)) as caught:
        await transport.send(Request("PUT", await raw(script_of(end="silence")) + SIGNED, body=Body(pieces)))
    assert "signature" not in str(caught.value)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x?sig=signature", "http:///x?sig=signature"])
async def test_an_impossible_url_sent_nothing(transport, url):
    """A URL that cannot be requested is refused before any I/O, without its query."""
    with pytest.raises((ConnectFailed, ValueError)) as caught:
        await transport.send(Request("GET", url))
    assert "signature" not in str(caught.value)
    assert not getattr(caught.value, "sent", False)


async def test_the_transport_goes_on_after_failures(raw, make, acquired):
    """After failures of every kind no place is lost: one connection is enough for the next request."""
    scripts = iter([script_of(end="reset"), script_of(say=HEAD, end="reset"), script_of(end="silence")])

    async def script(peer):
        await next(scripts, script_of(say=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))(peer)

    transport = make(connections=1, timeouts=Timeouts(read=0.1))
    url = await raw(script)
    for _ in range(3):
        with pytest.raises(TransportError):
            await transport.send(Request("POST", url))
        assert acquired(transport) == 0
    assert (await transport.send(Request("POST", url))).body == b"ok"
