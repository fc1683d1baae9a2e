"""What stands before the three APIs: the bearer token."""

import attrs
from aiohttp import web

from ezeep_async.simulator.answers import Refusal, detail
from ezeep_async.simulator.tokens import Family, Tokens
from print_async.testing.simulator import Handler, Middleware

_FAMILY = web.RequestKey("family", Family)


@attrs.frozen
class Guard:
    """Lets no request through without an access token that is good now, except to the OAuth server."""

    tokens: Tokens

    def middleware(self) -> Middleware:
        """Make the middleware. It answers 401 to a token that is missing, unknown, expired or revoked."""

        @web.middleware
        async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not request.path.startswith("/oauth/"):
                request[_FAMILY] = self._family(request.headers.get("Authorization", ""))
            return await handler(request)

        return check

    def _family(self, header: str) -> Family:
        scheme, _, token = header.partition(" ")
        family = self.tokens.bearer(token) if scheme.lower() == "bearer" else None
        if family is None:
            body = {"detail": "Authentication credentials were not provided or are not valid."}
            raise Refusal(401, body, {"WWW-Authenticate": "Bearer"})
        return family


def signed_in(request: web.Request) -> int:
    """Return the index of the user whose token a request carries."""
    return request[_FAMILY].user


def require_scope(request: web.Request, scope: str) -> None:
    """Refuse a token without a scope."""
    if scope not in request[_FAMILY].scope.split():
        raise _forbidden()


def require_partner(request: web.Request) -> None:
    """Refuse a token that is not a partner's."""
    if not request[_FAMILY].partner:
        raise _forbidden()


def _forbidden() -> Refusal:
    return detail(403, "You do not have permission to perform this action.")
