"""The time, as a port: whatever waits or measures takes a `Clock`, so that tests need not wait."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Two readings and a sleep, all in seconds."""

    def time(self) -> float:
        """Return the wall clock: seconds since 1970. It may be set back or forward; use it only for what is stored."""
        ...

    def monotonic(self) -> float:
        """Return a reading that never goes back, from an arbitrary start. Use it for every duration."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that long; return at the next turn of the loop for zero or less."""
        ...


class SystemClock:
    """The clock of the machine."""

    def time(self) -> float:
        """Return the wall clock."""
        return time.time()

    def monotonic(self) -> float:
        """Return the monotonic clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Sleep on the running loop."""
        await asyncio.sleep(seconds)
