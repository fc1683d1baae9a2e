"""Getting a newer token: from the store if a sibling left one there, else by the refresh token, else by signing in.

The store's lock spans all of it, so a refresh token that works once is spent by one holder; what comes back is
persisted before anybody uses it.
"""

import copy
import logging
from collections.abc import Callable

import attrs

from print_async.auth.exchange import exchange
from print_async.auth.grant import Grant
from print_async.auth.refresh import RefreshPolicy, TokenState, Window
from print_async.auth.stores.base import Slot, TokenStore
from print_async.auth.token import Token
from print_async.clock import Clock
from print_async.errors import LoginRequired
from print_async.secret import Secret
from print_async.wire import Request, Transport

_log = logging.getLogger("print_async.auth")


@attrs.frozen
class Held:
    """The token in use, with what is derived from it once."""

    token: Token
    window: Window
    source: str
    """`sign-in`, `refresh` or `store`."""
    authorization: Secret


@attrs.define
class Renewal:
    """How one credential gets its next token. Not safe to run twice at a time; the session sees to that."""

    grant: Grant
    base: str
    transport: Transport
    store: TokenStore
    policy: RefreshPolicy
    clock: Clock
    draw: Callable[[], float]
    _refusal: tuple[int, LoginRequired] | None = None

    async def next(self, held: Held | None) -> Held:
        """Return a token newer than the one held (`None`: any).

        Raises:
            LoginRequired: The credential is refused. Called again, it looks into the store and asks the server no more.
            TokenRequestFailed: It did not work this time.
        """
        known = None if held is None else held.token
        # One store may serve several servers, on which the same client id means different clients.
        async with self.store.hold(f"{self.grant.identity}@{self.base}") as slot:
            newer = await _newer(slot, known)
            if newer is not None:
                known = newer
                stored = self._from_store(newer)
                if stored.window.state(self.clock.monotonic()) is not TokenState.EXPIRED:
                    return stored
            if self._refusal is not None and generation_of(known) <= self._refusal[0]:
                raise copy.copy(self._refusal[1])
            try:
                return await self._obtain(slot, known)
            except LoginRequired as refusal:
                self._refusal = (generation_of(known), refusal)
                raise

    async def _obtain(self, slot: Slot, known: Token | None) -> Held:
        if known is not None and known.refresh_token is not None:
            try:
                return await self._fetch(slot, self.grant.refresh(self.base, known.refresh_token), known, "refresh")
            except LoginRequired:
                # Somebody without our lock may have spent it first; then theirs is the token to use.
                sibling = await _newer(slot, known)
                if sibling is not None:
                    return self._from_store(sibling)
                if not self.grant.unattended:
                    raise
        elif known is not None and not self.grant.unattended:
            raise LoginRequired("the token has expired, and the server gave no refresh token with it: sign in again")
        return await self._fetch(slot, self.grant.sign_in(self.base), known, "sign-in")

    async def _fetch(self, slot: Slot, request: Request, known: Token | None, source: str) -> Held:
        sent_at = self.clock.monotonic()
        token = await exchange(
            self.grant,
            request,
            self.transport,
            self.clock,
            generation=generation_of(known) + 1,
            spent=None if known is None else known.refresh_token,
        )
        if source == "refresh" and token.refresh_token is None and known is not None:
            # A server that does not rotate sends no new one (RFC 6749 section 6).
            token = attrs.evolve(token, refresh_token=known.refresh_token)
        try:
            await slot.save(token)
        except Exception:  # noqa: BLE001 - a store may raise anything, and all of it is logged
            # The token before it is spent: dropping this one as well would lose the credential for good.
            _log.exception("the token store failed; the new token is in this process's memory only")
        return self._place(token, source, self.clock.monotonic() - sent_at)

    def _from_store(self, token: Token) -> Held:
        return self._place(token, "store", self.clock.time() - token.issued_at)

    def _place(self, token: Token, source: str, age: float) -> Held:
        window = self.policy.window(token, age=age, now=self.clock.monotonic(), draw=self.draw())
        return Held(token, window, source, Secret(f"Bearer {token.access_token.reveal()}"))


def generation_of(token: Token | None) -> int:
    """Return the generation of a token, 0 for none."""
    return 0 if token is None else token.generation


async def _newer(slot: Slot, known: Token | None) -> Token | None:
    stored = await slot.load()
    return stored if stored is not None and stored.generation > generation_of(known) else None
