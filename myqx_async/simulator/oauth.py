"""Signing in: `POST /api/auth/token` for all grants, and `GET /{lang}/auth` for the browser.

Sources: `en/rad/v4/rest-api-basic-guide`, `rad/v4/authentication-methods`. The fields of the refresh grant, every HTTP
status, and the code's lifetime are not documented.
"""

import base64
from typing import Final

import attrs
import msgspec
from aiohttp import web
from yarl import URL

from myqx_async.simulator.answers import Refusal, answer, read
from myqx_async.simulator.directory import Directory
from myqx_async.simulator.population import FIRST_ID
from myqx_async.simulator.search import Search
from myqx_async.simulator.settings import Settings
from myqx_async.simulator.sign_in import sign_in_page
from myqx_async.simulator.tokens import SignIn, TokenOffice
from print_async.testing.simulator import SignInCancelled, Statistics

_PAGE: Final = "/{lang:[a-z]{2}(?:-[A-Za-z]{2})?}/auth"
_LOGIN_FIELDS: Final = {
    1: ("card",),
    2: ("pin",),
    3: ("user", "pwd"),
    4: ("card", "pin"),
    5: ("card", "pwd"),
}


class TokenRequest(msgspec.Struct):
    """The body of a token request. Which fields must be there depends on the grant."""

    grant_type: str = ""
    client_id: str = ""
    client_secret: str = ""
    scope: str = ""
    login_info: msgspec.Raw = msgspec.Raw()
    code: str = ""
    redirect_uri: str = ""
    refresh_token: str = ""


class LoginInfo(msgspec.Struct):
    """What a user signs in with. `type` tells which of the fields count; each is a string."""

    type: int
    card: str | None = None
    pin: str | None = None
    user: str | None = None
    pwd: str | None = None

    def credentials(self) -> dict[str, str]:
        """Return the fields that the type asks for, or refuse if one is missing."""
        names = _LOGIN_FIELDS.get(self.type)
        values = {name: getattr(self, name) for name in names or ()}
        if not values or None in values.values():
            raise _invalid_parameter()
        return values


@attrs.frozen
class SignInDesk:
    """The routes by which tokens are had."""

    settings: Settings
    stats: Statistics
    tokens: TokenOffice
    directory: Directory
    search: Search

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, for an application."""
        return [
            web.post("/api/auth/token", self.token),
            web.get(_PAGE, self.authorize),
            web.post(_PAGE, self.authorize),
        ]

    async def token(self, request: web.Request) -> web.Response:
        """Give tokens for a grant."""
        asked = await read(request, TokenRequest)
        self.stats.token_requests[asked.grant_type] += 1
        self._check_client(request, asked)
        match asked.grant_type:
            case "client_credentials":
                content = self._start(asked.scope, None)
            case "login_info":
                content = self._start(asked.scope, self._log_in(asked))
            case "authorization_code":
                code = self.tokens.redeem_code(asked.code, asked.redirect_uri)
                content = self._start(code.scope, code.index)
            case "refresh_token":
                content = self._refresh(asked)
            case _:
                raise Refusal(400, "Unsupported grant type", oauth="unsupported_grant_type")
        return answer(content, headers={"Cache-Control": "no-store"})

    async def authorize(self, request: web.Request) -> web.Response:
        """Redirect back with a code, once a user has signed in on the page if there is to be one.

        A missing scope is noticed only when the code is redeemed, as the documents say. `state` comes back, though they
        do not mention it.
        """
        query = request.query
        redirect = _redirect(query.get("redirect_uri", ""))
        if query.get("response_type") != "code" or query.get("client_id") != self.settings.client_id:
            raise _invalid_parameter()
        result = await self._visit(request)
        if isinstance(result, web.Response):
            return result
        result |= {"state": query["state"]} if "state" in query else {}
        return web.Response(status=302, headers={"Location": str(redirect.update_query(result))})

    async def _visit(self, request: web.Request) -> dict[str, str] | web.Response:
        if request.method == "POST" and not self.settings.sign_in_page:
            raise Refusal(405, "Method Not Allowed")
        try:
            index = await self._person(request)
        except SignInCancelled:
            return {"error": "access_denied"}
        if isinstance(index, web.Response):
            return index
        return {"code": self.tokens.issue_code(request.query["redirect_uri"], request.query.get("scope", ""), index)}

    async def _person(self, request: web.Request) -> int | web.Response:
        if not self.settings.sign_in_page:
            return 0
        return await sign_in_page(self.search).visit(request, request.match_info["lang"])

    def _check_client(self, request: web.Request, asked: TokenRequest) -> None:
        given = _basic(request) or (asked.client_id, asked.client_secret)
        if given != (self.settings.client_id, self.settings.client_secret):
            raise Refusal(401, "Invalid client", oauth="invalid_client")

    def _start(self, scope: str, index: int | None) -> dict[str, object]:
        scopes = self._grantable(scope)
        signin = SignIn(scopes, index, None if index is None else FIRST_ID + index)
        return self.tokens.issue(signin, scopes)

    def _log_in(self, asked: TokenRequest) -> int:
        try:
            login = msgspec.json.decode(asked.login_info, type=LoginInfo)
        except msgspec.MsgspecError:
            raise _invalid_parameter() from None
        index = self.search.sign_in(**login.credentials())
        if index is None:
            raise Refusal(400, "Invalid login", oauth="invalid_grant")
        return index

    def _refresh(self, asked: TokenRequest) -> dict[str, object]:
        granted = self.tokens.look_up(asked.refresh_token).scopes
        wanted = _split(asked.scope) or granted
        if not set(wanted) <= set(granted):
            raise _invalid_scopes()
        return self.tokens.renew(asked.refresh_token, wanted)

    def _grantable(self, scope: str) -> tuple[str, ...]:
        wanted = _split(scope)
        if not wanted:
            raise _invalid_parameter()
        granted = tuple(name for name in wanted if name in self.settings.client_scopes)
        if not granted or (self.settings.strict_scopes and granted != wanted):
            raise _invalid_scopes()
        return granted


def _split(scope: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(scope.split()))


def _basic(request: web.Request) -> tuple[str, str] | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        raise Refusal(401, "Invalid client", oauth="invalid_client") from None
    return name, secret


def _redirect(text: str) -> URL:
    try:
        url = URL(text)
    except ValueError:
        raise _invalid_parameter() from None
    if not url.absolute:
        raise _invalid_parameter()
    return url


def _invalid_parameter() -> Refusal:
    return Refusal(400, "invalid parameter", oauth="invalid_request")


def _invalid_scopes() -> Refusal:
    return Refusal(400, "Invalid scopes", oauth="invalid_scope")
