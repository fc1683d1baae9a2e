"""The time, as a port: whatever waits or measures takes a `Clock`, so that tests need not wait."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """Something that will be called."""

    def cancel(self) -> None:
        """Do not call it, if it has not been called yet; safe to repeat."""
        ...


class Clock(Protocol):
    """Two readings and two ways to wait, all in seconds."""

    def time(self) -> float:
        """Return the wall clock: seconds since 1970. It may be set back or forward; use it only for what is stored."""
        ...

    def monotonic(self) -> float:
        """Return a reading that never goes back, from an arbitrary start. Use it for every duration."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that long; return at the next turn of the loop for zero or less."""
        ...

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        """Call a function on the running loop, that much later, unless the timer is cancelled before."""
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

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Timer:
        """Call a function on the running loop, that much later."""
        return asyncio.get_running_loop().call_later(seconds, callback)
