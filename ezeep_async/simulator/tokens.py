"""The tokens: codes, access tokens in the shape of a JWT, and refresh tokens that work once.

Sources: apidocs.ezeep.com, auth/README, auth_code_flow, auth_code_flow_pkce and token_revocation. All tokens that
descend from one sign-in are a family, and die together when one of its spent refresh tokens comes back.
"""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256

import attrs
import msgspec

from print_async.testing.simulator import Statistics

ISSUER = "https://account.ezeep.com"
"""The `iss` of the documents' tokens, until the simulator has a URL of its own."""
_SIGNATURE_BYTES = 256


class InvalidGrant(Exception):
    """A code or refresh token that is unknown, spent, expired or revoked."""


@attrs.define(eq=False)
class Family:
    """One sign-in and what descends from it."""

    user: int
    """The index of the person signed in."""
    scope: str
    alive: bool = True
    """Whether its access tokens are taken."""
    renewable: bool = True
    """Whether its refresh tokens are taken."""
    partner: bool = False
    """Whether it is a client's own (client credentials)."""


@attrs.frozen
class _Access:
    family: Family
    expires_at: float


@attrs.define
class _Refresh:
    family: Family
    expires_at: float | None
    spent: bool = False


@attrs.frozen
class _Code:
    redirect_uri: str
    challenge: str | None
    scope: str
    user: int


@attrs.frozen(kw_only=True)
class TokenPolicy:
    """What the documents leave open about tokens, and the clock. Lifetimes are in seconds."""

    now: Callable[[], float]
    token_seconds: float
    refresh_token_seconds: float | None
    rotate: bool
    detect_reuse: bool


class Tokens:
    """Every token that was issued and is still worth remembering."""

    def __init__(self, policy: TokenPolicy, statistics: Statistics, claims: Callable[[int], dict[str, str]]) -> None:
        self.policy = policy
        self.issuer = ISSUER
        self._statistics = statistics
        self._claims = claims
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, _Access] = {}
        self._refresh: dict[str, _Refresh] = {}

    def issue_code(self, redirect_uri: str, challenge: str | None, scope: str, user: int = 0) -> str:
        """Issue a code that works once, for the user at an index; as documented it has no time limit."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(redirect_uri, challenge, scope, user)
        return code

    def redeem_code(self, code: str, redirect_uri: str, verifier: str | None) -> Family:
        """Spend a code for a new family of its user."""
        issued = self._codes.get(code)
        challenge = None if verifier is None else _encode(sha256(verifier.encode()).digest())
        # A verifier without a challenge is refused too: someone has stripped the challenge on the way.
        if issued is None or issued.redirect_uri != redirect_uri or issued.challenge != challenge:
            raise InvalidGrant
        del self._codes[code]
        return Family(issued.user, issued.scope)

    def issue_access(self, family: Family) -> str:
        """Issue an access token, and forget those that have expired."""
        now = self.policy.now()
        self._drop_expired(now)
        expires_at = now + self.policy.token_seconds
        claims: dict[str, str | int] = {
            "iss": self.issuer,
            "exp": int(expires_at),
            "iat": int(now),
            "scopes": family.scope,
        }
        token = _jwt({**claims, **self._claims(family.user)})
        self._access[token] = _Access(family, expires_at)
        return token

    def issue_refresh(self, family: Family) -> str:
        """Issue a refresh token."""
        token, seconds = secrets.token_urlsafe(32), self.policy.refresh_token_seconds
        self._refresh[token] = _Refresh(family, None if seconds is None else self.policy.now() + seconds)
        return token

    def redeem_refresh(self, token: str) -> tuple[Family, str]:
        """Spend a refresh token; return its family and the refresh token that follows it."""
        issued = self._refresh.get(token)
        if issued is None:
            raise InvalidGrant
        if issued.spent:
            self._statistics.refresh_reuse += 1
            if self.policy.detect_reuse:
                issued.family.alive = issued.family.renewable = False
            raise InvalidGrant
        if not issued.family.renewable or self._is_past(issued.expires_at):
            raise InvalidGrant
        if not self.policy.rotate:
            return issued.family, token
        issued.spent = True
        return issued.family, self.issue_refresh(issued.family)

    def bearer(self, token: str) -> Family | None:
        """Return the family of an access token that may be used now, or `None`."""
        access = self._access.get(token)
        if access is None or not access.family.alive or self._is_past(access.expires_at):
            return None
        return access.family

    def revoke(self, token: str) -> None:
        """Revoke a refresh token and its siblings; access tokens live on to their end, as documented."""
        if issued := self._refresh.get(token):
            issued.family.renewable = False

    def revoke_all(self) -> None:
        """Make every code and token worthless."""
        for issued in self._refresh.values():
            issued.family.alive = issued.family.renewable = False
        self._codes.clear()
        self._access.clear()

    def expire_access_tokens(self) -> None:
        """Make every access token worthless and leave the refresh tokens."""
        self._access.clear()

    def _drop_expired(self, now: float) -> None:
        # They expire in the order they were issued in, so the first that is still good ends the search.
        while self._access and self._access[oldest := next(iter(self._access))].expires_at <= now:
            del self._access[oldest]

    def _is_past(self, moment: float | None) -> bool:
        return moment is not None and self.policy.now() >= moment


def _jwt(claims: dict[str, str | int]) -> str:
    parts = (msgspec.json.encode({"alg": "RS256", "typ": "JWT"}), msgspec.json.encode(claims))
    return ".".join(map(_encode, (*parts, secrets.token_bytes(_SIGNATURE_BYTES))))


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
