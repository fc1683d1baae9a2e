"""Two lanes before a queue: calls that somebody waits for, and those of a job, which are many and can wait."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

T = TypeVar("T")

_FAST_IN_A_ROW = 7
_bulk: ContextVar[bool] = ContextVar("print_async_bulk", default=False)


@contextmanager
def bulk() -> Iterator[None]:
    """Let the calls made inside, and in tasks started inside, wait behind those that are made elsewhere.

        with bulk():
            async for user in ezeep.users.list():
                ...

    Where more calls are made than the server takes at a time, the others go first, but for one in eight. What
    `map_bounded` and `run_batch` call is in that lane by itself.
    """
    reset = _bulk.set(True)
    try:
        yield
    finally:
        _bulk.reset(reset)


def enter_bulk_lane() -> None:
    """Put all further calls of this context into the lane of those that can wait."""
    _bulk.set(True)


class Lanes(Generic[T]):
    """Who waits, in two lanes, first come, first served in each. A waiter is handed what it waits for."""

    def __init__(self) -> None:
        self.waiting: int = 0
        """How many wait."""
        self._fast: deque[asyncio.Future[T]] = deque()
        self._bulk: deque[asyncio.Future[T]] = deque()
        self._in_a_row = 0

    def join(self) -> "asyncio.Future[T]":
        """Wait at the end of the lane that the context is in. Who gives up has to say so by `leave`."""
        waiter: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        (self._bulk if _bulk.get() else self._fast).append(waiter)
        self.waiting += 1
        return waiter

    def leave(self) -> None:
        """Somebody who was not handed anything does not wait any more."""
        self.waiting -= 1

    def next(self) -> "asyncio.Future[T] | None":
        """Take out who is next; `None` if those who are left have been cancelled and do not know it yet."""
        _drop_gone(self._fast)
        _drop_gone(self._bulk)
        if self._fast and not (self._bulk and self._in_a_row >= _FAST_IN_A_ROW):
            self._in_a_row += bool(self._bulk)
            lane = self._fast
        else:
            self._in_a_row = 0
            lane = self._bulk
        if not lane:
            return None
        self.waiting -= 1
        return lane.popleft()


def _drop_gone(lane: "deque[asyncio.Future[T]]") -> None:
    while lane and lane[0].done():
        lane.popleft()
