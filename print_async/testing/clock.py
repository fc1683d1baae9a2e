"""Time under the test's control."""

import asyncio
import heapq
import itertools
from collections.abc import Callable

# How often the loop is let turn before the next timer may fire. Every turn runs all that is ready, so this bounds the
# length of a chain of awaits, not the number of tasks.
_TURNS = 100


class VirtualClock:
    """A `print_async.clock.Clock` that moves only when it is told to.

    `sleep` waits until `advance` has passed its time. In between, the tasks that were woken run until they all wait
    again, so what follows an `await clock.advance(60)` sees everything that 60 seconds would have done.

        clock = VirtualClock()
        session = AuthSession(grant, origins=[...], transport=stub, clock=clock)
        await session.token()
        await clock.advance(3600)

    Args:
        time: What the wall clock says at the start, in seconds since 1970.
    """

    def __init__(self, time: float = 1_750_000_000.0) -> None:
        self._now = 0.0
        self._epoch = time
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def time(self) -> float:
        """Return the wall clock."""
        return self._epoch + self._now

    def monotonic(self) -> float:
        """Return the seconds advanced so far."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been advanced that far."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), woken))
        await woken

    def call_later(self, seconds: float, callback: Callable[[], object]) -> "asyncio.Future[None]":
        """Call a function when the clock has been advanced that far."""
        fired: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        fired.add_done_callback(lambda timer: None if timer.cancelled() else callback())
        if seconds <= 0:
            fired.set_result(None)
        else:
            heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), fired))
        return fired

    @property
    def sleepers(self) -> int:
        """How many tasks are asleep on this clock."""
        return sum(not woken.done() for _, _, woken in self._sleepers)

    def set_wall_clock(self, time: float) -> None:
        """Set the wall clock, as an administrator or NTP would; the monotonic clock does not notice."""
        self._epoch = time - self._now

    async def advance(self, seconds: float) -> None:
        """Move both clocks on, firing the timers on the way in their order."""
        until = self._now + seconds
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            self._now, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
                await self.settle()
        self._now = until
        await self.settle()

    async def settle(self) -> None:
        """Let all tasks run until they wait for something; the time stands still."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)
