"""How many requests are sent in a second. (`aiolimiter` does that on the loop's own time, and without lanes.)"""

from typing import Protocol

from print_async.clock import Clock

_LATE = 0.05  # seconds: what a busy loop has missed in so short a time is made up for


class Pacer(Protocol):
    """Says when the next request may go."""

    async def turn(self) -> None:
        """Wait until it is the caller's turn. Called by one at a time for each server."""
        ...


class SteadyPacer:
    """Lets requests go at equal distances.

    Args:
        per_second: How many.
        clock: What it waits on.
    """

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._distance = 1 / per_second
        self._clock = clock
        self._next = clock.monotonic()

    async def turn(self) -> None:
        """Wait until it is the caller's turn."""
        pause = self._next - self._clock.monotonic()
        if pause > 0:
            await self._clock.sleep(pause)
        now = self._clock.monotonic()
        # Counted from when it was due, if that was just now: a loop that is late each time would else lower the rate.
        self._next = (self._next if now - self._next < _LATE else now) + self._distance
