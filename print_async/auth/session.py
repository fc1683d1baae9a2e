"""The auth session: one credential, always with a token that is good, for as many tasks as want it.

What a caller gets, and what happens meanwhile:

    token is  caller gets                           refresh
    fresh     the token, at once                    none
    stale     the token, at once                    one, in the background
    expired   the new token, after the one refresh  that one, shared by all who wait
    refused   `LoginRequired`, once it has expired  none, until the store has a newer token

A refresh that fails on the way is tried again after a pause that grows; until then a stale token is handed out as
before, and callers with an expired one get the error that the attempt ended with. A timer refreshes when it is due even
if nobody asks, so in the long run nobody waits.
"""

import asyncio
import copy
import random
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

import attrs

from print_async import phases
from print_async.auth.flight import SingleFlight
from print_async.auth.grant import Grant
from print_async.auth.needs import Needs
from print_async.auth.refresh import Attempt, RefreshPolicy, Window
from print_async.auth.renewal import Held, Renewal
from print_async.auth.servers import Servers
from print_async.auth.stores.base import TokenStore
from print_async.auth.stores.memory import MemoryTokenStore
from print_async.auth.token import Token, TokenInfo
from print_async.budget import RetryBudget
from print_async.clock import Clock, SystemClock
from print_async.errors import AuthError, ClientClosed, LoginRequired, TokenRequestFailed
from print_async.finish import to_the_end
from print_async.limits import LimitPolicy
from print_async.limits.limiter import Limiter, Occupying, Slot
from print_async.origin import Origin
from print_async.secret import redact_bytes
from print_async.telemetry import Hooks, RefreshEvent
from print_async.telemetry.teller import Sendings, Teller
from print_async.wire import Pooled, Request, Response, Transport


@attrs.define
class SessionStatistics:
    """What a session has seen so far."""

    sign_ins: int = 0
    """Tokens fetched by the grant itself."""
    refreshes: int = 0
    """Tokens fetched with a refresh token."""
    unauthorized: int = 0
    """Requests that an API answered 401."""


class AuthSession:
    """Signs in, keeps the token fresh, and sends requests with it.

    Args:
        grant: How to sign in.
        origins: Base URLs of the servers that may see the credential. The first is where tokens come from.
        transport: How to reach them; an `AiohttpTransport` by default. `aclose` closes it.
        store: Where tokens outlive the session; this process's memory by default.
        refresh: When to refresh.
        limits: How many requests are sent at a time, and in a second.
        hooks: Who is told of what happens; see `print_async.telemetry`.
        clock, draw: The time, and random numbers from 0 to 1; for tests.

    Raises:
        ValueError: An origin is not a base URL, or is plain http to another machine.

    Use it from many tasks of one event loop. After that loop has ended, another may use it.
    """

    def __init__(
        self,
        grant: Grant,
        *,
        origins: Sequence[str],
        transport: Transport | None = None,
        store: TokenStore | None = None,
        refresh: RefreshPolicy | None = None,
        limits: LimitPolicy | None = None,
        hooks: Sequence[Hooks] = (),
        clock: Clock | None = None,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._servers = Servers.at(origins)
        self._grant = grant
        self._transport = transport if transport is not None else _default_transport()
        self._policy = refresh if refresh is not None else RefreshPolicy()
        self._clock = clock if clock is not None else SystemClock()
        self._monotonic = self._clock.monotonic
        tokens = store if store is not None else MemoryTokenStore()
        self._renewal = Renewal(grant, self._servers.bases[0], self._transport, tokens, self._policy, self._clock, draw)
        self.statistics: SessionStatistics = SessionStatistics()
        self._requested = grant.requested_scope or None
        self._held: Held | None = None
        self.teller: Teller = Teller(hooks, self._clock)
        self._limiter = Limiter(
            limits if limits is not None else LimitPolicy(),
            connections=self._transport.connections if isinstance(self._transport, Pooled) else None,
            clock=self._clock,
            on_limit=self.teller.limit,
        )
        self._budgets: dict[Origin, RetryBudget] = {}
        self._flight = SingleFlight()
        self._attempt_began = 0.0
        self._keeper: asyncio.Task[None] | None = None
        self._last: Attempt | None = None
        self._failure: AuthError | None = None
        self._rejected_at: float | None = None
        self._closed = False
        self._signed_out = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def token(self) -> Token:
        """Return a token that is good for a request now. A fresh one takes no lock and makes no task.

        Raises:
            LoginRequired: The credential was refused.
            TokenRequestFailed: There is no usable token, and the last attempt to get one failed.
            ClientClosed: The session is closed.
        """
        held = self._fresh()
        return held.token if held is not None else (await self._renewed()).token

    async def ensure_token(self) -> TokenInfo:
        """Get a token now, so that a wrong credential shows at start-up, and tell what it is.

        Raises as `token` does.
        """
        await self._current()
        info = self.token_info
        if info is None:
            raise ClientClosed("the session was closed")
        return info

    @property
    def token_info(self) -> TokenInfo | None:
        """What is known of the token in use, without its secret; `None` before the first."""
        held = self._held
        if held is None:
            return None
        wall = self._clock.time() - self._monotonic()
        granted = held.token.scope
        return TokenInfo(
            kind=self._grant.kind,
            generation=held.token.generation,
            source=held.source,
            expires_at=wall + held.window.expired_at,
            refresh_at=wall + held.window.stale_at,
            scope=granted,
            missing_scope=frozenset() if granted is None else self._grant.requested_scope - granted,
            has_refresh_token=held.token.refresh_token is not None,
        )

    def retry_budget(self, base: str) -> RetryBudget:
        """Return the retries that the server of that base URL gets, from all who share the session."""
        return self._budgets.setdefault(Origin.of(base), RetryBudget())

    async def send(self, request: Request, needs: Needs | None = None, *, sendings: Sendings | None = None) -> Response:
        """Send a request with the token, and once more with a new one if the answer is 401.

        Args:
            request: To one of the session's origins, without an Authorization header.
            needs: What the operation needs of a token, checked before anything is sent.
            sendings: How often its call has been sent before; counted on, for the hooks.

        Raises:
            ForeignOrigin, InsufficientScope, WrongTokenKind: Before any I/O.
            AuthError: As `token` does.
            TransportError: As the transport does.
        """
        origin = self._servers.origin_of(request)
        if needs is not None and not needs.any_token_does:
            needs.check(self._grant.kind, self._requested)
        slot = self._limiter.enter_now(origin) or await self._limiter.enter(origin)
        try:
            held = self._fresh() or await self._renewed_for(slot)
            if needs is not None and not needs.any_token_does:
                needs.check(self._grant.kind, held.token.scope)
            sendings = sendings or Sendings()
            response = await self._exchange(request, held, needs, sendings, slot)
            if response.status == 401:
                renewed = await self._after_refusal(request, held, response)
                if renewed is not held:
                    slot.sends()
                    response = await self._exchange(request, renewed, needs, sendings, slot)
        except BaseException:
            slot.leave()
            raise
        if response.stream is None:
            slot.leave()
        else:
            response.stream = Occupying(response.stream, slot)
        return response

    async def _renewed_for(self, slot: Slot) -> Held:
        held = await self._renewed()
        slot.sends()
        return held

    async def _exchange(
        self, request: Request, held: Held, needs: Needs | None, sendings: Sendings, slot: Slot
    ) -> Response:
        phases.enter("exchange")
        sendings.made += 1
        authorised = _with_token(request, held)
        if self.teller.observes:
            operation = None if needs is None else needs.operation
            response = await self.teller.send(self._transport, authorised, operation, sendings.made)
        else:
            response = await self._transport.send(authorised)
        slot.answered(response)
        return response

    async def _after_refusal(self, request: Request, held: Held, response: Response) -> Held:
        """Return what to send again with what was answered 401: another token, or the same one not to send it again."""
        self.statistics.unauthorized += 1
        self.invalidate(held.token.generation)
        if request.body is not None and not request.body.replayable:
            return held
        try:
            renewed = await self._current()
        except BaseException:
            await response.aclose()
            raise
        if renewed.token.generation == held.token.generation:
            return held
        await response.aclose()
        return renewed

    @property
    def transport(self) -> Transport:
        """The way to the network without the credential, for a URL that carries one of its own."""
        return self._transport

    @property
    def clock(self) -> Clock:
        """The time that the session goes by."""
        return self._clock

    def invalidate(self, generation: int) -> None:
        """Say that an API refused the token of that generation. A newer one, fetched meanwhile, is not touched.

        Servers that refuse every token do not cause a storm: within `RefreshPolicy.min_interval` of the last time, the
        token is kept.
        """
        held, now = self._held, self._monotonic()
        if held is None or held.token.generation != generation:
            return
        if self._rejected_at is not None and now < self._rejected_at + self._policy.min_interval:
            return
        self._rejected_at = now
        self._held = attrs.evolve(held, window=Window(now, now))
        if self._last is not None and not self._last.failures:
            # Nothing is known against an attempt right now. After a failure its pause holds, whatever the API says.
            self._last = None

    async def sign_in(self, grant: Grant) -> TokenInfo:
        """Sign in anew, with another grant of the same server, and go on with the token that it gives.

        It takes the place of the session's own credential in the store, where every process that shares it finds it.
        So the session of a `StoredCredential` begins, and is mended after `LoginRequired`.

        Not to be repeated with a grant that works once; once begun, it is finished even if the caller is cancelled.

        Raises:
            LoginRequired: The server refuses the grant. What was there before stays.
            TokenRequestFailed: It did not work this time. What was there before stays.
            TokenStoreError: The token could not be saved, and is dropped.
            ClientClosed: The session is closed.
        """
        if self._closed:
            raise _closed()
        await self._flight.drain()
        self._attempt_began = self._monotonic()
        self._accept(await to_the_end(self._renewal.sign_in(grant, self._held)))
        self._signed_out = False
        return await self.ensure_token()

    async def revoke(self) -> None:
        """Sign out: end the credential at the server, where the vendor has a way to, and forget it in the store.

        Safe to repeat. Afterwards `token` raises `LoginRequired`, until `sign_in`.

        Raises:
            TokenRequestFailed: The server could not be told. Nothing was forgotten, and the session goes on.
        """
        signed_out, self._signed_out = self._signed_out, True  # from here on nobody starts a refresh
        try:
            await self._flight.drain()
            await self._renewal.revoke(self._held)
        except BaseException:
            self._signed_out = signed_out
            raise
        self._stop_timer()
        self._held = None

    async def aclose(self) -> None:
        """Stop the timer, let a refresh under way finish so that its token is not lost, and close the transport."""
        self._closed = True
        self._stop_timer()
        await self._flight.drain()
        await self._transport.aclose()

    def _stop_timer(self) -> None:
        keeper, self._keeper = self._keeper, None
        if keeper is not None and not keeper.get_loop().is_closed():
            keeper.cancel()

    def _fresh(self) -> Held | None:
        held = self._held
        if held is not None and self._monotonic() < held.window.stale_at and not self._closed and not self._signed_out:
            return held
        return None

    async def _current(self) -> Held:
        return self._fresh() or await self._renewed()

    async def _renewed(self) -> Held:
        phases.enter("token")
        if self._closed:
            raise _closed()
        if self._signed_out:
            raise LoginRequired("this session has signed out, and nobody has signed in again", error="signed_out")
        held = self._held
        decision = self._policy.decide(None if held is None else held.window, self._monotonic(), self._last)
        if decision.usable and held is not None:
            if decision.refresh:
                self._flight.start(self._attempt)
            return held
        if not decision.refresh and not self._flight.active and self._failure is not None:
            raise copy.copy(self._failure) from self._failure.__cause__
        await self._flight.join(self._attempt)
        if self._held is None:
            raise ClientClosed("the session was closed")
        return self._held

    async def _attempt(self) -> None:
        """Get a newer token, and record how it went. Only ever one at a time."""
        self._attempt_began = self._monotonic()
        try:
            renewed = await self._renewal.next(self._held)
        except AuthError as error:
            self._record(error)
            raise
        except ClientClosed:
            raise
        except Exception as error:
            # The store, or a grant of somebody else's. Unrecorded, every caller would try again at once.
            # Texts other than the system's may quote what they are about.
            said = f": {error}" if isinstance(error, OSError) else ""
            failed = TokenRequestFailed(f"no token for now: store or grant raised {type(error).__name__}{said}")
            self._record(failed)
            raise failed from error
        self._accept(renewed)

    def _accept(self, renewed: Held) -> None:
        self._held = renewed
        self._failure = None
        self._last = None if renewed.source == "store" else Attempt(self._monotonic())
        self.statistics.sign_ins += renewed.source == "sign-in"
        self.statistics.refreshes += renewed.source == "refresh"
        self._tell(renewed, None)
        self._keep()

    def _record(self, error: AuthError) -> None:
        failures = self._last.failures if self._last else 0
        pause = error.retry_after if isinstance(error, TokenRequestFailed) else None
        self._last = Attempt(self._monotonic(), failures + 1, pause or 0.0)
        self._failure = error
        self._tell(None, error)
        if self._held is not None and not isinstance(error, LoginRequired):
            self._keep()

    def _tell(self, renewed: Held | None, error: AuthError | None) -> None:
        seconds = self._monotonic() - self._attempt_began
        if renewed is None:
            usable = self._held is not None and self._monotonic() < self._held.window.expired_at
            self.teller.refresh(RefreshEvent("failed", seconds, None, error, usable))
        else:
            self.teller.refresh(RefreshEvent(renewed.source, seconds, renewed.token.generation, None, True))

    def _keep(self) -> None:
        """Set the timer, anew: the last attempt decides when the next one is due."""
        if not self._policy.keep_alive or self._closed:
            return
        loop = asyncio.get_running_loop()
        if self._keeper is not None and self._keeper.get_loop() is loop:
            self._keeper.cancel()
        self._keeper = loop.create_task(self._refresh_when_due())

    async def _refresh_when_due(self) -> None:
        while self._held is not None:
            decision = self._policy.decide(self._held.window, self._monotonic(), self._last)
            if decision.refresh:
                if not self._signed_out:
                    self._flight.start(self._attempt)
                return
            await self._clock.sleep(decision.due_in)

    def masked(self, answer: bytes) -> bytes:
        """Mask the token in what a server answered, which may quote what it was sent."""
        return answer if self._held is None else redact_bytes(answer, self._held.token.access_token)


def _closed() -> ClientClosed:
    return ClientClosed("the session is closed; make a new one")


def _with_token(request: Request, held: Held) -> Request:
    headers = {**request.headers, "Authorization": held.authorization}
    return Request(request.method, request.url, headers, request.body, request.stream)


def _default_transport() -> Transport:
    from print_async.transports.aiohttp import AiohttpTransport

    return AiohttpTransport()
