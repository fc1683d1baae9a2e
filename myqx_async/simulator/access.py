"""Who may call what. Each operation asks for a scope, a kind of token, and some for a right of the user."""

from typing import Final

import attrs
from aiohttp import web

from myqx_async.simulator.answers import Refusal
from myqx_async.simulator.directory import Directory
from myqx_async.simulator.tokens import Kind, SignIn, TokenOffice

CLIENT: Final = frozenset({Kind.CLIENT})
USER: Final = frozenset({Kind.USER})
ANY: Final = CLIENT | USER


@attrs.frozen
class Gate:
    """Lets a request in, or refuses it: 401 for the token itself, 403 for what the token may not do.

    The header is `Authorization: Bearer`; the `Authentication` that many samples of the documents print is not taken.
    """

    tokens: TokenOffice
    directory: Directory

    def admit(self, request: web.Request, *, kinds: frozenset[Kind], scope: str | None = None) -> SignIn:
        """Return the sign-in behind the request's token, if that is of the right kind and has the scope."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refusal(401, "Access token is missing")
        access = self.tokens.check(token)
        if access.signin.kind not in kinds:
            raise Refusal(403, f"A {access.signin.kind.value} token cannot be used here")
        if scope is not None and scope not in access.scopes:
            raise Refusal(403, f"Scope {scope} is missing")
        return access.signin

    def must_manage_users(self, signin: SignIn, *, but: int | None = None) -> None:
        """Refuse a user without the right "Manage users", unless it is about the user at index `but` alone.

        The application itself needs no right; a scope never widens what a user may do.
        """
        if signin.index is None or signin.index == but:
            return
        if not self.directory.traits(signin.index).manages_users:
            raise Refusal(403, "The right Manage users is missing")
