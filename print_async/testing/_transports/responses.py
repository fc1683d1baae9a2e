"""What a transport makes of an answer."""

# ruff: noqa: S101 - these are tests

import asyncio
import gzip
import zlib

import pytest

from print_async.testing._transports.peers import PATIENCE, Make, Peer, Rooms, Seen, Serve, answering, said, whole
from print_async.wire import Request, Transport

_PLAIN = b'{"a": 1}' * 1000
_PACKED = {"gzip": gzip.compress(_PLAIN), "deflate": zlib.compress(_PLAIN)}


class Responses(Rooms):
    """What a transport makes of an answer."""

    @pytest.mark.parametrize("status", [200, 201, 206, 302, 400, 401, 403, 404, 409, 416, 429, 500, 503])
    async def test_any_status_is_an_answer(self, serve: Serve, transport: Transport, status: int) -> None:
        """No status is an error to the transport."""
        url = await serve(answering(lambda _: said(b"said", f"{status} Anything")))
        answer = await transport.send(Request("GET", url))
        assert (answer.status, answer.body, answer.stream) == (status, b"said", None)

    @pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("DELETE", 204), ("GET", 304)])
    async def test_answer_without_a_body(self, serve: Serve, transport: Transport, method: str, status: int) -> None:
        """Where HTTP allows no body nothing is waited for, and the connection serves the next request."""
        url = await serve(answering(lambda _: f"HTTP/1.1 {status} OK\r\nX-A: 1\r\n\r\n".encode()))
        for _ in range(2):
            answer = await asyncio.wait_for(transport.send(Request(method, url)), PATIENCE)
            assert (answer.status, answer.body, answer.headers.get("x-a")) == (status, b"", "1")

    async def test_headers_come_in(self, serve: Serve, transport: Transport) -> None:
        """Every value of a repeated header is kept, in order, and is found under any spelling of the name."""

        async def script(peer: Peer) -> None:
            await peer.request()
            await peer.say(b"HTTP/1.1 200 OK\r\nLink: <a>\r\nX-B: 1\r\nlink: <b>\r\nContent-Length: 0\r\n\r\n")

        answer = await transport.send(Request("GET", await serve(script)))
        assert answer.headers.get_all("Link") == ["<a>", "<b>"]
        assert answer.headers.get("LINK") == "<a>"
        assert answer.headers.get("X-Other") is None

    async def test_header_that_is_not_ascii(self, serve: Serve, transport: Transport) -> None:
        """Other letters are read as UTF-8, and bytes that are none do no harm; some transports leave them out."""

        async def script(peer: Peer) -> None:
            await peer.request()
            await peer.say(
                b"HTTP/1.1 200 OK\r\nX-Name: \xc3\xa9\r\nX-Odd: \xff\r\nX-B: 1\r\nContent-Length: 2\r\n\r\nok"
            )

        answer = await transport.send(Request("GET", await serve(script)))
        left_out = "odd headers" in self.cannot
        assert (answer.body, answer.headers.get("X-B")) == (b"ok", "1")
        assert answer.headers.get_all("X-Name") == ([] if left_out else ["\u00e9"])
        assert len(answer.headers.get_all("X-Odd")) == (0 if left_out else 1)

    @pytest.mark.parametrize("location", ["/away", "http://127.0.0.1:1/away", "//", "ftp://x", "\u00e9", "http://["])
    @pytest.mark.parametrize("status", [301, 307])
    async def test_redirect_is_not_followed(
        self, serve: Serve, transport: Transport, status: int, location: str
    ) -> None:
        """A redirect is handed out as it is, wherever it leads, and nothing more is sent."""
        seen: list[Seen] = []

        def redirect(request: Seen) -> bytes:
            seen.append(request)
            return said(b"go", f"{status} Away", Location=location)

        answer = await transport.send(Request("GET", await serve(answering(redirect)), {"Authorization": "Bearer a"}))
        assert (answer.status, answer.body, len(seen)) == (status, b"go", 1)
        if location.isascii():
            assert answer.headers.get("Location") == location

    @pytest.mark.parametrize("stream", [False, True])
    @pytest.mark.parametrize("encoding", _PACKED)
    async def test_compression_is_asked_for_and_undone(
        self, serve: Serve, transport: Transport, encoding: str, *, stream: bool
    ) -> None:
        """The transport offers gzip and deflate, and hands out the plain body."""
        offers: list[str] = []

        def answer(seen: Seen) -> bytes:
            offers.append(seen.headers.get("Accept-Encoding") or "")
            return said(_PACKED[encoding], Content_Encoding=encoding)

        got = await transport.send(Request("GET", await serve(answering(answer)), stream=stream))
        assert (await whole(got) if stream else got.body) == _PLAIN
        assert encoding in offers[0]

    async def test_body_in_chunks(self, serve: Serve, transport: Transport) -> None:
        """A chunked body is put together, whatever its extensions and trailers."""

        async def script(peer: Peer) -> None:
            await peer.request()
            head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            await peer.say(head + b"3;a=1\r\none\r\n3\r\ntwo\r\n0\r\nX-Trailer: 1\r\n\r\n")

        assert (await transport.send(Request("GET", await serve(script)))).body == b"onetwo"

    async def test_body_to_the_end_of_the_connection(self, serve: Serve, transport: Transport) -> None:
        """A body that nothing announces the length of is whole when the server closes the connection in good order."""

        async def script(peer: Peer) -> None:
            await peer.request()
            await peer.say(b"HTTP/1.1 200 OK\r\n\r\nall of it")

        assert (await transport.send(Request("GET", await serve(script)))).body == b"all of it"

    async def test_stream_is_read_as_it_comes(self, serve: Serve, make: Make) -> None:
        """With `stream` the head, then the first bytes, are there before the server has sent more."""
        said_head, said_first = asyncio.Event(), asyncio.Event()

        async def script(peer: Peer) -> None:
            while True:
                await peer.request()
                await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
                await said_head.wait()
                await peer.say(b"first")
                await said_first.wait()
                await peer.say(b"last")

        transport = make(connections=1)
        url = await serve(script)
        async with asyncio.timeout(PATIENCE):
            answer = await transport.send(Request("GET", url, stream=True))
            assert answer.body == b""
            assert answer.stream is not None
            said_head.set()
            chunks = []
            async for chunk in answer.stream:
                chunks.append(chunk)
                said_first.set()
            assert (chunks[0], b"".join(chunks)) == (b"first", b"firstlast")
            assert (await transport.send(Request("GET", url))).body == b"firstlast"
            await answer.aclose()

    async def test_big_stream_arrives_whole(self, serve: Serve, transport: Transport) -> None:
        """Fifty megabytes can be read chunk by chunk."""
        content = bytes(range(256)) * 200 * 2**10
        url = await serve(answering(lambda _: said(content)))
        assert await whole(await transport.send(Request("GET", url, stream=True))) == content

    @pytest.mark.parametrize("read_some", [True, False])
    async def test_stream_closed_early_gives_the_connection_back(
        self, serve: Serve, make: Make, *, read_some: bool
    ) -> None:
        """Leaving a stream before its end frees its place and ends it at the server; closing it again does nothing."""
        gone = asyncio.Event()

        async def script(peer: Peer) -> None:
            if (await peer.request()).target == "/endless":
                await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1024)
                await peer.gone()
                gone.set()
            await peer.say(said(b"next"))

        transport = make(connections=1)
        url = await serve(script)
        async with asyncio.timeout(PATIENCE):
            answer = await transport.send(Request("GET", url + "/endless", stream=True))
            assert answer.stream is not None
            if read_some:
                async for _ in answer.stream:
                    break
            await answer.aclose()
            await answer.aclose()
            await gone.wait()
            assert (await transport.send(Request("GET", url + "/next"))).body == b"next"
