"""What the transport puts on the wire."""

import asyncio
import gzip

import pytest
from aiohttp import web

from print_async.secret import Secret
from print_async.wire import Body, Request

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    "target",
    [
        "/blob/a%2Fb%2fc?sv=2021-08-06&sig=a%2Bb%3D%3D&se=2030-01-01T00%3A00%3A00Z",
        "/plus?q=a+b%20c&empty=&bare&dup=1&dup=2",
        "/tilde~(paren)'quote;x=1,2/%C3%A9%7E",
        "/dots/%2E%2E/x?x=%26%3D%23",
        "//double//slash/",
    ],
)
async def test_the_url_goes_out_byte_for_byte(raw, transport, target):
    """The request line holds the URL's bytes as they are: no quoting, unquoting or sorting breaks a signature."""
    lines = []

    async def script(peer):
        lines.append((await peer.head()).split(b"\r\n")[0])
        await peer.say(OK)

    await transport.send(Request("GET", await raw(script) + target))
    assert lines == [f"GET {target} HTTP/1.1".encode()]


async def echo(request):
    """Tell what arrived."""
    content = await request.read()
    names = ("Authorization", "Content-Type", "Content-Length", "Transfer-Encoding", "Cookie")
    return web.json_response(
        {
            "method": request.method,
            "body": content.decode(),
            "headers": {name: request.headers.getall(name) for name in names if name in request.headers},
        }
    )


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST", "PUT", "PATCH"])
async def test_a_body_goes_with_any_method(serve, transport, method):
    """A body arrives with its type and length whatever the method: both vendors want one on GET or DELETE."""
    url = await serve(echo)
    seen = (await transport.send(Request(method, url + "/x", body=Body.json({"ids": [1]})))).json()
    assert (seen["method"], seen["body"]) == (method, '{"ids":[1]}')
    assert seen["headers"] == {"Content-Type": ["application/json"], "Content-Length": ["11"]}


async def test_no_body_sends_no_body(serve, transport):
    """A POST without a body announces a length of nothing, and no type it does not have is wanted of a GET."""
    url = await serve(echo)
    assert (await transport.send(Request("POST", url))).json()["headers"].get("Content-Length") == ["0"]
    assert (await transport.send(Request("GET", url))).json()["headers"] == {}


async def test_a_secret_header_is_revealed_on_the_wire_only(serve, transport):
    """A `Secret` header value goes out as its plain text, and the request itself stays as it was."""
    request = Request("GET", await serve(echo), headers={"Authorization": Secret("Bearer plain")})
    assert (await transport.send(request)).json()["headers"]["Authorization"] == ["Bearer plain"]
    assert request.headers["Authorization"] == "Bearer plain"
    assert str(request.headers["Authorization"]) == "***"


@pytest.mark.parametrize("name", ["Content-Type", "content-type"])
async def test_an_explicit_content_type_wins(serve, transport, name):
    """A Content-Type among the headers, in any case, replaces that of the body instead of doubling it."""
    request = Request("POST", await serve(echo), {name: "application/merge-patch+json"}, Body.json({}))
    assert (await transport.send(request)).json()["headers"]["Content-Type"] == ["application/merge-patch+json"]


def parts(*chunks):
    """Make a stream that starts anew on each call."""

    async def stream():
        for chunk in chunks:
            await asyncio.sleep(0)
            yield chunk

    return stream


async def test_a_stream_of_unknown_length_goes_out_chunked(serve, transport):
    """Without a length the body is chunked, and arrives whole."""
    body = Body(parts(b"one", b"two"), "application/pdf")
    seen = (await transport.send(Request("PUT", await serve(echo), body=body))).json()
    assert seen["body"] == "onetwo"
    assert seen["headers"] == {"Content-Type": ["application/pdf"], "Transfer-Encoding": ["chunked"]}


async def test_a_stream_of_known_length_is_not_chunked(serve, transport):
    """With a length the body is announced so, as blob storage demands, and can be sent twice."""
    body = Body(parts(b"one", b"two"), "application/pdf", length=6)
    request = Request("PUT", await serve(echo), body=body)
    for _ in range(2):
        seen = (await transport.send(request)).json()
        assert (seen["body"], seen["headers"]["Content-Length"]) == ("onetwo", ["6"])
        assert "Transfer-Encoding" not in seen["headers"]


async def test_a_big_body_goes_both_ways(serve, transport):
    """Eight megabytes go out and come back unharmed."""

    async def mirror(request):
        return web.Response(body=await request.read())

    content = bytes(range(256)) * 2**15
    answer = await transport.send(Request("POST", await serve(mirror), body=Body(content)))
    assert answer.body == content


async def test_cookies_are_not_kept(serve, transport):
    """A cookie that a server sets is not sent back: one client's requests stay independent of each other."""

    async def set_cookie(request):
        response = await echo(request)
        response.set_cookie("sid", "1")
        return response

    url = await serve(set_cookie)
    for _ in range(2):
        assert "Cookie" not in (await transport.send(Request("GET", url))).json()["headers"]


async def test_gzip_is_asked_for_and_undone(raw, transport):
    """The transport offers gzip and hands out the plain body."""
    packed = gzip.compress(b'{"a": 1}' * 100)
    heads = []

    async def script(peer):
        heads.append(await peer.head())
        await peer.say(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed
        )

    answer = await transport.send(Request("GET", await raw(script)))
    assert answer.body == b'{"a": 1}' * 100
    assert b"gzip" in heads[0]


async def test_a_request_goes_out_once_even_on_a_used_connection(raw, transport):
    """A request whose kept-alive connection is lost is not sent a second time unasked."""
    heads = []

    async def script(peer):
        heads.append(await peer.head())
        await peer.say(OK)
        heads.append(await peer.head())
        peer.reset()

    url = await raw(script)
    await transport.send(Request("GET", url + "/first"))
    error = None
    try:
        await transport.send(Request("DELETE", url + "/second"))
    except Exception as raised:  # noqa: BLE001 - what it is, the tests of failures say
        error = raised
    assert sum(b"/second" in head for head in heads) == 1
    assert getattr(error, "sent", None) is True
