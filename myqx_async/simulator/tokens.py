"""Access tokens, refresh tokens and authorization codes, and what has become of each.

An access token looks like the one real sample in the documents: a JWT, signed with HS256, with `iss`, `iat`, `exp`,
`sub` (the user; left out where there is none) and `scp`. `jti` is added so that two tokens of one second differ. A
client should take it as opaque, and so does the simulator: what counts is its own record of the token.
"""

import base64
import hashlib
import hmac
import secrets
from enum import Enum

import attrs
import msgspec

from myqx_async.simulator.answers import Refusal
from myqx_async.simulator.settings import OFFLINE_ACCESS, Settings
from print_async.testing.simulator import Statistics


class Kind(Enum):
    """Whose token it is. Each operation of the API takes one of them or both."""

    CLIENT = "client"
    USER = "user"


@attrs.define(eq=False)
class SignIn:
    """One sign-in, with all the tokens that ever come of it."""

    scopes: tuple[str, ...]
    index: int | None = None
    """The user by index; `None` for the application itself."""
    user_id: int | None = None
    revoked: bool = False

    @property
    def kind(self) -> Kind:
        """Whether the application or a user is signed in."""
        return Kind.CLIENT if self.index is None else Kind.USER


@attrs.frozen
class Access:
    """One access token: its scopes may be fewer than its sign-in's."""

    signin: SignIn
    scopes: tuple[str, ...]
    expires: float


@attrs.define
class _Refresh:
    signin: SignIn
    expires: float | None
    spent: bool = False


@attrs.frozen
class Code:
    """An authorization code that nobody has used yet."""

    redirect_uri: str
    scope: str
    expires: float
    index: int
    """Whose it is."""


class TokenOffice:
    """Issues tokens and knows which of them hold."""

    code_seconds: float = 600.0
    """How long an authorization code can be used; the documents do not say."""

    def __init__(self, settings: Settings, stats: Statistics) -> None:
        self._settings = settings
        self._stats = stats
        self._access: dict[str, Access] = {}
        self._refresh: dict[str, _Refresh] = {}
        self._codes: dict[str, Code] = {}

    def issue(self, signin: SignIn, scopes: tuple[str, ...]) -> dict[str, object]:
        """Make the answer of the token endpoint, with a refresh token if `offline.access` was granted."""
        answer = self._issue_access(signin, scopes)
        if OFFLINE_ACCESS in scopes:
            answer["refresh_token"] = self._issue_refresh(signin)
        return answer

    def check(self, token: str) -> Access:
        """Return what an access token stands for, or refuse it."""
        access = self._access.get(token)
        if access is None or access.signin.revoked:
            raise Refusal(401, "Access token is not valid")
        if access.expires <= self._settings.now():
            raise Refusal(401, "Access token has expired")
        return access

    def look_up(self, token: str) -> SignIn:
        """Return the sign-in of a refresh token that can be used now, or refuse it."""
        refresh = self._refresh.get(token)
        if refresh is not None and refresh.spent:
            self._stats.refresh_reuse += 1
            refresh.signin.revoked |= self._settings.detect_reuse
        if refresh is None or refresh.spent or refresh.signin.revoked:
            raise _invalid_grant("Invalid refresh token")
        if refresh.expires is not None and refresh.expires <= self._settings.now():
            raise _invalid_grant("Refresh token has expired")
        return refresh.signin

    def renew(self, token: str, scopes: tuple[str, ...]) -> dict[str, object]:
        """Make the answer to a refresh. With rotation it spends the token and has its successor, else the same one."""
        refresh = self._refresh[token]
        answer = self._issue_access(refresh.signin, scopes)
        refresh.spent = self._settings.rotate
        answer["refresh_token"] = self._issue_refresh(refresh.signin) if refresh.spent else token
        return answer

    def issue_code(self, redirect_uri: str, scope: str, index: int = 0) -> str:
        """Make an authorization code for a user."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = Code(redirect_uri, scope, self._settings.now() + self.code_seconds, index)
        return code

    def redeem_code(self, code: str, redirect_uri: str) -> Code:
        """Use up an authorization code, or refuse it."""
        record = self._codes.pop(code, None)
        if record is None or record.expires <= self._settings.now():
            raise _invalid_grant("Invalid authorization code")
        if record.redirect_uri != redirect_uri:
            raise _invalid_grant("Redirect URI differs from that of the authorization")
        return record

    def expire_access_tokens(self) -> None:
        """Make every access token invalid from here on; refresh tokens hold."""
        self._access.clear()

    def revoke_all(self) -> None:
        """Make all that was ever issued invalid."""
        self._access.clear()
        self._refresh.clear()
        self._codes.clear()

    def _issue_access(self, signin: SignIn, scopes: tuple[str, ...]) -> dict[str, object]:
        now = self._settings.now()
        self._forget_expired(now)
        lifetime, scope = self._settings.token_seconds, " ".join(scopes)
        claims = {
            "iss": self._settings.client_id,
            "iat": int(now),
            "exp": int(now + lifetime),
            **({} if signin.user_id is None else {"sub": signin.user_id}),
            "scp": scope,
            "jti": secrets.token_hex(8),
        }
        token = _sign(claims, self._settings.client_secret)
        self._access[token] = Access(signin, scopes, now + lifetime)
        expires_in = int(lifetime) if float(lifetime).is_integer() else lifetime
        return {"access_token": token, "token_type": "Bearer", "expires_in": expires_in, "scope": scope}

    def _issue_refresh(self, signin: SignIn) -> str:
        lifetime = self._settings.refresh_token_seconds
        token = secrets.token_urlsafe(32)
        self._refresh[token] = _Refresh(signin, None if lifetime is None else self._settings.now() + lifetime)
        return token

    def _forget_expired(self, now: float) -> None:
        while self._access:
            oldest = next(iter(self._access))
            if self._access[oldest].expires > now:
                return
            del self._access[oldest]


def _invalid_grant(message: str) -> Refusal:
    return Refusal(400, message, oauth="invalid_grant")


def _sign(claims: dict[str, object], key: str) -> str:
    signed = _base64(b'{"typ":"JWT","alg":"HS256"}') + "." + _base64(msgspec.json.encode(claims))
    return signed + "." + _base64(hmac.digest(key.encode(), signed.encode(), hashlib.sha256))


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
