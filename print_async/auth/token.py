"""The token, and the tolerant reading of a token endpoint's answer (RFC 6749 section 5)."""

import math
from collections.abc import Mapping
from enum import Enum
from typing import Self

import attrs

from print_async.secret import Secret


class TokenKind(Enum):
    """Whom a token speaks for."""

    CLIENT = "client"
    """The application itself (`client_credentials`)."""
    USER = "user"
    """A person who signed in."""


def scopes_of(text: str) -> frozenset[str]:
    """Split a scope string (RFC 6749 section 3.3) into its scopes."""
    return frozenset(text.split())


@attrs.frozen
class Token:
    """What the token endpoint gave. Its secrets are masked in the repr, and it refuses to be pickled."""

    access_token: Secret
    issued_at: float
    """Wall clock, in seconds since 1970, when the request for it was *sent*: its life is counted from there."""
    expires_in: float | None = None
    """Lifetime in seconds; `None` where the server did not say."""
    scope: frozenset[str] | None = None
    """The scopes granted; `None` where the server did not say, or said the empty string, as ezeep does."""
    refresh_token: Secret | None = None
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme (RFC 6750)
    generation: int = 1
    """Counts the tokens of one credential, across every process that shares its store."""

    @classmethod
    def parse(cls, answer: Mapping[str, object], *, issued_at: float, generation: int) -> Self | None:
        """Read a decoded token response; `None` if it has no access token.

        Tolerant where servers differ: `expires_in` may be a number, a string of one, missing or nonsense.
        """
        access_token = answer.get("access_token")
        if not isinstance(access_token, str) or not access_token:
            return None
        scope, refresh_token, token_type = (answer.get(name) for name in ("scope", "refresh_token", "token_type"))
        return cls(
            access_token=Secret(access_token),
            issued_at=issued_at,
            expires_in=_seconds(answer.get("expires_in")),
            scope=(scopes_of(scope) or None) if isinstance(scope, str) else None,
            refresh_token=Secret(refresh_token) if isinstance(refresh_token, str) and refresh_token else None,
            token_type=token_type if isinstance(token_type, str) and token_type else "Bearer",
            generation=generation,
        )


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


@attrs.frozen
class TokenInfo:
    """What may be told of the session's token: everything but the secret. Times are wall clock, seconds since 1970."""

    kind: TokenKind | None
    generation: int
    source: str
    """Where it came from: `sign-in`, `refresh` or `store`."""
    expires_at: float
    refresh_at: float
    """When it will be refreshed, if nothing asks for it earlier."""
    scope: frozenset[str] | None
    """The scopes granted; `None` where the server did not say."""
    missing_scope: frozenset[str]
    """What was asked for and not granted; empty where the server did not say."""
    has_refresh_token: bool
