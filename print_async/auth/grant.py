"""The port between the session and a vendor's ways to sign in. Grants build requests and never send them."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterable
from typing import Protocol

import attrs

from print_async.auth.token import TokenKind
from print_async.errors import LoginRequired
from print_async.secret import Secret, redact, reveal
from print_async.wire import Request, Response


@attrs.frozen
class OAuthError:
    """What a token endpoint's refusal says."""

    error: str | None
    """The code of RFC 6749 section 5.2, or the vendor's own."""
    description: str | None

    def masked(self, secrets: Iterable[str]) -> "OAuthError":
        """Return the same with these secrets masked: a server may quote what it was sent."""
        error, description = (None if text is None else redact(text, secrets) for text in attrs.astuple(self))
        return OAuthError(error, description)

    def __str__(self) -> str:
        return ": ".join(part for part in (self.error, self.description) if part)


class Grant(Protocol):
    """One way to get a token. Frozen: it holds what the person or administrator gave, not what became of it."""

    @property
    def identity(self) -> str:
        """The name of this credential in a token store. It holds no secret, and cannot be turned back into one."""
        ...

    @property
    def kind(self) -> TokenKind | None:
        """The kind of its tokens; `None` where it cannot be known."""
        ...

    @property
    def requested_scope(self) -> frozenset[str]:
        """The scopes it asks for; empty where it leaves them to the server."""
        ...

    @property
    def unattended(self) -> bool:
        """Whether `sign_in` can be repeated with nobody there. A code or a stored refresh token works only once."""
        ...

    @property
    def secrets(self) -> Iterable[str]:
        """Every secret in it, to be masked in what the server says."""
        ...

    def sign_in(self, base: str) -> Request:
        """Make the first token request. `base` is the first of the session's base URLs, without a trailing slash.

        Raises:
            LoginRequired: It has nothing to sign in with, and somebody else has to (`not_signed_in`).
        """
        ...

    def refresh(self, base: str, refresh_token: Secret) -> Request:
        """Make the request that spends a refresh token (RFC 6749 section 6)."""
        ...

    def revocation(self, base: str, refresh_token: Secret) -> Request | None:
        """Make the request that revokes a refresh token (RFC 7009); `None` where the vendor documents no such thing."""
        ...

    def read_refusal(self, response: Response) -> OAuthError | None:
        """Read an answer that holds no token; `None` if it is nothing the vendor's token endpoint would say."""
        ...


def fingerprint(key: str, *parts: str) -> str:
    """Return 16 hex digits that tell credentials apart in a store.

    Keyed (HMAC-SHA-256), because a PIN could otherwise be found by trying all of them.
    """
    text = "\0".join(reveal(part) for part in parts)
    return hmac.new(reveal(key).encode(), text.encode(), hashlib.sha256).hexdigest()[:16]


def not_signed_in(name: str) -> LoginRequired:
    """Make the error of a grant that lives on what others have signed in with."""
    return LoginRequired(
        f"nobody has signed in as {name!r} yet, or has signed out: the token store has nothing under that name. Sign "
        "in, and it will be found there",
        error="not_signed_in",
    )


def basic_authorization(user: str, password: str) -> Secret:
    """Return the value of an Authorization header (RFC 7617). An empty password leaves `user:`, the colon included."""
    return Secret("Basic " + b64encode(f"{reveal(user)}:{reveal(password)}".encode()).decode("ascii"))


def credentials_of(request: Request) -> Secret:
    """Return what stands behind the scheme in the request's Authorization header (RFC 9110 section 11.4)."""
    return Secret(reveal(request.headers.get("Authorization", "")).partition(" ")[2])


def rfc6749_error(answer: object) -> OAuthError | None:
    """Read the `error` and `error_description` of a decoded answer; `None` if it has no `error`."""
    if not isinstance(answer, dict) or not isinstance(answer.get("error"), str):
        return None
    description = answer.get("error_description")
    return OAuthError(answer["error"], description if isinstance(description, str) else None)
