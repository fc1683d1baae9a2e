"""Tokens in this process's memory."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

import attrs

from print_async.auth.token import Token


@attrs.define
class _MemorySlot:
    tokens: dict[str, Token]
    identity: str

    async def load(self) -> Token | None:
        return self.tokens.get(self.identity)

    async def save(self, token: Token) -> None:
        there = self.tokens.get(self.identity)
        if there is None or there.generation < token.generation:
            self.tokens[self.identity] = token

    async def clear(self) -> None:
        self.tokens.pop(self.identity, None)


class MemoryTokenStore:
    """The default store: it lasts as long as the process, and serves the sessions of one event loop at a time.

    Give one to several sessions with the same grant, and a refresh by one serves all of them.
    """

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        # A lock belongs to the loop that first waited for it, so each loop has its own.
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, defaultdict[str, asyncio.Lock]] = WeakKeyDictionary()

    @asynccontextmanager
    async def hold(self, identity: str) -> AsyncIterator[_MemorySlot]:
        """Lock one credential and give access to its token."""
        for loop in [loop for loop in self._locks if loop.is_closed()]:
            del self._locks[loop]  # a lock that was waited for keeps its loop alive
        locks = self._locks.setdefault(asyncio.get_running_loop(), defaultdict(asyncio.Lock))
        async with locks[identity]:
            yield _MemorySlot(self._tokens, identity)
