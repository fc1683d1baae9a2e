"""What is the aiohttp transport's alone: aioresponses, and whose session it is."""

import asyncio
import subprocess
import sys

import aiohttp
import pytest
from aiohttp import web
from aioresponses import aioresponses

from print_async.clock import SystemClock
from print_async.errors import ClientClosed, ConnectionLost
from print_async.phases import Phases, follow
from print_async.testing._transports.peers import answering, said, serving
from print_async.transports.aiohttp import AiohttpTransport
from print_async.wire import Body, Request, Timeouts

URL = "https://print.acme.com/api"


async def ok(request):
    """Answer."""
    return web.Response(text="ok")


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
    assert call.kwargs["headers"] == {"X-A": "1", "Content-Type": "application/json", "Content-Length": "7"}
    assert call.kwargs["data"] == b'{"a":1}'
    assert call.kwargs["allow_redirects"] is False


@pytest.mark.parametrize(
    "code",
    [
        "import print_async, myqx_async, ezeep_async",
        "import print_async.auth.session, print_async.testing, print_async.transports",
        "from print_async.transports.aiohttp import AiohttpTransport; AiohttpTransport()",
        "from print_async.transports.aiohttp import AiohttpTransport; AiohttpTransport(verify=False, connections=5)",
    ],
)
def test_aiohttp_is_imported_by_the_first_request_only(code):
    """Importing our packages, or making a transport, does not import aiohttp, which is most of any import time."""
    check = f"{code}; import sys; sys.exit(any(name.split('.')[0] in ('aiohttp', 'yarl') for name in sys.modules))"
    done = subprocess.run([sys.executable, "-W", "error", "-c", check], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.replace("verify=False", "")[:1]) in [(0, ""), (0, ":")]


async def test_its_own_session_is_closed(serve):
    """`aclose` closes the session that the transport made, and may come twice."""
    transport = AiohttpTransport()
    await transport.send(Request("GET", await serve(ok)))
    session = transport._pools._own.session
    await transport.aclose()
    await transport.aclose()
    assert session.closed


async def test_a_borrowed_session_is_left_open(serve):
    """`aclose` leaves a borrowed session to its owner."""
    async with aiohttp.ClientSession() as session:
        transport = AiohttpTransport(session)
        assert (await transport.send(Request("GET", await serve(ok)))).body == b"ok"
        await transport.aclose()
        assert not session.closed


@pytest.mark.parametrize("borrow", [True, False])
async def test_a_closed_transport_refuses(serve, borrow):
    """After `aclose` a request is `ClientClosed`, with a borrowed session as well."""
    url = await serve(ok)
    async with aiohttp.ClientSession() as session:
        transport = AiohttpTransport(session if borrow else None)
        await transport.send(Request("GET", url))
        await transport.aclose()
        with pytest.raises(ClientClosed):
            await transport.send(Request("GET", url))


async def test_a_borrowed_session_that_its_owner_closed_refuses(serve):
    """A borrowed session closed by its owner is an error of ours, `ClientClosed`."""
    url = await serve(ok)
    async with aiohttp.ClientSession() as session:
        transport = AiohttpTransport(session)
    with pytest.raises(ClientClosed):
        await transport.send(Request("GET", url))


@pytest.mark.parametrize("option", ["ca_file", "proxy", "trust_env", "connections", "verify"])
async def test_a_borrowed_session_is_configured_by_its_owner(option):
    """Options for a session of our own may not come with a borrowed one."""
    value = {"verify": False, "connections": 7}.get(option, "x")
    async with aiohttp.ClientSession() as session:
        with pytest.raises(ValueError, match="borrowed"):
            AiohttpTransport(session, **{option: value})


async def test_many_first_requests_share_one_session(serve, make):
    """Requests that come at the same time before there is a session make only one."""
    transport, url = make(), await serve(ok)
    made = []
    make_pool = transport._pools._make
    transport._pools._make = lambda: made.append(1) or make_pool()
    await asyncio.gather(*(transport.send(Request("GET", url)) for _ in range(5)))
    assert made == [1]


def once(end=b""):
    """Answer the first request of each connection, begin to answer the second, and close it."""
    targets = []

    async def script(peer):
        targets.append((await peer.request()).target)
        await peer.say(said())
        targets.append((await peer.request()).target)
        await peer.say(end)

    return script, targets


async def test_an_answer_that_has_begun_is_no_stale_connection(transport):
    """A kept connection that ends within the head of an answer is not stale: the server has seen the request."""
    script, _ = once(end=b"HTTP/1.1 200 OK\r\nContent-")
    async with serving(script) as url:
        await transport.send(Request("GET", url))
        with pytest.raises(ConnectionLost) as caught:
            await transport.send(Request("GET", url))
        await transport.aclose()
    assert not caught.value.stale


async def test_a_session_that_sends_again_by_itself_is_stopped(transport):
    """Should aiohttp no longer heed that it must not send twice, the pool does not let it."""
    script, targets = once()
    async with serving(script) as url:
        await transport.send(Request("GET", url + "/first"))
        transport._pools._own.session._retry_connection = True
        with pytest.raises(ConnectionLost):
            await transport.send(Request("GET", url + "/second"))
        await transport.aclose()
    assert targets == ["/first", "/second"]


async def test_a_borrowed_session_tells_nothing():
    """Of a borrowed session's pool nothing is known: not how far a request is, nor that a connection was stale."""
    script, _ = once()
    phases = Phases(SystemClock(), "exchange")
    async with serving(script) as url, aiohttp.ClientSession() as session:
        transport = AiohttpTransport(session)
        with follow(phases):
            await transport.send(Request("POST", url))
            with pytest.raises(ConnectionLost) as caught:
                await transport.send(Request("POST", url))
    assert not caught.value.stale
    assert {span.phase for span in phases.waterfall} <= {"exchange", "body"}


async def test_number_of_connections():
    """`connections` is what was asked for; of a borrowed session its own limit, if it has one."""
    assert (AiohttpTransport().connections, AiohttpTransport(connections=7).connections) == (100, 7)
    for limit, known in ((9, 9), (0, None)):
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=limit)) as session:
            assert AiohttpTransport(session).connections == known


def looking(transport):
    """Tell whether there will be another look."""
    return transport._pools._own._silence._looking


async def test_nobody_looks_for_silence_when_nothing_is_under_way(make):
    """The look around now and then ends with the last exchange, and begins with the next."""
    async with serving(answering(lambda _: said())) as url:
        transport = make(timeouts=Timeouts(read=0.02))
        for _ in range(2):
            await transport.send(Request("GET", url))
            assert looking(transport)
            async with asyncio.timeout(10):
                while looking(transport):  # noqa: ASYNC110 - nothing tells
                    await asyncio.sleep(0.001)
        await transport.aclose()
