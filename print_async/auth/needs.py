"""What an operation needs of a token, checked before anything is sent."""

import attrs

from print_async.auth.token import TokenKind
from print_async.errors import InsufficientScope, WrongTokenKind


@attrs.frozen
class Needs:
    """The documented demands of one operation."""

    operation: str
    """What to call it in an error: method and path."""
    scopes: frozenset[str] = frozenset()
    kinds: frozenset[TokenKind] = frozenset()
    """Which kinds of token it takes; empty for any."""

    any_token_does: bool = attrs.field(init=False, eq=False, repr=False)
    """Whether nothing is known of what it needs. A field, as every request asks for it twice."""

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "any_token_does", not self.scopes and not self.kinds)

    def check(self, kind: TokenKind | None, scope: frozenset[str] | None) -> None:
        """Check what is known of a token; what is unknown (`None`) is left to the server.

        Raises:
            WrongTokenKind, InsufficientScope: It is known not to do.
        """
        if self.kinds and kind is not None and kind not in self.kinds:
            wanted = " or ".join(sorted(each.value for each in self.kinds))
            raise WrongTokenKind(
                f"{self.operation} needs a {wanted} token, and this grant gives a {kind.value} token. "
                "Nothing was sent. Sign in with another grant"
            )
        if scope is not None and not self.scopes <= scope:
            missing = self.scopes - scope
            raise InsufficientScope(
                f"{self.operation} needs the scope {' '.join(sorted(missing))!r}, which this token does not have. "
                "Nothing was sent. Ask for it in the grant's `scope`, and an administrator to allow it",
                missing=missing,
            )
