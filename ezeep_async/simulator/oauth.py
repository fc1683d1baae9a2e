"""The OAuth server on the account host.

Sources: apidocs.ezeep.com, auth/auth_code_flow, auth_code_flow_pkce, device_auth_flow, password_flow, partner_token,
token_revocation, and the vendor's own clients where the pages are silent: the form body, the client in HTTP Basic, 400
for a bad token.
"""

from base64 import b64decode
from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

import attrs
from aiohttp import web

from ezeep_async.simulator.answers import Refusal, add_resource, answer
from ezeep_async.simulator.pairing import MODES, PAGE, PairingRefused, Pairings
from ezeep_async.simulator.tokens import Family, InvalidGrant, Tokens
from print_async.testing.simulator import SignInCancelled, SignInPage, Statistics

_FORM = "application/x-www-form-urlencoded"

Form = Mapping[str, str]


@attrs.frozen(kw_only=True)
class OAuth:
    """The authorize, pairing, token and revoke endpoints."""

    tokens: Tokens
    pairings: Pairings
    statistics: Statistics
    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...] | None
    """The registered redirect URIs; `None` takes any."""
    sign_in: Callable[[str, str], int | None]
    """Returns the index of the user that an e-mail address and a password belong to."""
    revoke_status: int
    organization_id: str
    """The one organization that everybody is in, and may switch to."""
    page: SignInPage | None = None
    """Where people sign in; `None` sends every browser back at once, as the first user's."""

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        add_resource(
            app, "/oauth/authorize/", {"GET": self.authorize, **({"POST": self.authorize} if self.page else {})}
        )
        add_resource(app, "/oauth/pair/", {"POST": self.pair})
        add_resource(app, PAGE, {"GET": self.pairing_page, "POST": self.decide_pairing})
        add_resource(app, "/oauth/access_token/", {"POST": self.access_token})
        add_resource(app, "/oauth/revoke/", {"POST": self.revoke})

    async def authorize(self, request: web.Request) -> web.StreamResponse:
        """Send the browser back with a code, when the person has signed in on the page if there is one."""
        query, target = request.query, request.query.get("redirect_uri", "")
        # A wrong client or target is answered here: nothing may be sent to a target nobody vouches for.
        if query.get("client_id") != self.client_id:
            raise _error(400, "invalid_client")
        if not _is_absolute(target) or (self.redirect_uris is not None and target not in self.redirect_uris):
            raise _error(400, "invalid_redirect_uri")
        result = _fault(query) or await self._authorize(request, target)
        if isinstance(result, web.Response):
            return result
        found = urlencode(result | ({"state": query["state"]} if "state" in query else {}))
        return web.Response(status=302, headers={"Location": f"{target}{'&' if '?' in target else '?'}{found}"})

    async def _authorize(self, request: web.Request, target: str) -> dict[str, str] | web.Response:
        try:
            user = await self.page.visit(request) if self.page else 0
        except SignInCancelled:
            return {"error": "access_denied"}
        if isinstance(user, web.Response):
            return user
        query = request.query
        return {"code": self.tokens.issue_code(target, query.get("code_challenge"), query.get("scope", ""), user)}

    async def pair(self, request: web.Request) -> web.StreamResponse:
        """Begin a pairing."""
        form = await _read_form(request)
        self._check_form(request)
        self._check_client(request)
        mode, hardware_id = _field(form, "mode"), form.get("hardware_id")
        if mode not in MODES or (hardware_id is not None and mode != "device"):
            raise _error(400, "invalid_request")
        code = self.pairings.begin(form.get("scope", ""))
        auth_url = f"{self.tokens.issuer}{PAGE}?{urlencode({'pairing_code': code})}"
        return answer({"pairing_code": code, "auth_url": auth_url})

    async def pairing_page(self, request: web.Request) -> web.StreamResponse:
        """Show the page on which a person decides; the sign-in before it is left out."""
        return self.pairings.page(request.query.get("pairing_code", ""))

    async def decide_pairing(self, request: web.Request) -> web.StreamResponse:
        """Take the person's decision."""
        form = await _read_form(request)
        return self.pairings.decide(form.get("pairing_code", ""), approved=form.get("answer") == "approve")

    async def access_token(self, request: web.Request) -> web.StreamResponse:
        """Answer the token endpoint, for each of the grants it knows."""
        form = await _read_form(request)
        grant_type = form.get("grant_type", "")
        self.statistics.token_requests[grant_type] += 1
        self._check_form(request)
        self._check_client(request)
        grants = {
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh_token,
            "client_credentials": self._by_client_credentials,
            "password": self._by_password,
            "pairing_code": self._by_pairing_code,
            "switch_organization": self._by_other_organization,
        }
        if grant_type not in grants:
            raise _error(400, "unsupported_grant_type")
        try:
            return answer(grants[grant_type](form))
        except InvalidGrant as error:
            raise _error(400, "invalid_grant") from error
        except PairingRefused as error:
            raise _error(400, error.code) from error

    async def revoke(self, request: web.Request) -> web.StreamResponse:
        """Revoke a refresh token and its siblings; a token that is unknown is a success too, as RFC 7009 has it."""
        form = await _read_form(request)
        self._check_form(request)
        self._check_client(request)
        self.tokens.revoke(_field(form, "token"))
        return web.Response(status=self.revoke_status)

    def _by_code(self, form: Form) -> dict[str, str | float]:
        code, redirect_uri = _field(form, "code"), form.get("redirect_uri", "")
        family = self.tokens.redeem_code(code, redirect_uri, form.get("code_verifier"))
        return self._token(family, form.get("scope", ""), self.tokens.issue_refresh(family))

    def _by_refresh_token(self, form: Form) -> dict[str, str | float]:
        family, refresh_token = self.tokens.redeem_refresh(_field(form, "refresh_token"))
        return self._token(family, "", refresh_token)  # the documents' refresh answers name no scope

    def _by_other_organization(self, form: Form) -> dict[str, str | float]:
        if form.get("organization_id") != self.organization_id:
            raise _error(400, "invalid_request")
        return self._by_refresh_token(form)

    def _by_client_credentials(self, form: Form) -> dict[str, str | float]:
        scope = form.get("scope", "")
        if "printing" not in scope.split():
            raise _error(400, "invalid_scope")
        return self._token(Family(0, scope, partner=True), scope, None)

    def _by_password(self, form: Form) -> dict[str, str | float]:
        user = self.sign_in(_field(form, "username"), _field(form, "password"))
        if user is None:
            raise InvalidGrant
        family = Family(user, form.get("scope", ""))
        return self._token(family, family.scope, self.tokens.issue_refresh(family))

    def _by_pairing_code(self, form: Form) -> dict[str, str | float]:
        family = self.pairings.redeem(_field(form, "pairing_code"))
        return self._token(family, family.scope, self.tokens.issue_refresh(family))

    def _token(self, family: Family, scope: str, refresh_token: str | None) -> dict[str, str | float]:
        body: dict[str, str | float] = {
            "access_token": self.tokens.issue_access(family),
            "token_type": "Bearer",
            "expires_in": self.tokens.policy.token_seconds,
            "scope": scope,
        }
        return body if refresh_token is None else body | {"refresh_token": refresh_token}

    def _check_form(self, request: web.Request) -> None:
        if request.content_type != _FORM:
            raise _error(400, "invalid_request")

    def _check_client(self, request: web.Request) -> None:
        if _basic(request.headers.get("Authorization", "")) != f"{self.client_id}:{self.client_secret}":
            raise _error(401, "invalid_client", {"WWW-Authenticate": "Basic"})


def _fault(query: Form) -> dict[str, str]:
    if query.get("response_type") != "code":
        return {"error": "unsupported_response_type"}
    if "code_challenge" in query and query.get("code_challenge_method") != "S256":
        return {"error": "invalid_request"}
    return {}


def _is_absolute(uri: str) -> bool:
    try:
        return bool(urlsplit(uri).scheme)
    except ValueError:
        return False


async def _read_form(request: web.Request) -> dict[str, str]:
    if request.content_type != _FORM:
        return {}
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


def _field(form: Form, name: str) -> str:
    if not form.get(name):
        raise _error(400, "invalid_request")
    return form[name]


def _basic(header: str) -> str | None:
    scheme, _, encoded = header.partition(" ")
    try:
        return b64decode(encoded, validate=True).decode() if scheme.lower() == "basic" else None
    except ValueError:
        return None


def _error(status: int, code: str, headers: Mapping[str, str] | None = None) -> Refusal:
    return Refusal(status, {"error": code}, headers)
