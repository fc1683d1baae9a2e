"""What a transport puts on the wire."""

# ruff: noqa: S101 - these are tests

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from print_async.errors import TransportError
from print_async.secret import Secret
from print_async.testing._transports.peers import Make, Peer, Rooms, Seen, Serve, answering, said, shown
from print_async.wire import Body, Request, Transport

_TARGETS = [
    "/blob/a%2Fb%2fc?sv=2021-08-06&sig=a%2Bb%3D%3D&se=2030-01-01T00%3A00%3A00Z",
    "/hash%23and%3fquestion",
    "/plus?q=a+b%20c&empty=&bare&dup=1&dup=2",
    "/tilde~(paren)'quote;x=1,2/%C3%A9%7E",
    "//double//slash/",
    "/",
]
_REWRITTEN = ["/dots/%2E%2E/x?x=%26", "/dots/../x", "/./x", "/x?quote='1'"]
_TOKENS = ("Authorization", "Content-Type", "Content-Length", "Transfer-Encoding", "Cookie")


class Recorder:
    """Answers everything with nothing, and remembers it."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []

    def __call__(self, seen: Seen) -> bytes:
        """Remember a request."""
        self.seen.append(seen)
        return said()

    def sent(self) -> dict[str, list[str]]:
        """Return those headers of the last request that matter here."""
        headers = self.seen[-1].headers
        return {name: headers.get_all(name) for name in _TOKENS if headers.get_all(name)}


def _mirror(seen: Seen) -> bytes:
    return said(seen.body)


def _parts(*parts: bytes) -> Callable[[], AsyncIterator[bytes]]:
    async def stream() -> AsyncIterator[bytes]:
        for part in parts:
            await asyncio.sleep(0)
            yield part

    return stream


class Requests(Rooms):
    """What a transport puts on the wire."""

    @pytest.fixture
    def recorder(self) -> Recorder:
        """Remember requests."""
        return Recorder()

    @pytest.mark.parametrize("target", _TARGETS)
    async def test_url_goes_out_byte_for_byte(
        self, serve: Serve, transport: Transport, recorder: Recorder, target: str
    ) -> None:
        """The request line holds the URL's bytes as they are: no quoting, unquoting or sorting breaks a signature."""
        await transport.send(Request("GET", await serve(answering(recorder)) + target))
        assert [seen.target for seen in recorder.seen] == [target]

    async def test_empty_query(self, serve: Serve, transport: Transport, recorder: Recorder) -> None:
        """The question mark of an empty query goes out, unless the library leaves it out."""
        await transport.send(Request("GET", await serve(answering(recorder)) + "/x?"))
        assert recorder.seen[0].target == ("/x" if "empty query" in self.cannot else "/x?")

    @pytest.mark.parametrize("target", _REWRITTEN)
    async def test_url_that_libraries_like_to_rewrite(
        self, serve: Serve, transport: Transport, recorder: Recorder, target: str
    ) -> None:
        """Dot segments and quotes go out as they are too; a transport that cannot says so, and sends nothing."""
        request = Request("GET", await serve(answering(recorder)) + target)
        if "odd urls" in self.cannot:
            with pytest.raises(ValueError, match="another URL"):
                await transport.send(request)
        else:
            await transport.send(request)
        assert [seen.target for seen in recorder.seen] == ([] if "odd urls" in self.cannot else [target])

    async def test_fragment_and_missing_path(self, serve: Serve, transport: Transport, recorder: Recorder) -> None:
        """A fragment stays at home, and a URL without a path asks for the root."""
        url = await serve(answering(recorder))
        for rest in ("", "?a=1", "/x#fragment"):
            await transport.send(Request("GET", url + rest))
        assert [seen.target for seen in recorder.seen] == ["/", "/?a=1", "/x"]

    @pytest.mark.parametrize("method", ["GET", "DELETE", "POST", "PUT", "PATCH"])
    async def test_body_goes_with_any_method(
        self, serve: Serve, transport: Transport, recorder: Recorder, method: str
    ) -> None:
        """A body arrives with its type and length whatever the method."""
        url = await serve(answering(recorder))
        await transport.send(Request(method, url, body=Body.json({"ids": [1]})))
        assert (recorder.seen[0].method, recorder.seen[0].body) == (method, b'{"ids":[1]}')
        assert recorder.sent() == {"Content-Type": ["application/json"], "Content-Length": ["11"]}

    @pytest.mark.parametrize("body", [None, Body(b"")], ids=["none", "empty"])
    async def test_no_body(self, serve: Serve, transport: Transport, recorder: Recorder, body: Body | None) -> None:
        """A POST without a body announces a length of nothing, and a GET without one announces nothing."""
        url = await serve(answering(recorder))
        await transport.send(Request("POST", url, body=body))
        assert recorder.sent()["Content-Length"] == ["0"]
        await transport.send(Request("GET", url))
        assert recorder.sent() == {}

    async def test_body_without_a_type(self, serve: Serve, transport: Transport, recorder: Recorder) -> None:
        """A body without a type goes out without one, unless the library makes one up."""
        await transport.send(Request("POST", await serve(answering(recorder)), body=Body(b"x")))
        assert recorder.sent().get("Content-Type", []) == (
            ["application/octet-stream"] if "untyped bodies" in self.cannot else []
        )

    async def test_headers_go_out(self, serve: Serve, transport: Transport, recorder: Recorder) -> None:
        """A `Secret` goes out in plain text and stays masked in the request, and other letters go out as UTF-8."""
        headers = {"Authorization": Secret("Bearer planted"), "X-Name": "\u00e9\u2713"}
        request = Request("GET", await serve(answering(recorder)), headers)
        await transport.send(request)
        seen = recorder.seen[0].headers
        assert (seen.get("Authorization"), seen.get("X-Name")) == ("Bearer planted", "\u00e9\u2713")
        assert str(request.headers["Authorization"]) == "***"

    @pytest.mark.parametrize("value", ["line\r\nX-Injected: 1", "nul\x00"])
    async def test_header_that_cannot_be(
        self, serve: Serve, transport: Transport, recorder: Recorder, value: str
    ) -> None:
        """A header value with a line break or a NUL is a `ValueError` that does not show it; nothing is sent."""
        headers = {"Authorization": Secret("planted-token"), "X-A": Secret(value)}
        with pytest.raises(ValueError, match="nothing was sent") as caught:
            await transport.send(Request("GET", await serve(answering(recorder)), headers))
        assert recorder.seen == []
        assert value not in str(caught.value)
        assert "planted-token" not in shown(caught.value)

    @pytest.mark.parametrize("name", ["Content-Type", "content-type"])
    async def test_explicit_content_type_wins(
        self, serve: Serve, transport: Transport, recorder: Recorder, name: str
    ) -> None:
        """A Content-Type among the headers, in any case, replaces that of the body instead of doubling it."""
        headers = {name: "application/merge-patch+json"}
        await transport.send(Request("POST", await serve(answering(recorder)), headers, Body.json({})))
        assert recorder.sent()["Content-Type"] == ["application/merge-patch+json"]

    async def test_stream_of_unknown_length(self, serve: Serve, transport: Transport, recorder: Recorder) -> None:
        """Without a length the body goes out chunked, and arrives whole."""
        body = Body(_parts(b"one", b"two"), "application/pdf")
        await transport.send(Request("PUT", await serve(answering(recorder)), body=body))
        assert recorder.seen[0].body == b"onetwo"
        assert recorder.sent() == {"Content-Type": ["application/pdf"], "Transfer-Encoding": ["chunked"]}

    async def test_stream_of_known_length(self, serve: Serve, transport: Transport, recorder: Recorder) -> None:
        """With a length the body is announced so, as blob storage demands, and can be sent twice."""
        request = Request(
            "PUT", await serve(answering(recorder)), body=Body(_parts(b"one", b"two"), "application/pdf", 6)
        )
        for _ in range(2):
            await transport.send(request)
            assert recorder.seen[-1].body == b"onetwo"
            assert recorder.sent() == {"Content-Type": ["application/pdf"], "Content-Length": ["6"]}

    @pytest.mark.parametrize("length", [None, 6])
    async def test_stream_is_read_to_its_end(
        self, serve: Serve, transport: Transport, recorder: Recorder, length: int | None
    ) -> None:
        """The stream of a body is run to its end, also after the last byte: a progress bar ends there."""
        ends = []

        async def stream() -> AsyncIterator[bytes]:
            yield b"one"
            yield b"two"
            ends.append("end")

        await transport.send(Request("PUT", await serve(answering(recorder)), body=Body(stream, length=length)))
        assert (recorder.seen[0].body, ends) == (b"onetwo", ["end"])

    @pytest.mark.parametrize("size", [1, 2**16, 2**16 + 1, 2**20, 50 * 2**20])
    async def test_body_of_any_size_goes_both_ways(self, serve: Serve, transport: Transport, size: int) -> None:
        """From a byte to fifty megabytes go out and come back unharmed."""
        content = (bytes(range(256)) * (size // 256 + 1))[:size]
        answer = await transport.send(Request("POST", await serve(answering(_mirror)), body=Body(content)))
        assert answer.body == content

    async def test_big_stream_goes_out(self, serve: Serve, transport: Transport) -> None:
        """A stream of megabytes arrives whole, with its length and without."""
        url, piece = await serve(answering(_mirror)), bytes(range(256)) * 256
        for length in (None, 64 * len(piece)):
            answer = await transport.send(Request("PUT", url, body=Body(_parts(*[piece] * 64), length=length)))
            assert answer.body == piece * 64

    async def test_cookies_are_not_kept(self, serve: Serve, transport: Transport, recorder: Recorder) -> None:
        """A cookie that a server sets is not sent back: one client's requests stay independent of each other."""

        def set_cookie(seen: Seen) -> bytes:
            recorder(seen)
            return said(Set_Cookie="sid=1; Path=/")

        url = await serve(answering(set_cookie))
        for _ in range(2):
            answer = await transport.send(Request("GET", url))
            assert answer.headers.get("Set-Cookie") == "sid=1; Path=/"
        assert recorder.sent() == {}

    async def test_request_goes_out_once_even_on_a_used_connection(self, serve: Serve, transport: Transport) -> None:
        """A request whose kept-alive connection is lost under it is not sent a second time unasked."""
        targets = []

        async def script(peer: Peer) -> None:
            targets.append((await peer.request()).target)
            await peer.say(said())
            targets.append((await peer.request()).target)
            peer.reset()

        url = await serve(script)
        await transport.send(Request("GET", url + "/first"))
        with pytest.raises(TransportError) as caught:
            await transport.send(Request("DELETE", url + "/second"))
        assert caught.value.sent
        assert targets == ["/first", "/second"]

    @pytest.mark.parametrize("turns", [0, 1, 5, 50])
    async def test_stale_connection(self, serve: Serve, transport: Transport, turns: int) -> None:
        """Where the server closes a kept connection, the next request arrives once, or its error does not deny it."""
        arrived = []

        async def script(peer: Peer) -> None:
            arrived.append((await peer.request()).target)
            await peer.say(said())

        url = await serve(script)
        for number in range(5):
            for _ in range(turns):
                await asyncio.sleep(0)
            try:
                await transport.send(Request("POST", f"{url}/{number}", body=Body(b"x")))
            except TransportError as error:
                assert error.sent, "the request may have arrived"  # noqa: PT017 - either end is allowed
        assert len(arrived) == len(set(arrived))

    async def test_netrc(
        self, serve: Serve, make: Make, recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """`trust_env` reads .netrc, where the library does; without it nobody reads one."""
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login planted password planted")
        monkeypatch.setenv("NETRC", str(netrc))
        url = await serve(answering(recorder))
        await make().send(Request("GET", url))
        assert recorder.sent() == {}
        await make(trust_env=True).send(Request("GET", url))
        assert ("Authorization" in recorder.sent()) is ("netrc" not in self.cannot)

    @pytest.mark.parametrize("how", ["proxy", "trust_env"])
    async def test_proxy(self, serve: Serve, make: Make, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
        """A proxy, given or from the environment, gets the request with its whole URL, byte for byte."""
        recorder = Recorder()
        proxy = await serve(answering(recorder))
        for name in ("HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "all_proxy", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("http_proxy", proxy)
        transport = make(proxy=proxy) if how == "proxy" else make(trust_env=True)
        url = "http://print.invalid/a%2Fb%2fc?sig=a%2B"
        await transport.send(Request("GET", url))
        assert [seen.target for seen in recorder.seen] == [url]
