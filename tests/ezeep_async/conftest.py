"""A client and the simulator it talks to over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import attrs
import pytest

from ezeep_async import Ezeep
from ezeep_async.simulator import EzeepSimulator
from print_async.auth.refresh import RefreshPolicy
from print_async.retry import RetryPolicy


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

    sim: EzeepSimulator
    ezeep: Ezeep
    clock: JumpClock

    @property
    def requests(self) -> int:
        """How many requests the simulator has seen, token requests included."""
        return self.sim.stats.requests

    @property
    def urls(self) -> dict[str, str]:
        """The base URLs, as a client takes them."""
        sim = self.sim
        return {"account_url": sim.account_url, "management_url": sim.management_url, "print_url": sim.print_url}

    def join(self, auth: Any, **options: Any) -> Ezeep:
        """Make a further client of the same servers, on the same clock."""
        return Ezeep(auth, **{**self.urls, **settings(self.clock), **options})


Start = Callable[..., Awaitable[Rig]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Start simulators, each with a client: `client` and `grant`, a function of the simulator, are for the client."""
    async with AsyncExitStack() as stack:

        async def make(users: int = 60, groups: int = 6, *, grant: Any = None, client: Any = (), **options: Any) -> Rig:
            clock = JumpClock()
            sim = await stack.enter_async_context(EzeepSimulator(users, groups, now=clock.time, **options))
            rig = Rig(sim, None, clock)  # type: ignore[arg-type]
            rig.ezeep = rig.join(sim.grant() if grant is None else grant(sim), **dict(client))
            await stack.enter_async_context(rig.ezeep)
            return rig

        yield make
