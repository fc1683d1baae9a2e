"""The authorization code flow up to the code (RFC 6749 section 4.1), with `state` and PKCE S256 (RFC 7636).

It comes in two halves, because between them a person is at a sign-in page: `AuthorizationRequest.make` gives the URL
to open, and `read_callback` checks the address that the browser comes back to and takes the code from it. A web
backend keeps the request in the person's session meanwhile; its `state` and `code_verifier` are secrets.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit

import attrs

from print_async.errors import AuthorizationRefused
from print_async.secret import Secret, reveal


def code_challenge(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636 section 4.2): base64url of its SHA-256, without padding."""
    return urlsafe_b64encode(sha256(reveal(verifier).encode("ascii")).digest()).rstrip(b"=").decode("ascii")


@attrs.frozen
class AuthorizationRequest:
    """One sign-in that has begun."""

    url: str = attrs.field(repr=False)
    """The sign-in page to open in the person's browser."""
    redirect_uri: str
    state: Secret
    """Random; the callback must bring it back (RFC 6749 section 10.12)."""
    code_verifier: Secret
    """Random; the token request proves with it that both halves are ours (RFC 7636)."""
    scope: str = ""
    """What was asked for."""

    @classmethod
    def make(
        cls, endpoint: str, *, client_id: str, redirect_uri: str, scope: str, extra: Mapping[str, str], pkce: bool
    ) -> Self:
        """Begin a sign-in.

        Args:
            endpoint: URL of the authorization endpoint, without a query.
            client_id: Of the application.
            redirect_uri: Where the browser is to come back to, exactly as registered.
            scope: Scopes separated by spaces; empty to leave them to the server.
            extra: The vendor's own parameters.
            pkce: Whether the vendor's server knows of PKCE.
        """
        if not urlsplit(redirect_uri).scheme:
            raise ValueError(f"redirect_uri must be an absolute URI, as registered: {redirect_uri!r}")
        state, verifier = Secret(secrets.token_urlsafe(32)), Secret(secrets.token_urlsafe(64))
        query = {"response_type": "code", "client_id": client_id, "redirect_uri": redirect_uri, "state": state.reveal()}
        if scope:
            query["scope"] = scope
        if pkce:
            query |= {"code_challenge": code_challenge(verifier), "code_challenge_method": "S256"}
        return cls(f"{endpoint}?{urlencode(query | dict(extra))}", redirect_uri, state, verifier, scope)

    def read_callback(self, callback_url: str) -> Secret:
        """Take the code from the URL that the browser came back to.

        Raises:
            AuthorizationRefused: The sign-in page reports an error, the `state` is missing or another one, so this may
                not be the answer to our request, or there is no code. Nothing was exchanged; begin anew.
        """
        answer = self._read(callback_url)
        del callback_url  # a traceback with locals would show the code in it
        if isinstance(answer, AuthorizationRefused):
            raise answer
        return answer

    def _read(self, callback_url: str) -> Secret | AuthorizationRefused:
        query = {name: values[0] for name, values in parse_qs(urlsplit(callback_url).query).items()}
        if not hmac.compare_digest(query.get("state", "").encode(), self.state.reveal().encode()):
            return AuthorizationRefused(
                "the callback's `state` is not the one this sign-in began with: it may be forged, or belong to another "
                "sign-in. Nothing was exchanged; begin the sign-in anew",
                error="state_mismatch",
            )
        if "error" in query:
            said = ": ".join(filter(None, (query["error"], query.get("error_description"))))
            return AuthorizationRefused(f"the sign-in page refused: {said}. Begin anew", error=query["error"])
        if not query.get("code"):
            return AuthorizationRefused("the callback carries no code. Begin the sign-in anew", error="no_code")
        return Secret(query["code"])
