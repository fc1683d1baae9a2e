"""A call that stalls on the wire, in each phase, on each transport: it ends at its deadline, and says where it was."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import attrs
import pytest

from print_async import AiohttpTransport, DeadlineExceeded, Httpx2Transport, PyreqwestTransport, deadline
from print_async.auth.session import AuthSession
from print_async.caller import Caller, ErrorBody
from print_async.testing import StubTransport, VirtualClock, token_response
from print_async.testing._transports.peers import Peer, said, serving
from print_async.wire import Body, Request, Response, Timeouts
from tests.print_async.conftest import StubGrant

TRANSPORTS = (AiohttpTransport, Httpx2Transport, PyreqwestTransport)
LARGE = 64 * 2**20
TOKEN = said(b'{"access_token": "t", "expires_in": 3600}')


async def pour() -> AsyncIterator[bytes]:
    """Yield a body that no socket buffer holds."""
    for _ in range(LARGE // 2**16):
        yield bytes(2**16)


@attrs.define
class Staller:
    """A server that hands out a token, and then stalls in one phase."""

    phase: str
    there: asyncio.Event = attrs.field(factory=asyncio.Event)

    async def follow(self, peer: Peer) -> None:
        """Follow the script on one connection."""
        head = await peer.head()
        if b"/token " in head:
            await peer.reader.readexactly(len("grant_type=client_credentials"))
            await peer.say(TOKEN)
            await self.follow(peer)
            return
        if self.phase == "body":
            await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it")
        self.there.set()
        if self.phase != "send":
            await peer.gone()
        await asyncio.Event().wait()


def request(url: str, phase: str) -> Request:
    """Make one that gets as far as the phase."""
    if phase == "send":
        return Request("PUT", f"{url}/things", body=Body(pour, length=LARGE))
    return Request("GET", f"{url}/things")


async def stalled(session: AuthSession, clock: VirtualClock, sent: Request, there: asyncio.Event):
    """Start a call with a deadline of five seconds, let it come as far as it comes, and return its error."""
    caller = Caller(session, "https://localhost", read_error=lambda _: ErrorBody(), clock=clock)

    async def call() -> None:
        async with deadline(5, clock=clock):
            await caller.send(sent, idempotent=True)

    task = asyncio.create_task(call())
    async with asyncio.timeout(30):
        await there.wait()
    await asyncio.sleep(0.05)  # real time: what the server has sent is on its way
    await clock.advance(4.99)
    assert not task.done()
    await clock.advance(0.06)
    async with asyncio.timeout(30):
        with pytest.raises(DeadlineExceeded) as caught:
            await task
    assert sum(span.seconds for span in caught.value.waterfall) == pytest.approx(5)
    return caught.value


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("phase", ["send", "headers", "body"])
async def test_stalled_on_the_wire(transport, phase):
    """A server that stops reading, does not answer, or stops in the middle of its answer."""
    staller, clock = Staller(phase), VirtualClock()
    async with serving(staller.follow) as url:
        made = AuthSession(StubGrant(), origins=[url], transport=transport(timeouts=Timeouts(read=None)), clock=clock)
        async with made:
            await made.token()
            error = await stalled(made, clock, request(url, phase), staller.there)
    # pyreqwest does not tell when a small request has left: from the connection on it may have.
    seen = "exchange" if (transport, phase) == (PyreqwestTransport, "headers") else phase
    assert (error.phase, error.sent) == (seen, True)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_stalled_handshake(transport):
    """A server that takes the connection and does not shake hands: nothing was sent, where the library can tell."""
    clock, connected = VirtualClock(), asyncio.Event()

    async def take(peer: Peer) -> None:
        connected.set()
        await peer.gone()

    async with serving(take) as plain:
        url = plain.replace("http://127.0.0.1", "https://localhost")
        own = transport(timeouts=Timeouts(connect=None, read=None))

        async def answer(sent: Request) -> Response:
            return token_response("t") if sent.url.endswith("/token") else await own.send(sent)

        stub = StubTransport(otherwise=answer)
        async with aclosing(own), AuthSession(StubGrant(), origins=[url], transport=stub, clock=clock) as made:
            error = await stalled(made, clock, request(url, "connect"), connected)
    if transport is PyreqwestTransport:
        assert error.sent
    else:
        assert (error.phase, error.sent) == ("connect", False)
