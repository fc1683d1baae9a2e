"""How many requests are in flight at a time."""

import asyncio


class Limiter:
    """Lets a limited number in, in the order they came, on whichever event loop is running.

    Waiting here, and not for a connection of the transport's pool, is what keeps tokens fresh: the token is put on a
    request when its turn comes, not before a wait of unknown length.
    """

    def __init__(self, limit: int) -> None:
        if limit < 1:
            raise ValueError("at least one request must be allowed in flight")
        self._limit = limit
        self._loop: asyncio.AbstractEventLoop | None = None
        self._slots = asyncio.Semaphore(limit)

    def slot(self) -> asyncio.Semaphore:
        """Return what to enter with `async with`."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            # A semaphore belongs to the loop that first waited for it.
            self._slots, self._loop = asyncio.Semaphore(self._limit), loop
        return self._slots
