"""One piece of work at a time, shared by all who want it, and owned by none of them."""

import asyncio
import copy
from collections.abc import Callable, Coroutine

from print_async.detached import detached
from print_async.errors import ClientClosed, PrintAsyncError


class SingleFlight:
    """Runs one coroutine as a task of its own; who comes while it runs shares it.

    Waiters shield it: cancelling any of them, the first included, neither stops it nor harms the others. Each gets its
    own copy of the error it ends with.
    """

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    @property
    def active(self) -> bool:
        """Whether it is under way."""
        return self._task is not None and not self._task.done()

    def start(self, work: Callable[[], Coroutine[None, None, None]]) -> asyncio.Task[None]:
        """Return the running task, or start one.

        Raises:
            RuntimeError: It is running on another event loop, which still lives.
        """
        task = self._task
        if task is not None and not task.done():
            owner = task.get_loop()
            if owner is asyncio.get_running_loop():
                return task
            if not owner.is_closed():
                raise RuntimeError("this session is in use on another running event loop; give each loop its own")
        self._task = task = detached(work())
        task.add_done_callback(_retrieve)
        return task

    async def join(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Wait for the running task, or for a new one, and raise what it raises."""
        task = self.start(work)
        try:
            await asyncio.shield(task)
        except PrintAsyncError as error:
            raise copy.copy(error) from error.__cause__
        except asyncio.CancelledError:
            if _cancelled_from_outside():
                raise
            raise ClientClosed("the session was closed, or its loop ended, while a token was being fetched") from None

    async def drain(self) -> None:
        """Wait until nothing runs, whatever it ends with: work cut off halfway could lose a token."""
        if self.active and self._task is not None and self._task.get_loop() is asyncio.get_running_loop():
            await asyncio.wait({self._task})


def _cancelled_from_outside() -> bool:
    waiter = asyncio.current_task()
    return waiter is not None and waiter.cancelling() > 0


def _retrieve(task: asyncio.Task[None]) -> None:
    # An error nobody waits for has been recorded by the work itself; without this the loop would log it as lost.
    if not task.cancelled():
        task.exception()
