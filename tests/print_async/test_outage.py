"""An outage: a server that fails for all is not made to work harder by those who wait for its end."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from itertools import count
from typing import Any

import attrs
import pytest

from print_async.auth.session import AuthSession
from print_async.caller import Caller, ErrorBody
from print_async.clock import Clock, SystemClock
from print_async.errors import ServerError
from print_async.testing import StubTransport, VirtualClock, json_response, token_response
from print_async.testing._transports.peers import Seen, answering, said, serving
from print_async.wire import Request
from tests.print_async.conftest import StubGrant

TASKS, OUTAGE = 200, 30.0


@attrs.define
class Load:
    """Tasks that call a server again and again, with a pause between their calls."""

    caller: Caller
    clock: Clock
    url: str
    pause: float
    wanted: int = 0
    """Calls that ended while the server was down."""
    failed: int = 0
    succeeded_after: int = 0
    down: bool = False
    requests_down: int = 0
    over: bool = False

    async def task(self) -> None:
        """Call until the end."""
        for number in count():
            if self.over:
                return
            try:
                await self.caller.send(Request("GET", f"{self.url}/{number}"), idempotent=True)
            except ServerError:
                self.failed += 1
            else:
                self.succeeded_after += not self.down and self.failed > 0
            self.wanted += self.down
            await self.clock.sleep(self.pause)

    async def run(self, wait: Callable[[float], Coroutine[Any, Any, None]]) -> None:
        """Run for a while, through the outage, and for a while after it."""
        async with asyncio.TaskGroup() as group:
            for _ in range(TASKS):
                group.create_task(self.task())
            await wait(2)
            self.down = True
            await wait(OUTAGE)
            self.down = False
            failed = self.failed
            assert failed > TASKS, "there was an outage"
            await wait(1)
            before = self.failed
            await wait(2 * self.pause + 1)
            assert self.failed == before, "traffic is as it was before"
            assert self.succeeded_after > TASKS
            self.over = True
            await wait(self.pause + 1)
        assert self.requests_down <= 1.2 * self.wanted


def load(session: AuthSession, base: str, clock: Clock, pause: float) -> Load:
    """Make the load for a server."""
    caller = Caller(session, base, read_error=lambda _: ErrorBody(), clock=clock)
    return Load(caller, clock, f"{base}/things", pause)


async def test_outage():
    """200 tasks send a server that answers 503 for half a minute at most 1.2 requests a call; then all goes on."""
    clock = VirtualClock()
    made: list[Load] = []

    async def answer(request: Request):
        if request.url.endswith("/token"):
            return token_response("t", expires_in=3600)
        made[0].requests_down += made[0].down
        await clock.sleep(0.02)
        return json_response({}, 503 if made[0].down else 200)

    session = AuthSession(
        StubGrant(), origins=["https://x.example"], transport=StubTransport(otherwise=answer), clock=clock
    )
    async with session:
        made.append(load(session, "https://x.example", clock, pause=5.0))

        async def wait(seconds: float) -> None:
            await clock.advance(seconds)

        await made[0].run(wait)


@pytest.mark.slow
async def test_outage_on_the_wire():
    """The same over real sockets and real time."""
    made: list[Load] = []

    def answer(seen: Seen) -> bytes:
        if seen.target == "/token":
            return said(b'{"access_token": "t", "expires_in": 3600}')
        made[0].requests_down += made[0].down
        return said(b"{}", "503 Service Unavailable" if made[0].down else "200 OK")

    wait: Callable[[float], Awaitable[None]] = asyncio.sleep
    async with serving(answering(answer)) as url, AuthSession(StubGrant(), origins=[url]) as session:
        made.append(load(session, url, SystemClock(), pause=0.5))
        await made[0].run(wait)
