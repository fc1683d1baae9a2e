"""The port to a token store.

A refresh token that works once must be spent by one holder at a time, so the store's lock spans reading, exchanging
and writing. `TokenStore.hold` is that lock; what it gives, the `Slot`, is the only way to a token.

Before a token is spent, that is noted. A note that is still there when the next holder comes tells that the one before
died, or lost the server's answer, in between: the token may be spent, and if the server refuses it, that is why.
"""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from print_async.auth.token import Token


class Slot(Protocol):
    """One credential's place in a store, while it is held. What goes wrong is a `TokenStoreError`."""

    async def load(self) -> Token | None:
        """Return the token last saved, by whomever; `None` if there is none."""
        ...

    async def save(self, token: Token) -> None:
        """Write a token, whole, and drop the note. One that is not newer than what is there is not written."""
        ...

    async def note(self, at: float | None) -> None:
        """Note that the credential is about to be spent, at that wall-clock time; `None` drops the note."""
        ...

    async def noted(self) -> float | None:
        """Return the time of the note, if there is one."""
        ...

    async def clear(self) -> None:
        """Forget the token and the note."""
        ...


class TokenStore(Protocol):
    """Keeps tokens by the identity of their grant (`Grant.identity`)."""

    def hold(self, identity: str) -> AbstractAsyncContextManager[Slot]:
        """Lock one credential against every other holder, wait for it if need be, and give access to its token."""
        ...
