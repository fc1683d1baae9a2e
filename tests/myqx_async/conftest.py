"""A client and the simulator it talks to over TLS on real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import attrs
import pytest

from myqx_async import MyQX, MyQXCentral
from myqx_async.auth import CardLogin
from myqx_async.simulator import MyQXCentralSimulator, MyQXSimulator
from print_async.auth.refresh import RefreshPolicy
from print_async.retry import RetryPolicy
from print_async.transports.aiohttp import AiohttpTransport


@attrs.define
class JumpClock:
    """The clock of both sides: every sleep is over at once, and remembered."""

    now: float = 1_750_000_000.0
    slept: list[float] = attrs.field(factory=list)

    def time(self) -> float:
        """Return the wall clock."""
        return self.now

    monotonic = time

    async def sleep(self, seconds: float) -> None:
        """Jump ahead."""
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


def settings(clock: JumpClock) -> dict[str, Any]:
    """Return the options of a client on that clock: it retries at once, and wakes up for nobody."""
    return {"clock": clock, "retry": RetryPolicy(base=0), "refresh": RefreshPolicy(keep_alive=False)}


@attrs.define
class Rig:
    """A simulator, its client, and the clock of both."""

    sim: MyQXSimulator
    myqx: MyQX
    clock: JumpClock

    @property
    def requests(self) -> int:
        """How many requests the simulator has seen, token requests included."""
        return self.sim.stats.requests

    def join(self, auth: Any, **options: Any) -> MyQX:
        """Make a further client of the same server, on the same clock."""
        transport = AiohttpTransport(ca_file=self.sim.ca_file)
        return MyQX(self.sim.url, auth, **{"transport": transport, **settings(self.clock), **options})


Start = Callable[..., Awaitable[Rig]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Start simulators, each with a client: `client` and `grant`, a function of the simulator, are for the client."""
    async with AsyncExitStack() as stack:

        async def make(*sizes: int, grant: Any = None, client: Any = (), **options: Any) -> Rig:
            clock = JumpClock()
            sim = await stack.enter_async_context(MyQXSimulator(*sizes, now=clock.time, **options))
            rig = Rig(sim, None, clock)  # type: ignore[arg-type]
            rig.myqx = rig.join(sim.grant() if grant is None else grant(sim), **dict(client))
            await stack.enter_async_context(rig.myqx)
            return rig

        yield make


SignedIn = Callable[..., Callable[[MyQXSimulator], CardLogin]]


@pytest.fixture
def signed_in() -> SignedIn:
    """Return a function that makes grants: functions of a simulator, that sign in its user of that number by card."""

    def make(index: int = 0, scope: str = "jobs") -> Callable[[MyQXSimulator], CardLogin]:
        return lambda sim: CardLogin(sim.client_id, sim.client_secret, scope=scope, card=sim.credentials(index).card)

    return make


@attrs.define
class CentralRig:
    """A simulated Central Server, its client, and the clock of both."""

    sim: MyQXCentralSimulator
    central: MyQXCentral
    clock: JumpClock

    @property
    def requests(self) -> int:
        """How many requests the simulator has seen, token requests included."""
        return self.sim.stats.requests


@pytest.fixture
async def start_central() -> AsyncIterator[Callable[..., Awaitable[CentralRig]]]:
    """Start simulated Central Servers, each with a client; `grant` is a function of the simulator."""
    async with AsyncExitStack() as stack:

        async def make(*sizes: int, grant: Any = None, **options: Any) -> CentralRig:
            clock = JumpClock()
            sim = await stack.enter_async_context(MyQXCentralSimulator(*sizes, now=clock.time, **options))
            auth = sim.grant() if grant is None else grant(sim)
            transport = AiohttpTransport(ca_file=sim.ca_file)
            central = MyQXCentral(sim.url, auth, transport=transport, **settings(clock))
            return CentralRig(sim, await stack.enter_async_context(central), clock)

        yield make
