"""Tokens in this process's memory."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

import attrs

from print_async.auth.stores.record import Record
from print_async.auth.token import Token

_POLL_SECONDS = 0.005
"""How often a loop looks whether another thread's has let go: nothing tells it, and the wait is a rare one."""


@attrs.define
class _MemorySlot:
    records: dict[str, Record]
    identity: str

    async def load(self) -> Token | None:
        return self._record.token

    async def save(self, token: Token) -> None:
        self.records[self.identity] = self._record.with_token(token)

    async def note(self, at: float | None) -> None:
        self.records[self.identity] = attrs.evolve(self._record, noted_at=at)

    async def noted(self) -> float | None:
        return self._record.noted_at

    async def clear(self) -> None:
        self.records.pop(self.identity, None)

    @property
    def _record(self) -> Record:
        return self.records.get(self.identity, Record())


class MemoryTokenStore:
    """The default store: it lasts as long as the process.

    Give one to several sessions with the same grant, also on event loops in several threads, and a refresh by one
    serves all of them.
    """

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        # Tasks of one loop queue up at their loop's lock, so that at most one of them polls the lock between loops.
        self._queues: WeakKeyDictionary[asyncio.AbstractEventLoop, defaultdict[str, asyncio.Lock]] = WeakKeyDictionary()
        self._owners: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._registry = threading.Lock()

    @asynccontextmanager
    async def hold(self, identity: str) -> AsyncIterator[_MemorySlot]:
        """Lock one credential and give access to its token."""
        queue, owner = self._locks(identity)
        async with queue:
            while not owner.acquire(blocking=False):  # noqa: ASYNC110 - the owner may be on another loop
                await asyncio.sleep(_POLL_SECONDS)
            try:
                yield _MemorySlot(self._records, identity)
            finally:
                owner.release()

    def _locks(self, identity: str) -> tuple[asyncio.Lock, threading.Lock]:
        with self._registry:
            for loop in [loop for loop in self._queues if loop.is_closed()]:
                del self._queues[loop]  # a lock that was waited for keeps its loop alive
            queues = self._queues.setdefault(asyncio.get_running_loop(), defaultdict(asyncio.Lock))
            return queues[identity], self._owners[identity]
