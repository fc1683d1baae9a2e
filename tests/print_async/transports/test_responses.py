"""What the transport makes of an answer."""

import asyncio
import hashlib

import pytest
from aiohttp import web
from aioresponses import aioresponses

from print_async.wire import Body, Request

URL = "https://print.acme.com/api"


@pytest.fixture
def mocked():
    """Let aiohttp answer without a network."""
    with aioresponses() as mock:
        yield mock


@pytest.mark.parametrize("status", [200, 201, 204, 302, 400, 401, 403, 404, 409, 429, 500, 503])
async def test_any_status_is_an_answer(mocked, transport, status):
    """No status is an error to the transport."""
    mocked.get(URL, status=status, body=b"said")
    answer = await transport.send(Request("GET", URL))
    assert (answer.status, answer.body, answer.stream) == (status, b"said", None)


async def test_headers_have_any_case(mocked, transport):
    """A header is found under any spelling of its name."""
    mocked.get(URL, headers={"retry-after": "7"})
    answer = await transport.send(Request("GET", URL))
    assert answer.headers.get("Retry-After") == answer.headers.get("RETRY-AFTER") == "7"
    assert answer.headers.get("X-Other") is None


async def test_an_empty_body_is_empty(mocked, transport):
    """An answer without a body has an empty one."""
    mocked.delete(URL, status=204)
    assert (await transport.send(Request("DELETE", URL))).body == b""


async def test_what_is_sent_is_what_was_asked(mocked, transport):
    """The session is called with the revealed headers, the bytes of the body, and redirects off."""
    mocked.post(URL)
    await transport.send(Request("POST", URL, {"X-A": "1"}, Body.json({"a": 1})))
    ((_, (call,)),) = mocked.requests.items()
    assert call.kwargs["headers"] == {"X-A": "1", "Content-Type": "application/json"}
    assert call.kwargs["data"] == b'{"a":1}'
    assert call.kwargs["allow_redirects"] is False


async def test_a_header_may_come_more_than_once(raw, transport):
    """Every value of a repeated header is kept, in order."""

    async def script(peer):
        await peer.head()
        await peer.say(b"HTTP/1.1 200 OK\r\nLink: <a>\r\nX-B: 1\r\nlink: <b>\r\nContent-Length: 0\r\n\r\n")

    answer = await transport.send(Request("GET", await raw(script)))
    assert answer.headers.get_all("Link") == ["<a>", "<b>"]
    assert answer.headers.get("Link") == "<a>"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(serve, transport, status):
    """A redirect is handed out as it is, and the server it names never sees the credential."""
    visited = []

    async def elsewhere(request):
        visited.append(dict(request.headers))
        return web.Response()

    away = await serve(elsewhere) + "/away"

    async def redirect(request):
        return web.Response(status=status, headers={"Location": away})

    request = Request("GET", await serve(redirect), headers={"Authorization": "Bearer a"})
    answer = await transport.send(request)
    assert (answer.status, answer.headers.get("Location"), visited) == (status, away, [])


async def test_a_stream_is_read_as_it_comes(serve, transport, acquired):
    """With `stream=True` the first chunk is there before the server has sent the last, and the end frees the place."""
    go = asyncio.Event()

    async def slow(request):
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first")
        await go.wait()
        await response.write(b"last")
        return response

    answer = await transport.send(Request("GET", await serve(slow), stream=True))
    assert answer.body == b""
    chunks = []
    async for chunk in answer.stream:
        chunks.append(chunk)
        go.set()
    assert (chunks[0], b"".join(chunks)) == (b"first", b"firstlast")
    assert acquired(transport) == 0
    await answer.aclose()


async def test_a_big_stream_arrives_whole(serve, transport):
    """Several megabytes can be read chunk by chunk."""
    content = bytes(range(256)) * 2**14

    async def big(request):
        return web.Response(body=content)

    answer = await transport.send(Request("GET", await serve(big), stream=True))
    digest = hashlib.sha256()
    async for chunk in answer.stream:
        digest.update(chunk)
    assert digest.digest() == hashlib.sha256(content).digest()


@pytest.mark.parametrize("read_some", [True, False])
async def test_a_stream_closed_early_gives_the_connection_back(serve, make, acquired, read_some):
    """Leaving a stream before its end frees its place, and closing it again does nothing."""

    async def endless(request):
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 1024)
            await asyncio.sleep(0)

    async def handler(request):
        return await endless(request) if request.path == "/endless" else web.Response(text="next")

    transport = make(connections=1)
    url = await serve(handler)
    answer = await transport.send(Request("GET", url + "/endless", stream=True))
    assert acquired(transport) == 1
    if read_some:
        chunks = aiter(answer.stream)
        assert await anext(chunks)
        await chunks.aclose()
    await answer.aclose()
    await answer.aclose()
    assert acquired(transport) == 0
    assert (await transport.send(Request("GET", url + "/next"))).body == b"next"


async def test_a_cancelled_request_gives_the_connection_back(raw, make, acquired):
    """Cancelling a request in the middle frees its place, and the next request goes through."""
    arrived = asyncio.Event()

    async def script(peer):
        if b"/hang" in await peer.head():
            arrived.set()
            await asyncio.Event().wait()
        await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext")

    transport = make(connections=1)
    url = await raw(script)
    task = asyncio.create_task(transport.send(Request("GET", url + "/hang")))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert acquired(transport) == 0
    assert (await transport.send(Request("GET", url + "/next"))).body == b"next"


async def test_a_body_cancelled_halfway_gives_the_connection_back(raw, make, acquired):
    """Cancelling while the body is read frees the place as well."""
    halfway = asyncio.Event()

    async def script(peer):
        await peer.head()
        await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        halfway.set()
        await asyncio.Event().wait()

    transport = make()
    task = asyncio.create_task(transport.send(Request("GET", await raw(script))))
    await halfway.wait()
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert acquired(transport) == 0
