"""Ways to sign in to MyQ X: OAuth 2.0 at `POST /api/auth/token` (source: rad/v4/authentication-methods).

Token requests are JSON. The client's id and secret come from the server's web interface: Settings, Connections (before
10.1: External Systems), REST API applications. A refresh token comes only with the scope `offline.access`.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, Self

import attrs

from myqx_async.errors import read_error
from print_async.auth.authorization import AuthorizationRequest
from print_async.auth.grant import (
    OAuthError,
    basic_authorization,
    fingerprint,
    not_signed_in,
    rfc6749_error,
)
from print_async.auth.token import TokenKind, scopes_of
from print_async.errors import DecodeError
from print_async.origin import base_url
from print_async.secret import Secret, reveal
from print_async.validators import not_empty
from print_async.wire import Body, Request, Response

_TOKEN_PATH = "/api/auth/token"  # noqa: S105 - a path


def _secret() -> Secret:
    made: Secret = attrs.field(converter=Secret, validator=not_empty, kw_only=True)
    return made


@attrs.frozen
class _MyQGrant:
    """What all of them share: the client, and how a token request is written."""

    client_id: str = attrs.field(validator=not_empty)
    client_secret: Secret = attrs.field(converter=Secret, validator=not_empty)

    @property
    def identity(self) -> str:
        """The name of this credential in a token store."""
        # Keyed with the client secret: a PIN is short, and could otherwise be found by trying all.
        leaves = (leaf if isinstance(leaf, str) else str(leaf) for leaf in _leaves(self._fields()))
        told = fingerprint(self.client_secret, *leaves)
        return f"myqx:{self.client_id}:{told}"

    @property
    def kind(self) -> TokenKind | None:
        """The kind of its tokens."""
        return TokenKind.USER

    @property
    def requested_scope(self) -> frozenset[str]:
        """The scopes it asks for; `offline.access` among them asks for a refresh token and is granted as such."""
        scope = self._fields().get("scope", "")
        return scopes_of(scope) if isinstance(scope, str) else frozenset()

    @property
    def unattended(self) -> bool:
        """Whether it can be repeated with nobody there."""
        return True

    @property
    def secrets(self) -> Iterable[str]:
        """Every secret in it."""
        return [self.client_secret, *(leaf for leaf in _leaves(self._fields()) if isinstance(leaf, Secret))]

    def sign_in(self, base: str) -> Request:
        """Make the first token request."""
        return self._request(base, self._fields())

    def refresh(self, base: str, refresh_token: Secret) -> Request:
        """Make the request that spends a refresh token.

        MyQ documents the grant by name only; its fields are RFC 6749's.
        """
        return self._request(base, {"grant_type": "refresh_token", "refresh_token": refresh_token})

    def revocation(self, base: str, refresh_token: Secret) -> Request | None:  # noqa: ARG002 - the port's signature
        """Return `None`: MyQ documents no revocation. A token lives out its half hour."""
        return None

    def read_refusal(self, response: Response) -> OAuthError | None:
        """Read what the token endpoint says instead of giving a token: RFC 6749's shape, or MyQ's own."""
        try:
            answer = response.json()
        except DecodeError:
            return None
        said = read_error(answer)
        return rfc6749_error(answer) or (OAuthError(None, said.message) if said.message else None)

    def _fields(self) -> Mapping[str, object]:
        raise NotImplementedError

    def _request(self, base: str, fields: Mapping[str, object]) -> Request:
        client = {"client_id": self.client_id, "client_secret": self.client_secret}
        return Request("POST", base + _TOKEN_PATH, body=Body.json(_revealed({**fields, **client})))


@attrs.frozen
class ClientCredentials(_MyQGrant):
    """The application itself (rad/v4/authentication-methods, 2.2).

    Args:
        client_id, client_secret: Of the REST API application.
        scope: Scopes, separated by spaces; MyQ requires it.
        client_authentication: `body` puts id and secret into the JSON body, `basic` into an HTTP Basic header. MyQ
            documents both.
    """

    scope: str = attrs.field(validator=not_empty, kw_only=True)
    client_authentication: Literal["body", "basic"] = attrs.field(default="body", kw_only=True)

    @property
    def kind(self) -> TokenKind | None:
        """It speaks for the client."""
        return TokenKind.CLIENT

    def _fields(self) -> Mapping[str, object]:
        return {"grant_type": "client_credentials", "scope": self.scope}

    def _request(self, base: str, fields: Mapping[str, object]) -> Request:
        if self.client_authentication == "body":
            return super()._request(base, fields)
        headers = {"Authorization": basic_authorization(self.client_id, self.client_secret)}
        return Request("POST", base + _TOKEN_PATH, headers, Body.json(_revealed(fields)))


@attrs.frozen
class _Login(_MyQGrant):
    """A user signs in with what they would use at a device (rad/v4/authentication-methods, 2.1)."""

    scope: str = attrs.field(validator=not_empty, kw_only=True)

    def _fields(self) -> Mapping[str, object]:
        return {"grant_type": "login_info", "scope": self.scope, "login_info": self._login_info()}

    def _login_info(self) -> Mapping[str, object]:
        raise NotImplementedError


@attrs.frozen
class CardLogin(_Login):
    """By card (type 1)."""

    card: Secret = _secret()

    def _login_info(self) -> Mapping[str, object]:
        return {"type": 1, "card": self.card}


@attrs.frozen
class PinLogin(_Login):
    """By PIN (type 2)."""

    pin: Secret = _secret()

    def _login_info(self) -> Mapping[str, object]:
        return {"type": 2, "pin": self.pin}


@attrs.frozen
class PasswordLogin(_Login):
    """By user name and password (type 3)."""

    user: str = attrs.field(validator=not_empty, kw_only=True)
    password: Secret = _secret()

    def _login_info(self) -> Mapping[str, object]:
        return {"type": 3, "user": self.user, "pwd": self.password}


@attrs.frozen
class CardPinLogin(_Login):
    """By card and PIN (type 4)."""

    card: Secret = _secret()
    pin: Secret = _secret()

    def _login_info(self) -> Mapping[str, object]:
        return {"type": 4, "card": self.card, "pin": self.pin}


@attrs.frozen
class CardPasswordLogin(_Login):
    """By card and password (type 5)."""

    card: Secret = _secret()
    password: Secret = _secret()

    def _login_info(self) -> Mapping[str, object]:
        return {"type": 5, "card": self.card, "pwd": self.password}


@attrs.frozen
class AuthorizationCode(_MyQGrant):
    """A user has signed in in the browser, "Sign in with MyQ" (rad/v4/authorization-code-grant); Print Server 10.1 on.

        request = AuthorizationCode.begin("https://print.acme.com", "client-id", redirect_uri=..., scope="users")
        # open request.url, and get the address the browser comes back to
        grant = AuthorizationCode.finish(request, callback_url, client_id=..., client_secret=...)

    Args:
        client_id, client_secret: Of the REST API application.
        code: From the redirect. It works once, so keep the tokens in a store.
        redirect_uri: The one the user was sent with.
    """

    code: Secret = _secret()
    redirect_uri: str = attrs.field(validator=not_empty, kw_only=True)
    scope: str = attrs.field(default="", kw_only=True)

    @property
    def requested_scope(self) -> frozenset[str]:
        """What the sign-in page was asked for."""
        return scopes_of(self.scope)

    @property
    def unattended(self) -> bool:
        """A code works once."""
        return False

    @classmethod
    def begin(
        cls,
        url: str,
        client_id: str,
        *,
        redirect_uri: str,
        scope: str,
        lang: str = "en",
        theme: str | None = None,
    ) -> AuthorizationRequest:
        """Make the sign-in page's URL.

        Args:
            url: Of the server, without /api.
            client_id, redirect_uri: As registered there.
            scope: Scopes, separated by spaces. They count here; in the token request MyQ ignores them.
            lang: Language code of the page.
            theme: `dark`, `red`, `light`, `accessibility`, or another that is installed.

        `state` is sent and must come back, as RFC 6749 has it; MyQ does not document it. PKCE it does not document, and
        it is not sent.
        """
        if not scope:
            raise ValueError("scope must not be empty: without it, MyQ refuses the later token request")
        extra = {} if theme is None else {"theme": theme}
        endpoint = f"{server_url(url)}/{lang}/auth"
        return AuthorizationRequest.make(
            endpoint, client_id=client_id, redirect_uri=redirect_uri, scope=scope, extra=extra, pkce=False
        )

    @classmethod
    def finish(cls, request: AuthorizationRequest, callback_url: str, *, client_id: str, client_secret: str) -> Self:
        """Make the grant from the address the browser came back to; raises `AuthorizationRefused`."""
        code = request.read_callback(callback_url)
        return cls(client_id, client_secret, code=code, redirect_uri=request.redirect_uri, scope=request.scope)

    def _fields(self) -> Mapping[str, object]:
        return {"grant_type": "authorization_code", "code": self.code, "redirect_uri": self.redirect_uri}


@attrs.frozen
class RefreshToken(_MyQGrant):
    """A refresh token from an earlier sign-in that had the scope `offline.access`.

    Whether it works once or for long is not documented; it is treated as if once, so what it is exchanged for goes to
    the session's store, and is found there by this same grant the next time.
    """

    refresh_token: Secret = _secret()

    @property
    def kind(self) -> TokenKind | None:
        """That of the earlier sign-in, which is not known here."""
        return None

    @property
    def unattended(self) -> bool:
        """A refresh token may work only once."""
        return False

    def _fields(self) -> Mapping[str, object]:
        return {"grant_type": "refresh_token", "refresh_token": self.refresh_token}


@attrs.frozen
class StoredCredential(_MyQGrant):
    """What somebody has signed in with earlier, found in the session's store by a name.

        async with MyQX(url, StoredCredential("client-id", "secret"), store=store) as myqx:
            await myqx.session.sign_in(PinLogin(..., scope="users offline.access"))  # once; then it is in the store

    Without the scope `offline.access` MyQ gives no refresh token, and what was signed in lasts half an hour.

    Args:
        client_id, client_secret: Of the REST API application.
        name: Whose credential it is, where one store has several: any text that is no secret, such as a user's id.
    """

    name: str = attrs.field(default="default", validator=not_empty, kw_only=True)

    @property
    def identity(self) -> str:
        """The name of this credential in a token store."""
        return f"myqx:{self.client_id}:name:{self.name}"

    @property
    def kind(self) -> TokenKind | None:
        """That of the earlier sign-in, which is not known here."""
        return None

    @property
    def unattended(self) -> bool:
        """It has nothing to sign in with."""
        return False

    def sign_in(self, base: str) -> Request:  # noqa: ARG002 - the port's signature
        """Raise `LoginRequired`: it has nothing to sign in with."""
        raise not_signed_in(self.name)

    def _fields(self) -> Mapping[str, object]:
        return {}


def server_url(url: str) -> str:
    """Check the URL of a server, and return it without a trailing slash; `ValueError` where it is none."""
    base = base_url(url)
    if base.endswith("/api"):
        raise ValueError(f"give the server's own URL, without /api: {base.removesuffix('/api')}")
    return base


def _leaves(fields: Mapping[str, object]) -> list[object]:
    nested = (_leaves(value) if isinstance(value, Mapping) else [value] for value in fields.values())
    return [leaf for leaves in nested for leaf in leaves]


def _revealed(fields: Mapping[str, object]) -> dict[str, object]:
    return {
        name: _revealed(value) if isinstance(value, Mapping) else reveal(value) if isinstance(value, str) else value
        for name, value in fields.items()
    }
