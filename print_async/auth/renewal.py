"""Getting a newer token: from the store if a sibling left one there, else by the refresh token, else by signing in.

The store's lock spans all of it, so a refresh token that works once is spent by one holder; what comes back is
persisted before anybody uses it.
"""

import copy
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Literal

import attrs

from print_async.auth.exchange import exchange
from print_async.auth.grant import Grant
from print_async.auth.refresh import RefreshPolicy, TokenState, Window
from print_async.auth.stores.base import Slot, TokenStore
from print_async.auth.token import Token
from print_async.clock import Clock
from print_async.errors import ClientClosed, LoginRequired, TokenRequestFailed, TransportError
from print_async.origin import presentable
from print_async.secret import Secret
from print_async.wire import Request, Transport

_log = logging.getLogger("print_async.auth")
Source = Literal["sign-in", "refresh", "store"]
"""Where a token is from: the grant itself, a refresh token, or a sibling who left it in the store."""


@attrs.frozen
class Held:
    """The token in use, with what is derived from it once."""

    token: Token
    window: Window
    source: Source
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
        async with self._slot() as slot:
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

    async def sign_in(self, grant: Grant, held: Held | None) -> Held:
        """Get a token with another grant, and keep it in this credential's place, as the successor of what was there.

        Raises:
            LoginRequired: The server refuses the grant. What was there stays.
            TokenRequestFailed: It did not work this time. What was there stays.
        """
        async with self._slot() as slot:
            known = None if held is None else held.token
            known = await _newer(slot, known) or known
            sent_at = self.clock.monotonic()
            token = await self._exchange(grant, grant.sign_in(self.base), known)
            await slot.save(token)
            self._refusal = None
            return self._place(token, "sign-in", self.clock.monotonic() - sent_at)

    async def revoke(self, held: Held | None) -> None:
        """End the credential at the server, then forget it in the store; safe to repeat.

        Raises:
            TokenRequestFailed: The server could not be told. Nothing was forgotten.
        """
        async with self._slot() as slot:
            known = None if held is None else held.token
            known = await _newer(slot, known) or known
            if known is not None and known.refresh_token is not None:
                await self._tell(self.grant.revocation(self.base, known.refresh_token))
            await slot.clear()

    async def _tell(self, request: Request | None) -> None:
        if request is None:
            return
        try:
            response = await self.transport.send(request)
        except TransportError as error:
            raise TokenRequestFailed(f"not signed out: {error}. Nothing was forgotten; try again") from error
        if response.status >= 300:
            raise TokenRequestFailed(
                f"not signed out: {presentable(request.url)} said {response.status}. Nothing was forgotten; try again",
                status=response.status,
            )

    def _slot(self) -> AbstractAsyncContextManager[Slot]:
        # One store may serve several servers, on which the same client id means different clients.
        return self.store.hold(f"{self.grant.identity}@{self.base}")

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

    async def _fetch(self, slot: Slot, request: Request, known: Token | None, source: Source) -> Held:
        sent_at = self.clock.monotonic()
        once = source == "refresh" or not self.grant.unattended
        token = await (self._spend(slot, request, known) if once else self._exchange(self.grant, request, known))
        if source == "refresh" and token.refresh_token is None and known is not None:
            # A server that does not rotate sends no new one (RFC 6749 section 6).
            token = attrs.evolve(token, refresh_token=known.refresh_token)
        try:
            await slot.save(token)
        except Exception:  # noqa: BLE001 - a store may raise anything, and all of it is logged
            # The token before it is spent: dropping this one as well would lose the credential for good.
            _log.exception("the token store failed; the new token is in this process's memory only")
        return self._place(token, source, self.clock.monotonic() - sent_at)

    async def _spend(self, slot: Slot, request: Request, known: Token | None) -> Token:
        """Exchange what may work only once, under a note for the next owner, in case we do not return."""
        lost_at = await slot.noted()
        await slot.note(self.clock.time() if lost_at is None else lost_at)
        try:
            return await self._exchange(self.grant, request, known)
        except LoginRequired as refusal:
            if lost_at is None:
                await slot.note(None)
                raise
            raise _explained(refusal, lost_at) from None
        except ClientClosed:
            await slot.note(lost_at)
            raise
        except TokenRequestFailed as failure:
            if not failure.answer_lost:
                await slot.note(lost_at)
            raise

    async def _exchange(self, grant: Grant, request: Request, known: Token | None) -> Token:
        return await exchange(
            grant,
            request,
            self.transport,
            self.clock,
            generation=generation_of(known) + 1,
            spent=None if known is None else known.refresh_token,
        )

    def _from_store(self, token: Token) -> Held:
        return self._place(token, "store", self.clock.time() - token.issued_at)

    def _place(self, token: Token, source: Source, age: float) -> Held:
        window = self.policy.window(token, age=age, now=self.clock.monotonic(), draw=self.draw())
        return Held(token, window, source, Secret(f"Bearer {token.access_token.reveal()}"))


def generation_of(token: Token | None) -> int:
    """Return the generation of a token, 0 for none."""
    return 0 if token is None else token.generation


def _explained(refusal: LoginRequired, lost_at: float) -> LoginRequired:
    when = datetime.fromtimestamp(lost_at, UTC).isoformat(" ", "seconds")
    return LoginRequired(
        f"{refusal}. It was sent to the server at {when}, and the answer was lost: a process died, or a connection "
        "broke. The server counts it as used, and what it gave in return never arrived",
        error=refusal.error,
        description=refusal.description,
        lost_at=lost_at,
    )


async def _newer(slot: Slot, known: Token | None) -> Token | None:
    stored = await slot.load()
    return stored if stored is not None and stored.generation > generation_of(known) else None
