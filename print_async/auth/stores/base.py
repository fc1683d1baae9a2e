"""The port to a token store.

A refresh token that works once must be spent by one holder at a time, so the store's lock spans reading, exchanging
and writing. `TokenStore.hold` is that lock; what it gives, the `Slot`, is the only way to a token.
"""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from print_async.auth.token import Token


class Slot(Protocol):
    """One credential's place in a store, while it is held."""

    async def load(self) -> Token | None:
        """Return the token last saved, by whomever; `None` if there is none."""
        ...

    async def save(self, token: Token) -> None:
        """Write a token, whole. One of an older generation than what is there is not written."""
        ...

    async def clear(self) -> None:
        """Forget the token."""
        ...


class TokenStore(Protocol):
    """Keeps tokens by the identity of their grant (`Grant.identity`)."""

    def hold(self, identity: str) -> AbstractAsyncContextManager[Slot]:
        """Lock one credential against every other holder, wait for it if need be, and give access to its token."""
        ...
