"""What is the aiohttp transport's alone: aioresponses, and whose session it is."""

import asyncio
import subprocess
import sys

import aiohttp
import pytest
from aiohttp import web
from aioresponses import aioresponses

from print_async.errors import ClientClosed
from print_async.transports.aiohttp import AiohttpTransport
from print_async.wire import Body, Request

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
    assert call.kwargs["headers"] == {"X-A": "1", "Content-Type": "application/json"}
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
    session = transport._sessions._own
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
    make_session = transport._sessions._make
    transport._sessions._make = lambda: made.append(1) or make_session()
    await asyncio.gather(*(transport.send(Request("GET", url)) for _ in range(5)))
    assert made == [1]
