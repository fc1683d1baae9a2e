"""What a vendor's client is: a session, its APIs, and an escape hatch for what has no method yet."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self
from urllib.parse import unquote

from print_async.auth.grant import Grant
from print_async.auth.refresh import RefreshPolicy
from print_async.auth.session import AuthSession
from print_async.auth.stores.base import TokenStore
from print_async.caller import Caller, CallStatistics, ErrorReader
from print_async.clock import Clock
from print_async.codec import UNSET, UnsetType
from print_async.limits import LimitPolicy
from print_async.options import CallOptions
from print_async.retry import RetryPolicy
from print_async.service import IDEMPOTENT_METHODS, Query, with_query
from print_async.telemetry import Hooks
from print_async.wire import Body, Request, Response, Transport


class Client:
    """The part of a client that knows no vendor.

    Args:
        auth: A grant, for a session of the client's own; or a ready session, to share one between clients. A session
            that was passed in is not closed with the client.
        origins: The base URLs of the vendor's servers; the first is where tokens come from.
        read_error: The vendor's way to write errors.
        transport, store, refresh, limits, clock: For the session of the client's own; see `AuthSession`.
        hooks: Who is told of what happens; see `print_async.telemetry`.
        timeout: Seconds for each call in all, retries and pauses included; `None` for no limit.
        retry: What is sent again, and when.
    """

    def __init__(
        self,
        auth: Grant | AuthSession,
        *,
        origins: tuple[str, ...],
        read_error: ErrorReader,
        transport: Transport | None,
        store: TokenStore | None,
        refresh: RefreshPolicy | None,
        limits: LimitPolicy | None,
        hooks: Sequence[Hooks],
        timeout: float | None,
        retry: RetryPolicy | None,
        clock: Clock | None,
    ) -> None:
        self._owns_session = not isinstance(auth, AuthSession)
        if isinstance(auth, AuthSession):
            if transport is not None or store is not None or refresh is not None or limits or hooks:
                raise ValueError("a ready session brings its own transport, store, refresh policy, limits and hooks")
            self._session = auth
        else:
            self._session = AuthSession(
                auth,
                origins=origins,
                transport=transport,
                store=store,
                refresh=refresh,
                limits=limits,
                hooks=hooks,
                clock=clock,
            )
        self._read_error = read_error
        self._options = CallOptions(timeout=timeout, retry=RetryPolicy() if retry is None else retry)
        self._clock = clock
        self._statistics = CallStatistics()

    @property
    def session(self) -> AuthSession:
        """The session that signs in and keeps the token fresh."""
        return self._session

    @property
    def statistics(self) -> CallStatistics:
        """What the calls of this client have cost so far."""
        return self._statistics

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        json: object = UNSET,
        timeout: float | UnsetType | None = UNSET,  # noqa: ASYNC109 - it is counted on the client's clock
    ) -> Response:
        """Call something that has no method here yet, with the token and the retries of every other call.

        Args:
            method: The HTTP method. GET, HEAD, PUT and DELETE count as safe to repeat.
            path: Below the API's base URL, from its slash on, percent-encoded where needed.
            query, json: Query parameters and body.
            timeout: Seconds for it in all, `None` for no limit; by default as the client says.

        Raises:
            ValueError: The path is not such a path, or the timeout no such number. Nothing was sent.
            StatusError, AuthError, TransportError: As for every call; see `print_async.errors`.
        """
        _check_path(path)
        caller = self._api_of(path)
        caller = caller.with_options(caller.options.but(timeout=timeout))
        body = None if json is UNSET else Body.json(json)
        request = Request(method.upper(), with_query(caller.base + path, query), body=body)
        return await caller.send(request, idempotent=request.method in IDEMPOTENT_METHODS)

    async def aclose(self) -> None:
        """Close the session, if it is the client's own; safe to repeat."""
        if self._owns_session:
            await self._session.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _api(self, base: str) -> Caller:
        return Caller(
            self._session,
            base,
            read_error=self._read_error,
            options=self._options,
            clock=self._clock,
            statistics=self._statistics,
        )

    def _api_of(self, path: str) -> Caller:
        """Return the API that a path belongs to."""
        raise NotImplementedError


def _check_path(path: str) -> None:
    if not path.startswith("/") or not path.isascii() or not path.isprintable() or set(path) & set(" #"):
        raise ValueError(f"a path begins with a slash, and is percent-encoded ASCII without a fragment: {path!r}")
    if {".", ".."} & set(unquote(path.split("?", 1)[0]).split("/")):
        raise ValueError(f"a path has no dot segments: {path!r}")
