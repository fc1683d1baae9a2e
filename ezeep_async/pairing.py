"""Pairing: signing in where there is no browser (auth/device_auth_flow).

    grant = await pair("client-id", show=lambda pairing: print(pairing.url))
    async with Ezeep(grant, store=store) as ezeep:
        ...

ezeep gives a code and the URL of a sign-in page. A person opens the page on whatever has a browser, and signs in;
meanwhile the token endpoint is asked again and again, until it answers with a token. That answer spends the code, so
`pair` hands on what can still be used: a grant of the refresh token in it. The access token is dropped.

The documents name no interval, no lifetime of a code, and no answer for "not yet". So 400 means that, except where its
error code cannot mean it; the pauses are ours, and longer where the server asks for it.
"""

import inspect
from collections.abc import Callable
from contextlib import AsyncExitStack
from enum import Enum
from typing import Literal

import attrs

from ezeep_async.auth import ACCOUNT_URL, PairingCode, RefreshToken
from print_async.auth.exchange import exchange
from print_async.auth.grant import basic_authorization, credentials_of, rfc6749_error
from print_async.auth.token import Token
from print_async.clock import Clock, SystemClock
from print_async.errors import (
    AuthError,
    AuthorizationRefused,
    CertificateRejected,
    DecodeError,
    LoginRequired,
    TokenRequestFailed,
    TransportError,
)
from print_async.headers import retry_after
from print_async.origin import Origin, base_url, presentable
from print_async.secret import Secret
from print_async.validators import not_empty
from print_async.wire import Body, Request, Response, Transport

_PAIR_PATH = "/oauth/pair/"
_GROWTH, _SLOWER = 1.5, 5.0
_PASSING = frozenset({408, 429})
_CLIENT_ERRORS = frozenset({*range(400, 500)} - _PASSING)
_PASSING_ERRORS = frozenset({"temporarily_unavailable", "server_error", "slow_down"})


@attrs.frozen
class Pairing:
    """What to show to the person. Both let whoever has them take part in this sign-in, so keep them out of logs."""

    code: Secret = attrs.field(converter=Secret, validator=not_empty)
    """The pairing code; `code.reveal()` gives the text to show."""
    url: str = attrs.field(repr=False)
    """The sign-in page, with the code in it: to be opened, or shown as a QR code."""


async def pair(
    client_id: str,
    *,
    show: Callable[[Pairing], object],
    mode: Literal["user", "device"] = "user",
    hardware_id: str | None = None,
    scope: str = "printing",
    client_secret: str = "",
    account_url: str = ACCOUNT_URL,
    transport: Transport | None = None,
    clock: Clock | None = None,
    timeout: float = 600.0,  # noqa: ASYNC109 - a deadline for a person, on the clock of the caller
) -> RefreshToken:
    """Begin a pairing, have it shown, and wait until the person has approved it.

    Args:
        client_id, client_secret: As issued by ezeep; the secret only for a confidential client.
        show: Called once with the code and the URL. What it returns is awaited if it can be, before the first question,
            and counts towards the time limit. What it raises ends the pairing.
        mode: `user` for a token of the person who signs in, `device` for one of this device.
        hardware_id: A GUID that a device's token is tied to; for `device` only.
        scope: Scopes, separated by spaces.
        account_url: Of the account server.
        transport: How to reach it; one of its own by default. Given one, it is left open.
        clock: The time; for tests.
        timeout: Seconds from getting the code on. The last question is asked when they are over.

    Returns:
        A grant that works once. What it is exchanged for goes to the store of the session that uses it first, and is
        found there by the same grant.

    Raises:
        ValueError: An argument makes no sense. Nothing was sent.
        AuthorizationRefused: The person refused, the code has expired, or nobody approved it in time; `error` is
            `access_denied`, `expired_token` or `timeout`. A new pairing may be begun.
        LoginRequired: ezeep does not let this client pair, or gave no refresh token. Correct it first.
        TokenRequestFailed: ezeep could not be reached or answered nonsense: at once where no code was given or another
            question is useless, else when the time is over. A new pairing may be begun.

    Nothing is kept of a pairing that ends in an error or is cancelled.
    """
    client_secret = Secret(client_secret)  # a traceback with locals would show the text
    asked = _PairRequest(client_id, client_secret, scope, mode, hardware_id)
    base = base_url(account_url)
    if not timeout > 0:
        raise ValueError(f"timeout must be more than 0 seconds: {timeout!r}")
    clock = SystemClock() if clock is None else clock
    async with AsyncExitStack() as stack:
        if transport is None:
            transport = _default_transport()
            stack.push_async_callback(transport.aclose)
        pairing = await _begin(asked, base, transport, clock)
        deadline = clock.monotonic() + timeout
        shown = show(pairing)
        if inspect.isawaitable(shown):
            await shown
        grant = PairingCode(client_id, pairing_code=pairing.code, client_secret=client_secret, scope=scope)
        token = await _Wait(grant, base, _Remembering(transport), clock, deadline).token()
    if token.refresh_token is None:
        raise LoginRequired(
            f"the pairing was approved, and {presentable(base)} gave no refresh token with the access token. The code "
            "is spent, and the access token was dropped and ends by itself. Ask ezeep for a client whose pairings get "
            "refresh tokens, or sign in another way"
        )
    return RefreshToken(client_id, token.refresh_token, client_secret=client_secret, scope=scope)


@attrs.frozen
class _PairRequest:
    """What is asked of the pairing endpoint."""

    client_id: str = attrs.field(validator=not_empty)
    client_secret: Secret = attrs.field(converter=Secret)
    scope: str
    mode: str = attrs.field(validator=attrs.validators.in_(("user", "device")))
    hardware_id: str | None

    def __attrs_post_init__(self) -> None:
        if self.hardware_id is not None and (self.mode != "device" or not self.hardware_id):
            raise ValueError("hardware_id is for mode='device' only, and must not be empty")

    @property
    def authorization(self) -> Secret:
        """The Authorization header."""
        return basic_authorization(self.client_id, self.client_secret)

    def request(self, base: str) -> Request:
        """Make the request."""
        fields = {"mode": self.mode, "scope": self.scope, "hardware_id": self.hardware_id or ""}
        form = Body.form({name: value for name, value in fields.items() if value})
        return Request("POST", base + _PAIR_PATH, {"Authorization": self.authorization}, form)


async def _begin(asked: _PairRequest, base: str, transport: Transport, clock: Clock) -> Pairing:
    request = asked.request(base)
    try:
        response = await transport.send(request)
    except TransportError as error:
        raise TokenRequestFailed(f"no pairing code: {error}. Nothing was signed in; begin a new pairing") from error
    found = _read_pairing(asked, request, response, clock)
    if isinstance(found, AuthError):
        raise found
    return found


def _read_pairing(
    asked: _PairRequest, request: Request, response: Response, clock: Clock
) -> Pairing | LoginRequired | TokenRequestFailed:
    # It returns its errors, because a traceback with locals would show what it has read.
    where = f"the pairing endpoint {presentable(request.url)}"
    answer = _plain(response)
    refusal = rfc6749_error(answer)
    if refusal is None:
        pairing = _pairing_in(answer) if response.status < 300 else None
        return pairing or TokenRequestFailed(
            f"no pairing code: {where} answered {response.status} without a code and the URL of a sign-in page. "
            "Is the account URL right, and no proxy in between? Nothing was signed in",
            status=response.status,
            retry_after=retry_after(response.headers, clock),
        )
    refusal = refusal.masked([asked.client_secret, credentials_of(request)])
    if response.status in _CLIENT_ERRORS and refusal.error not in _PASSING_ERRORS:
        return LoginRequired(
            f"{where} refused to begin a pairing: {refusal}. Nothing was signed in; correct the client, or the request",
            error=refusal.error,
            description=refusal.description,
        )
    return TokenRequestFailed(
        f"no pairing code for now: {where} answered {response.status}: {refusal}. Begin a new pairing later",
        status=response.status,
        retry_after=retry_after(response.headers, clock),
    )


def _plain(response: Response) -> object:
    try:
        return response.json()
    except DecodeError:
        return None


def _pairing_in(answer: object) -> Pairing | None:
    if not isinstance(answer, dict):
        return None
    code, url = answer.get("pairing_code"), answer.get("auth_url")
    if not isinstance(code, str) or not code or not isinstance(url, str) or not _is_page(url):
        return None
    return Pairing(code, url)


def _is_page(url: str) -> bool:
    """Tell whether a person may be sent there: https, or this machine. A browser would run `javascript:`, too."""
    try:
        origin = Origin.of(url)
    except ValueError:
        return False
    return url.isprintable() and (origin.scheme == "https" or origin.is_loopback)


class _Verdict(Enum):
    """What an answer without a token means."""

    NOT_YET = "not yet"
    TOO_FAST = "too fast"
    FAILED = "failed"
    """Nothing that concerns the pairing; it may pass."""
    DENIED = "the person, or ezeep, refused it"
    EXPIRED = "the code has expired"
    FINAL = "final"
    """Another question would be answered in the same way."""


_VERDICTS = {
    "authorization_pending": _Verdict.NOT_YET,
    "slow_down": _Verdict.TOO_FAST,
    "access_denied": _Verdict.DENIED,
    "expired_token": _Verdict.EXPIRED,
    **dict.fromkeys(
        ("invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type"), _Verdict.FINAL
    ),
}
"""By the error codes of RFC 6749 section 5.2 and RFC 8628 section 3.5."""


@attrs.define
class _Remembering:
    """A transport that keeps the last answer, whose status and headers the exchange does not hand on."""

    transport: Transport
    last: Response | None = None

    async def send(self, request: Request) -> Response:
        """Send a request."""
        self.last = None
        self.last = await self.transport.send(request)
        return self.last

    async def aclose(self) -> None:
        """Close it."""
        await self.transport.aclose()


@attrs.define
class _Wait:
    """The questions to the token endpoint, from the first to the token, the refusal or the deadline."""

    grant: PairingCode
    base: str
    transport: _Remembering
    clock: Clock
    deadline: float
    interval: float = 2.0
    """Seconds to the next question."""
    longest: float = 10.0
    lost: bool = False
    """Whether there was a question that may have arrived and was not answered."""

    async def token(self) -> Token:
        """Return the token."""
        pause = self.interval
        while True:
            await self.clock.sleep(min(pause, self.deadline - self.clock.monotonic()))
            try:
                return await exchange(
                    self.grant, self.grant.sign_in(self.base), self.transport, self.clock, generation=1
                )
            except (LoginRequired, TokenRequestFailed) as error:
                verdict = self._verdict(error)
                if verdict in (_Verdict.DENIED, _Verdict.EXPIRED):
                    raise _refused(verdict) from error
                if verdict is _Verdict.FINAL:
                    raise
                self.lost = self.lost or (isinstance(error, TokenRequestFailed) and error.answer_lost)
                pause = self._next_pause(verdict)
                left = self.deadline - self.clock.monotonic()
                if left <= 0 or left < self._asked_pause():
                    raise self._too_late(error, verdict) from error

    def _verdict(self, error: LoginRequired | TokenRequestFailed) -> _Verdict:
        response = self.transport.last
        if response is None:
            return _Verdict.FINAL if isinstance(error.__cause__, CertificateRejected) else _Verdict.FAILED
        refusal = self.grant.read_refusal(response)
        known = _VERDICTS.get(refusal.error or "") if refusal is not None else None
        if known is not None:
            return known
        if response.status == 400:
            return _Verdict.NOT_YET
        return _Verdict.FAILED if response.status in _PASSING or response.status >= 500 else _Verdict.FINAL

    def _next_pause(self, verdict: _Verdict) -> float:
        if verdict is _Verdict.TOO_FAST:  # five seconds more from now on (RFC 8628 section 3.5)
            self.interval, self.longest = self.interval + _SLOWER, self.longest + _SLOWER
        else:
            self.interval = min(self.interval * _GROWTH, self.longest)
        return max(self.interval, self._asked_pause())

    def _asked_pause(self) -> float:
        """Return what the last answer's Retry-After asks for."""
        last = self.transport.last
        return 0.0 if last is None else retry_after(last.headers, self.clock) or 0.0

    def _too_late(self, error: LoginRequired | TokenRequestFailed, verdict: _Verdict) -> AuthError:
        lost = " An answer was lost on the way, which may have been the token; then the code is spent." * self.lost
        if verdict is _Verdict.FAILED and isinstance(error, TokenRequestFailed):
            return TokenRequestFailed(
                f"the time for the pairing is over, and the last question failed: {error}.{lost} Begin a new pairing",
                status=error.status,
                retry_after=error.retry_after,
            )
        return AuthorizationRefused(
            f"nobody approved the pairing in time.{lost} Nothing was signed in; begin a new pairing", error="timeout"
        )


def _refused(verdict: _Verdict) -> AuthorizationRefused:
    code = "access_denied" if verdict is _Verdict.DENIED else "expired_token"
    text = f"the pairing ended: {verdict.value}. Nothing was signed in; begin a new pairing"
    return AuthorizationRefused(text, error=code)


def _default_transport() -> Transport:
    from print_async.transports.aiohttp import AiohttpTransport

    return AiohttpTransport()
