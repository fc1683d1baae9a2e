"""What stands before the three APIs: the bearer token."""

import attrs
from aiohttp import web

from ezeep_async.simulator.answers import Refusal
from ezeep_async.simulator.tokens import Tokens
from print_async.testing.simulator import Handler, Middleware

_USER = web.RequestKey("user", int)


@attrs.frozen
class Guard:
    """Lets no request through without an access token that is good now, except to the OAuth server."""

    tokens: Tokens

    def middleware(self) -> Middleware:
        """Make the middleware. It answers 401 to a token that is missing, unknown, expired or revoked."""

        @web.middleware
        async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not request.path.startswith("/oauth/"):
                request[_USER] = self._user(request.headers.get("Authorization", ""))
            return await handler(request)

        return check

    def _user(self, header: str) -> int:
        scheme, _, token = header.partition(" ")
        family = self.tokens.bearer(token) if scheme.lower() == "bearer" else None
        if family is None:
            body = {"detail": "Authentication credentials were not provided or are not valid."}
            raise Refusal(401, body, {"WWW-Authenticate": "Bearer"})
        return family.user


def signed_in(request: web.Request) -> int:
    """Return the index of the user whose token a request carries."""
    return request[_USER]
