"""What a transport raises when the wire fails, and whether the server may have seen the request."""

# ruff: noqa: S101 - these are tests

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from print_async.errors import CertificateRejected, ConnectFailed, ConnectionLost, TransportError, TransportTimeout
from print_async.secret import Secret
from print_async.testing._transports.peers import PATIENCE, SIGNED, Make, Peer, Rooms, Script, Serve, said, shown, whole
from print_async.wire import Body, Request, Timeouts, Transport

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
_HASTY = Timeouts(connect=0.4, read=0.4)


def _script(*, say: bytes = b"", end: str = "close") -> Script:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.say(say)
        await asyncio.sleep(0.02)  # a reset overtakes what was said before
        if end == "reset":
            peer.reset()
        elif end == "silence":
            await asyncio.Event().wait()

    return script


async def _fails(transport: Transport, request: Request, kind: type[TransportError]) -> TransportError:
    """Send a request that must fail, its stream read to the end, and check what every such error must keep."""
    answer = None
    request = Request(
        request.method, request.url, {"Authorization": Secret("planted-token")}, request.body, request.stream
    )
    with pytest.raises(TransportError) as caught:  # noqa: PT012 - the one or the other raises
        async with asyncio.timeout(PATIENCE):
            answer = await transport.send(request)
            if answer.stream is not None:
                await whole(answer)
    if answer is not None:
        await answer.aclose()
    error = caught.value
    assert type(error) is kind
    assert (error.method, error.url) == (request.method, request.url.partition("?")[0])
    assert (error.__cause__, error.__context__) == (None, None)
    assert "planted" not in str(error)
    assert "planted-token" not in shown(error)
    return error


class Failures(Rooms):
    """What a transport raises when the wire fails."""

    @pytest.fixture
    def hasty_to_connect(self, make: Make) -> Transport:
        """Make a transport with little patience for the connection."""
        return make(timeouts=Timeouts(connect=0.2, read=PATIENCE))

    @pytest.fixture
    def hasty(self, make: Make) -> Transport:
        """Make a transport with little patience, and a single connection."""
        return make(timeouts=_HASTY, connections=1)

    async def test_refused_connection(self, transport: Transport, nobody: str) -> None:
        """Nobody listens: `ConnectFailed`, nothing was sent, so anything may be retried."""
        error = await _fails(transport, Request("POST", nobody + SIGNED, body=Body(b"x")), ConnectFailed)
        assert (error.sent, error.retryable, error.phase) == (False, True, "connect")
        assert "nothing was sent" in str(error)

    async def test_unknown_host(self, transport: Transport) -> None:
        """A name that does not resolve is `ConnectFailed`."""
        error = await _fails(transport, Request("POST", "http://print.invalid" + SIGNED), ConnectFailed)
        assert (error.sent, error.phase) == (False, "connect")

    @pytest.mark.parametrize("end", ["close", "reset"])
    @pytest.mark.parametrize("say", [b"", _HEAD[:20]], ids=["before", "in the head"])
    @pytest.mark.parametrize("method", ["GET", "POST"])
    async def test_connection_lost_before_the_answer(
        self, serve: Serve, transport: Transport, method: str, say: bytes, end: str
    ) -> None:
        """The server goes away before its head is whole: `ConnectionLost`, and it may have acted."""
        url = await serve(_script(say=say, end=end)) + SIGNED
        error = await _fails(transport, Request(method, url), ConnectionLost)
        assert (error.sent, error.retryable, error.phase) == (True, False, "headers")

    @pytest.mark.parametrize("end", ["close", "reset"])
    @pytest.mark.parametrize("say", [_HEAD + b"half", _CHUNKED + b"4\r\nhalf\r\n"], ids=["length", "chunked"])
    @pytest.mark.parametrize("stream", [False, True])
    async def test_truncated_body_is_never_a_whole_one(
        self, serve: Serve, transport: Transport, say: bytes, end: str, *, stream: bool
    ) -> None:
        """An answer cut short is `ConnectionLost` in the body, read at once or as a stream."""
        url = await serve(_script(say=say, end=end)) + SIGNED
        error = await _fails(transport, Request("GET", url, stream=stream), ConnectionLost)
        assert (error.sent, error.phase) == (True, "body")

    @pytest.mark.parametrize("stream", [False, True])
    async def test_broken_compression(self, serve: Serve, transport: Transport, *, stream: bool) -> None:
        """A body that cannot be decompressed is `ConnectionLost` in the body."""
        broken = said(b"nozip!", Content_Encoding="gzip")
        url = await serve(_script(say=broken)) + SIGNED
        assert (await _fails(transport, Request("GET", url, stream=stream), ConnectionLost)).phase == "body"

    async def test_what_is_not_http(self, serve: Serve, transport: Transport) -> None:
        """An answer that is not HTTP is `ConnectionLost`, and quotes neither it nor the query."""
        url = await serve(_script(say=b"SSH-2.0-planted\r\n\r\n")) + SIGNED
        assert (await _fails(transport, Request("POST", url), ConnectionLost)).sent

    async def test_silent_server(self, serve: Serve, hasty: Transport) -> None:
        """No answer within the limit: `TransportTimeout` while waiting for the headers; it may have acted."""
        url = await serve(_script(end="silence")) + SIGNED
        error = await _fails(hasty, Request("POST", url), TransportTimeout)
        assert (error.sent, error.retryable, error.phase) == (True, False, "headers")

    @pytest.mark.parametrize("stream", [False, True])
    @pytest.mark.parametrize("size", [0, 2**20])
    async def test_server_silent_in_the_body(self, serve: Serve, hasty: Transport, size: int, *, stream: bool) -> None:
        """A body that stops coming is `TransportTimeout`, and names the body."""
        url = await serve(_script(say=_HEAD + b"half", end="silence")) + SIGNED
        request = Request("POST", url, body=Body(b"x" * size), stream=stream)
        error = await _fails(hasty, request, TransportTimeout)
        assert (error.sent, error.phase) == (True, "body")

    @pytest.mark.parametrize("stream", [False, True])
    async def test_slow_drip_is_no_silence(self, serve: Serve, hasty: Transport, *, stream: bool) -> None:
        """An answer that takes longer than the limit, and is never silent for as long, arrives."""

        async def script(peer: Peer) -> None:
            await peer.request()
            await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n")
            for _ in range(12):
                await asyncio.sleep(0.05)
                await peer.say(b"x")

        answer = await hasty.send(Request("GET", await serve(script), stream=stream))
        assert (await whole(answer) if stream else answer.body) == b"x" * 12

    async def test_slow_upload_is_no_silence(self, serve: Serve, hasty: Transport) -> None:
        """A body that takes longer than the limit to send, and never pauses for as long, arrives."""

        async def drip() -> AsyncIterator[bytes]:
            for _ in range(12):
                await asyncio.sleep(0.05)
                yield b"x"

        async def script(peer: Peer) -> None:
            await peer.say(said((await peer.request()).body))

        answer = await hasty.send(Request("PUT", await serve(script), body=Body(drip)))
        assert answer.body == b"x" * 12

    async def test_silent_handshake(self, serve: Serve, hasty_to_connect: Transport) -> None:
        """A server that accepts and never speaks TLS is a timeout of the connection: nothing was sent."""

        async def script(_: Peer) -> None:
            await asyncio.Event().wait()

        url = (await serve(script)).replace("http:", "https:") + SIGNED
        error = await _fails(hasty_to_connect, Request("POST", url), TransportTimeout)
        assert (error.sent, error.retryable, error.phase) == (False, True, "connect")

    async def test_full_backlog(self, hasty_to_connect: Transport) -> None:
        """A machine that does not answer the connection attempt is a timeout of the connection: nothing was sent."""
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen(0)
            fillers = [socket.socket() for _ in range(3)]
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(server.getsockname())
            await asyncio.sleep(0.02)  # until they are in the queue
            url = f"http://127.0.0.1:{server.getsockname()[1]}{SIGNED}"
            error = await _fails(hasty_to_connect, Request("POST", url), TransportTimeout)
            for filler in fillers:
                filler.close()
        assert (error.sent, error.phase) == (False, "connect")

    async def test_plain_http_behind_https(self, serve: Serve, transport: Transport) -> None:
        """A server that does not speak TLS is `ConnectFailed`, and the advice is not to export its certificate."""

        async def script(peer: Peer) -> None:
            await peer.reader.read(1)
            await peer.say(said(status="400 Bad Request"))

        url = (await serve(script)).replace("http:", "https:") + SIGNED
        error = await _fails(transport, Request("GET", url), ConnectFailed)
        assert not error.sent
        assert not isinstance(error, CertificateRejected)

    @pytest.mark.parametrize("length", [None, 200 * 2**16])
    async def test_reset_in_the_request_body(self, serve: Serve, transport: Transport, length: int | None) -> None:
        """A connection reset while the body goes out is `ConnectionLost`: the server has a part of it."""

        async def script(peer: Peer) -> None:
            await peer.head()
            peer.reset()

        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(200):
                yield b"x" * 2**16
                await asyncio.sleep(0)

        url = await serve(script) + SIGNED
        assert (await _fails(transport, Request("PUT", url, body=Body(pieces, length=length)), ConnectionLost)).sent

    @pytest.mark.parametrize("failure", [OSError(5, "planted"), ValueError("planted"), TimeoutError(), RuntimeError()])
    async def test_body_that_cannot_be_read(self, serve: Serve, transport: Transport, failure: Exception) -> None:
        """A stream that fails while it is sent is `ConnectionLost`, not a whole request, and not the stream's error."""
        arrived = []

        async def script(peer: Peer) -> None:
            arrived.append(await peer.request())
            await peer.say(said())

        async def pieces() -> AsyncIterator[bytes]:
            yield b"x"
            raise failure

        url = await serve(script) + SIGNED
        assert (await _fails(transport, Request("PUT", url, body=Body(pieces)), ConnectionLost)).sent
        assert arrived == []

    @pytest.mark.parametrize("url", ["ftp://127.0.0.1" + SIGNED, "http:///x?sig=planted", "http://127.0.0.1:99999/"])
    async def test_impossible_url(self, transport: Transport, url: str) -> None:
        """A URL that cannot be requested is refused before any I/O, without its query."""
        with pytest.raises((ConnectFailed, ValueError)) as caught:
            await transport.send(Request("GET", url))
        assert "planted" not in str(caught.value)
        assert not getattr(caught.value, "sent", False)

    async def test_transport_goes_on_after_failures(self, serve: Serve, hasty: Transport) -> None:
        """After failures of every kind no place is lost: one connection is enough for the next request."""
        scripts = iter([_script(end="reset"), _script(say=_HEAD, end="reset"), _script(end="silence")])

        async def script(peer: Peer) -> None:
            await next(scripts, _script(say=said(b"ok")))(peer)

        url = await serve(script)
        for _ in range(3):
            with pytest.raises(TransportError):
                await hasty.send(Request("POST", url))
        assert (await asyncio.wait_for(hasty.send(Request("POST", url)), PATIENCE)).body == b"ok"
