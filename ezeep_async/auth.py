"""Ways to sign in to ezeep Blue: OAuth 2.0 at `account.ezeep.com` (source: apidocs.ezeep.com, auth/).

Token requests are form-encoded. The client identifies itself by HTTP Basic; a public client, which has no secret, with
an empty password. Refresh tokens work once: each refresh gives a new one.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import scrypt
from typing import Literal, Self

import attrs

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
from print_async.secret import Secret
from print_async.validators import not_empty
from print_async.wire import Body, Request, Response

ACCOUNT_URL = "https://account.ezeep.com"
SECRET_NAMES = ("pairing_code",)
"""For `RecordingTransport(secrets=)`: what of ezeep's is a secret, and is not named as such things are."""
_TOKEN_PATH = "/oauth/access_token/"  # noqa: S105 - a path


@attrs.frozen
class _EzeepGrant:
    """What all of them share: the client, and how a token request is written."""

    client_id: str = attrs.field(validator=not_empty)
    client_secret: Secret = attrs.field(default=Secret(""), converter=Secret, kw_only=True)
    scope: str = attrs.field(default="printing", kw_only=True)

    @property
    def identity(self) -> str:
        """The name of this credential in a token store."""
        told = fingerprint(self.client_secret or self.client_id, self.scope, *self._distinction())
        return f"ezeep:{self.client_id}:{told}"

    @property
    def kind(self) -> TokenKind | None:
        """The kind of its tokens."""
        return TokenKind.USER

    @property
    def requested_scope(self) -> frozenset[str]:
        """The scopes it asks for."""
        return scopes_of(self.scope)

    @property
    def unattended(self) -> bool:
        """Whether it can be repeated with nobody there."""
        return False

    @property
    def secrets(self) -> Iterable[str]:
        """Every secret in it."""
        return [value for value in (self.client_secret, *self._fields().values()) if isinstance(value, Secret)]

    def sign_in(self, base: str) -> Request:
        """Make the first token request."""
        return self._request(base, self._fields())

    def refresh(self, base: str, refresh_token: Secret) -> Request:
        """Make the request that spends a refresh token."""
        return self._request(base, {"grant_type": "refresh_token", "refresh_token": refresh_token})

    def revocation(self, base: str, refresh_token: Secret) -> Request | None:
        """Make the request that revokes a refresh token, and its siblings (auth/token_revocation).

        The access token cannot be revoked; it lives out its hour.
        """
        headers = {"Authorization": basic_authorization(self.client_id, self.client_secret)}
        return Request("POST", f"{base}/oauth/revoke/", headers, Body.form({"token": refresh_token}))

    def read_refusal(self, response: Response) -> OAuthError | None:
        """Read what the token endpoint says instead of giving a token."""
        try:
            return rfc6749_error(response.json())
        except DecodeError:
            return None

    def _fields(self) -> Mapping[str, str]:
        raise NotImplementedError

    def _distinction(self) -> Iterable[str]:
        """Return what tells this credential from others of the same client."""
        return self._fields().values()

    def _request(self, base: str, fields: Mapping[str, str]) -> Request:
        scope = {"scope": self.scope} if self.scope else {}
        headers = {"Authorization": basic_authorization(self.client_id, self.client_secret)}
        return Request("POST", base + _TOKEN_PATH, headers, Body.form({**fields, **scope}))


@attrs.frozen
class AuthorizationCode(_EzeepGrant):
    """A person has signed in in the browser (auth/auth_code_flow, auth/auth_code_flow_pkce).

        request = AuthorizationCode.begin("client-id", redirect_uri="http://localhost:3000/code")
        # open request.url, and get the address the browser comes back to
        grant = AuthorizationCode.finish(request, callback_url, client_id="client-id")

    Args:
        client_id, client_secret: As issued by ezeep; the secret only for a confidential client.
        code: From the redirect. It works once, so keep the tokens in a store.
        redirect_uri: The one the person was sent with.
        code_verifier: For PKCE.
        scope: Scopes, separated by spaces.
    """

    code: Secret = attrs.field(converter=Secret, validator=not_empty, kw_only=True)
    redirect_uri: str = attrs.field(validator=not_empty, kw_only=True)
    code_verifier: Secret = attrs.field(default=Secret(""), converter=Secret, kw_only=True)

    @classmethod
    def begin(
        cls,
        client_id: str,
        *,
        redirect_uri: str,
        scope: str = "printing",
        social: Literal["azure"] | None = None,
        prompt: Literal["none", "azure", "select_account"] | None = None,
        account_url: str = ACCOUNT_URL,
    ) -> AuthorizationRequest:
        """Make the sign-in page's URL, with `state` and PKCE S256.

        Args:
            client_id, redirect_uri: As registered with ezeep.
            scope: Scopes, separated by spaces.
            social: `azure` goes straight to Microsoft's sign-in.
            prompt: `none` leaves out Microsoft's choice of accounts, `azure` preselects Microsoft. `select_account` has
                been seen in use and is not documented.
            account_url: Of the account server.
        """
        extra = {name: value for name, value in (("social", social), ("prompt", prompt)) if value is not None}
        endpoint = f"{base_url(account_url)}/oauth/authorize/"
        return AuthorizationRequest.make(
            endpoint, client_id=client_id, redirect_uri=redirect_uri, scope=scope, extra=extra, pkce=True
        )

    @classmethod
    def finish(
        cls,
        request: AuthorizationRequest,
        callback_url: str,
        *,
        client_id: str,
        client_secret: str = "",
    ) -> Self:
        """Make the grant from the address the browser came back to; raises `AuthorizationRefused`."""
        return cls(
            client_id,
            client_secret=client_secret,
            scope=request.scope,
            code=request.read_callback(callback_url),
            redirect_uri=request.redirect_uri,
            code_verifier=request.code_verifier,
        )

    def _fields(self) -> Mapping[str, str]:
        fields = {"grant_type": "authorization_code", "code": self.code, "redirect_uri": self.redirect_uri}
        return fields | ({"code_verifier": self.code_verifier} if self.code_verifier else {})


@attrs.frozen
class RefreshToken(_EzeepGrant):
    """A refresh token from an earlier sign-in (quick-guides/writing_an_integration).

    It works once. What it is exchanged for goes to the session's store, and is found there by this same grant the next
    time; with the default store, in memory, it is lost when the process ends.

    Args:
        client_id, client_secret: As issued by ezeep.
        refresh_token: The token.
        scope: Scopes, separated by spaces.
    """

    refresh_token: Secret = attrs.field(converter=Secret, validator=not_empty)

    def _fields(self) -> Mapping[str, str]:
        return {"grant_type": "refresh_token", "refresh_token": self.refresh_token}


@attrs.frozen
class SwitchOrganization(_EzeepGrant):
    """The same person in another of their organizations. Seen in a client (teknohus/ezeep), and in no document.

    It spends the refresh token, and works once. Give it to the `sign_in` of the session that has the token: to another
    session, beside that one, it would be the same token spent twice.

    Args:
        client_id, client_secret: As issued by ezeep.
        refresh_token: From the sign-in so far.
        organization_id: One of those that `ezeep.organizations.list_mine` has.
        scope: Scopes, separated by spaces.
    """

    refresh_token: Secret = attrs.field(converter=Secret, validator=not_empty)
    organization_id: str = attrs.field(validator=not_empty, kw_only=True)

    def _fields(self) -> Mapping[str, str]:
        return {
            "grant_type": "switch_organization",
            "organization_id": self.organization_id,
            "refresh_token": self.refresh_token,
        }


@attrs.frozen
class StoredCredential(_EzeepGrant):
    """What somebody has signed in with earlier, found in the session's store by a name.

        async with Ezeep(StoredCredential("client-id"), store=store) as ezeep:
            await ezeep.session.sign_in(AuthorizationCode.finish(...))  # once; from then on, it is in the store

    Args:
        client_id, client_secret: As issued by ezeep.
        name: Whose credential it is, where one store has several: any text that is no secret, such as a user's id.
        scope: Asked for in each refresh, separated by spaces; by default, what was granted stays (RFC 6749 section 6).
    """

    name: str = attrs.field(default="default", validator=not_empty, kw_only=True)
    scope: str = attrs.field(default="", kw_only=True)

    @property
    def identity(self) -> str:
        """The name of this credential in a token store."""
        return f"ezeep:{self.client_id}:name:{self.name}"

    def sign_in(self, base: str) -> Request:  # noqa: ARG002 - the port's signature
        """Raise `LoginRequired`: it has nothing to sign in with."""
        raise not_signed_in(self.name)

    def _fields(self) -> Mapping[str, str]:
        return {}


@attrs.frozen
class PartnerCredentials(_EzeepGrant):
    """A partner's own client (auth/partner_token): for the partner API. It gets no refresh token and needs none.

    Args:
        client_id, client_secret: As issued by ezeep.
        scope: Required by ezeep here.
    """

    scope: str = attrs.field(default="printing", validator=not_empty, kw_only=True)

    @property
    def kind(self) -> TokenKind | None:
        """It speaks for the client."""
        return TokenKind.CLIENT

    @property
    def unattended(self) -> bool:
        """It can be repeated."""
        return True

    def _fields(self) -> Mapping[str, str]:
        return {"grant_type": "client_credentials"}


@attrs.frozen
class Password(_EzeepGrant):
    """A user's name and password (auth/password_flow).

    Only for clients that ezeep enabled for it, and users kept by ezeep itself, not Microsoft's. ezeep discourages it:
    use it to get a refresh token once.
    """

    username: str = attrs.field(validator=not_empty, kw_only=True)
    password: Secret = attrs.field(converter=Secret, validator=not_empty, kw_only=True)

    @property
    def unattended(self) -> bool:
        """It can be repeated."""
        return True

    def _fields(self) -> Mapping[str, str]:
        return {"grant_type": "password", "username": self.username, "password": self.password}

    def _distinction(self) -> Iterable[str]:
        return ("password", self.username, _stretched(self.password, self.client_id))


@lru_cache(maxsize=64)
def _stretched(password: Secret, salt: str) -> str:
    # A public client has no secret to key the fingerprint with, and passwords can be guessed: make guessing dear.
    return scrypt(password.reveal().encode(), salt=salt.encode(), n=2**14, r=8, p=1).hex()


@attrs.frozen
class PairingCode(_EzeepGrant):
    """A pairing that a person has approved (auth/device_auth_flow): see `ezeep_async.pairing.pair`, which waits for it.

    Before the approval ezeep refuses it, which a session takes as final. It works once, so keep the tokens in a store.

    Args:
        client_id, client_secret: As issued by ezeep.
        pairing_code: The code that the person was shown. Until it is spent, whoever has it can get the token.
        scope: Scopes, separated by spaces.
    """

    pairing_code: Secret = attrs.field(converter=Secret, validator=not_empty, kw_only=True)

    def _fields(self) -> Mapping[str, str]:
        return {"grant_type": "pairing_code", "pairing_code": self.pairing_code}
