"""When the session is made and closed, and whose it is."""

import asyncio
import gc
import subprocess
import sys

import aiohttp
import pytest
from aiohttp import web

from print_async.errors import ClientClosed, PrintAsyncError
from print_async.testing.simulator import Server
from print_async.transports.aiohttp import AiohttpTransport
from print_async.wire import Request


async def ok(request):
    """Answer."""
    return web.Response(text="ok")


def app():
    """Make an application that answers."""
    made = web.Application()
    made.router.add_get("/", ok)
    return made


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
    session = transport._own
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


async def test_closing_what_was_never_used_is_nothing():
    """A transport that sent nothing can be closed."""
    await AiohttpTransport().aclose()


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


async def test_closing_while_requests_are_under_way_ends_them_with_our_errors(raw, make):
    """Who is answered, and who waits for a connection, gets an error of ours when the transport is closed."""
    arrived = asyncio.Event()

    async def script(peer):
        await peer.head()
        arrived.set()
        await asyncio.Event().wait()

    transport, url = make(connections=1), await raw(script)
    tasks = [asyncio.create_task(transport.send(Request("GET", url))) for _ in range(2)]
    await arrived.wait()
    await asyncio.sleep(0.01)
    await transport.aclose()
    ends = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 1)
    assert [isinstance(end, PrintAsyncError) for end in ends] == [True, True], ends


async def test_many_first_requests_share_one_session(serve, make):
    """Requests that come at the same time before there is a session make only one."""
    transport, url = make(), await serve(ok)
    made = []
    make_session = transport._make
    transport._make = lambda: made.append(1) or make_session()
    await asyncio.gather(*(transport.send(Request("GET", url)) for _ in range(5)))
    assert made == [1]


@pytest.mark.parametrize("tls", [False, True])
def test_one_transport_serves_two_loops(certified, ca_file, tls):
    """One transport works in a second `asyncio.run`, and nothing of the first is left unclosed."""
    transport = AiohttpTransport(ca_file=ca_file if tls else None)

    async def visit():
        async with Server(app(), ssl_context=certified("localhost") if tls else None) as server:
            answers = await asyncio.gather(*(transport.send(Request("GET", server.url)) for _ in range(3)))
            return [answer.body for answer in answers]

    for _ in range(2):
        assert asyncio.run(visit()) == [b"ok"] * 3
    asyncio.run(transport.aclose())
    gc.collect()
