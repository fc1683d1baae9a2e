"""A soak: ten thousand calls over a bad line, some of them cancelled. Each ends as it should, and nothing is left."""

import asyncio
import gc
import random
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from print_async import AiohttpTransport, Httpx2Transport, PyreqwestTransport, Timeouts
from print_async.auth.session import AuthSession
from print_async.caller import Caller, ErrorBody
from print_async.errors import ConnectionLost, DeadlineExceeded, ServerError, TransportTimeout
from print_async.options import CallOptions
from print_async.retry import RetryPolicy
from print_async.testing._transports.peers import Peer, said, serving
from print_async.transports._common import KEEP_ALIVE
from print_async.wire import Request
from tests.print_async.conftest import StubGrant

AnyTransport = AiohttpTransport | Httpx2Transport | PyreqwestTransport
TRANSPORTS = (AiohttpTransport, Httpx2Transport, PyreqwestTransport)
CALLS, AT_A_TIME = 10_000, 50
RESETS, REFUSALS, STALLS, TRUNCATIONS = 0.05, 0.05, 0.02, 0.01
CANCELLED = 0.05
EXPECTED = (ServerError, ConnectionLost, TransportTimeout, DeadlineExceeded)
TOKEN = said(b'{"access_token": "t", "expires_in": 3600}')


@attrs.define
class BadLine:
    """A server that answers with the target it was asked for, unless something goes wrong."""

    chance: random.Random
    over: bool = False
    open: int = 0

    async def follow(self, peer: Peer) -> None:
        """Serve one connection."""
        self.open += 1
        try:
            while await self._one(peer, (await peer.request()).target):
                pass
        finally:
            self.open -= 1

    async def _one(self, peer: Peer, target: str) -> bool:
        draw = 1.0 if self.over or target == "/token" else self.chance.random()
        answer = TOKEN if target == "/token" else said(target.encode() * 50)
        if draw < RESETS:
            peer.reset()
        elif draw < RESETS + REFUSALS:
            await peer.say(said(b"{}", "503 Service Unavailable"))
        elif draw < RESETS + REFUSALS + STALLS:
            await peer.gone()
        elif draw < RESETS + REFUSALS + STALLS + TRUNCATIONS:
            await peer.say(answer[: len(answer) // 2])
        else:
            await peer.say(answer)
        return draw >= RESETS + REFUSALS + STALLS + TRUNCATIONS or RESETS <= draw < RESETS + REFUSALS


@attrs.define
class Soak:
    """The calls, and what became of them."""

    caller: Caller
    url: str
    chance: random.Random
    answered: int = 0
    failed: int = 0
    cancelled: int = 0

    async def worker(self, numbers: range) -> None:
        """Make some of the calls, one after the other."""
        for number in numbers:
            call = asyncio.create_task(self.call(number))
            if self.chance.random() < CANCELLED:
                self.cancel_midway(call)
            try:
                await call
            except asyncio.CancelledError:
                self.cancelled += 1
            except EXPECTED:
                self.failed += 1
            else:
                self.answered += 1

    def cancel_midway(self, call: asyncio.Task[None]) -> None:
        """Cancel a call at some turn of the loop, so on fast machines too before its end; or after some time."""
        loop = asyncio.get_running_loop()

        def in_turns(turns: int) -> None:
            loop.call_soon(in_turns, turns - 1) if turns else call.cancel()

        if self.chance.random() < 0.7:
            in_turns(self.chance.randrange(12))
        else:
            loop.call_later(self.chance.uniform(0, 0.6), call.cancel)

    async def call(self, number: int) -> None:
        """Make one call, and check that the answer is its own."""
        answer = await self.caller.send(Request("GET", f"{self.url}/{number}"), idempotent=True)
        assert answer.body == f"/{number}".encode() * 50


def descriptors() -> int:
    """How many file descriptors this process has."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def until(true: Callable[[], bool]) -> None:
    """Wait for something. What cancelled requests of pyreqwest leave is a cycle of references: garbage, no leak."""
    async with asyncio.timeout(KEEP_ALIVE + 15):
        while not true():
            gc.collect()
            await asyncio.sleep(0.05)


async def soaked(transport: type[AnyTransport], url: str, chance: random.Random, calls: int, line: BadLine) -> Soak:
    """Make the calls in a session of their own, and then one more over a line that is good again."""
    session = AuthSession(StubGrant(), origins=[url], transport=transport(timeouts=Timeouts(connect=5, read=0.5)))
    async with session:
        options = CallOptions(timeout=2.0, retry=RetryPolicy(base=0.01))
        soak = Soak(Caller(session, url, read_error=lambda _: ErrorBody(), options=options), url, chance)
        line.over = False
        async with asyncio.TaskGroup() as group:
            for first in range(min(calls, AT_A_TIME)):
                group.create_task(soak.worker(range(first, calls, AT_A_TIME)))
        line.over = True
        await soak.call(0)
    await until(lambda: not line.open)
    return soak


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors as Linux shows them")
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_soak(transport):
    """Every call ends with its answer, a typed error or its cancellation; no task, connection, descriptor is left."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    line = BadLine(chance)
    async with serving(line.follow) as url:
        await soaked(transport, url, chance, 0, line)  # what a library opens once for the process is open then
        before = descriptors()
        soak = await soaked(transport, url, chance, CALLS, line)
        await until(lambda: descriptors() <= before)
    assert soak.answered + soak.failed + soak.cancelled == CALLS
    assert soak.answered > CALLS * 0.8
    assert soak.cancelled > CALLS * 0.01
    assert soak.failed < CALLS * 0.1
