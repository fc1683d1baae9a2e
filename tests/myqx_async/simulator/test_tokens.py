"""Signing in by every grant, and what becomes of the tokens."""

import base64
import hashlib
import hmac

import aiohttp
import pytest


def _login(person, kind: int) -> dict[str, object]:
    fields = {"card": person.card, "pin": person.pin, "user": person.username, "pwd": person.password}
    names = {1: ["card"], 2: ["pin"], 3: ["user", "pwd"], 4: ["card", "pin"], 5: ["card", "pwd"]}[kind]
    return {"type": kind} | {name: fields[name] for name in names}


async def test_client_credentials_give_a_bearer_token_of_the_documented_form(visit, claims) -> None:
    """A client token has the documented fields and claims, a valid HS256 signature, and no user."""
    visitor = await visit()
    answer = await visitor.ask(grant_type="client_credentials", scope="users jobs")
    assert answer.status == 200
    token = answer.body.pop("access_token")
    assert answer.body == {"token_type": "Bearer", "expires_in": 1800, "scope": "users jobs"}
    found = claims(token)
    found.pop("jti")
    assert found == {"iss": visitor.sim.client_id, "iat": 1_700_000_000, "exp": 1_700_001_800, "scp": "users jobs"}
    signed, _, signature = token.rpartition(".")
    expected = hmac.digest(visitor.sim.client_secret.encode(), signed.encode(), hashlib.sha256)
    assert base64.urlsafe_b64decode(signature + "=") == expected


async def test_the_client_may_come_as_basic_authorization(visit) -> None:
    """The client's id and secret are taken from the Authorization header as well as from the body."""
    visitor = await visit()
    header = aiohttp.encode_basic_auth(visitor.sim.client_id, visitor.sim.client_secret)
    body = {"grant_type": "client_credentials", "scope": "users"}
    answer = await visitor.call("POST", "/api/auth/token", json=body, headers={"Authorization": header})
    assert answer.status == 200


@pytest.mark.parametrize("header", ["Basic bm9ib2R5Om5vdGhpbmc=", "Basic %%%"])
async def test_a_wrong_basic_authorization_is_refused(visit, header: str) -> None:
    """A header that names another client, or nothing readable, is 401 whatever the body says."""
    visitor = await visit()
    body = {"grant_type": "client_credentials", "scope": "users", "client_id": visitor.sim.client_id}
    answer = await visitor.call("POST", "/api/auth/token", json=body, headers={"Authorization": header})
    assert answer.status == 401


@pytest.mark.parametrize("kind", [1, 2, 3, 4, 5])
async def test_a_user_signs_in_by_every_login_type(visit, claims, kind: int) -> None:
    """Each type of login_info gives a token whose subject is the user."""
    visitor = await visit()
    person = visitor.sim.credentials(7)
    answer = await visitor.ask(grant_type="login_info", scope="jobs", login_info=_login(person, kind))
    assert claims(answer.body["access_token"])["sub"] == person.user_id


@pytest.mark.parametrize("kind", [1, 2, 3, 4, 5])
async def test_credentials_that_do_not_belong_together_are_refused(visit, kind: int) -> None:
    """A wrong value, or one of another user, in any place of a login is 400."""
    visitor = await visit()
    mine, other = _login(visitor.sim.credentials(7), kind), _login(visitor.sim.credentials(8), kind)
    names = [name for name in mine if name != "type"]
    wrong = [mine | {name: "nonsense"} for name in names]
    mixed = [mine | {name: other[name]} for name in names if len(names) > 1]
    for login in wrong + mixed:
        answer = await visitor.ask(grant_type="login_info", scope="jobs", login_info=login)
        assert (answer.status, answer.body["message"]) == (400, "Invalid login")


async def test_an_inactive_user_cannot_sign_in(visit) -> None:
    """The right credentials of an inactive user are refused."""
    visitor = await visit()
    person = visitor.sim.credentials(19)
    assert not person.active
    answer = await visitor.ask(grant_type="login_info", scope="jobs", login_info=_login(person, 1))
    assert answer.status == 400


@pytest.mark.parametrize(
    "login",
    [None, {}, {"type": 9, "card": "1"}, {"type": "1", "card": "1"}, {"type": 2, "pin": 1234}, {"type": 3}, "x"],
)
async def test_a_malformed_login_is_an_invalid_parameter(visit, login: object) -> None:
    """A login without its fields, of an unknown type, or with numbers for strings is 400."""
    visitor = await visit()
    answer = await visitor.ask(grant_type="login_info", scope="jobs", login_info=login)
    assert (answer.status, answer.body["message"]) == (400, "invalid parameter")


async def test_scopes_are_refused_unless_all_are_allowed(visit) -> None:
    """One scope that the application may not have spoils the request, with the documented message."""
    visitor = await visit(client_scopes=("users",))
    answer = await visitor.ask(grant_type="client_credentials", scope="users printers")
    assert answer.status == 400
    assert answer.body == {"code": 400, "message": "Invalid scopes", "data": []}


async def test_lenient_scopes_grant_what_is_allowed(visit) -> None:
    """With strict_scopes off the token has the allowed ones only, and none at all is still refused."""
    visitor = await visit(client_scopes=("users",), strict_scopes=False)
    answer = await visitor.ask(grant_type="client_credentials", scope="printers users statistics")
    assert answer.body["scope"] == "users"
    assert (await visitor.get("printers", answer.body["access_token"])).status == 403
    assert (await visitor.ask(grant_type="client_credentials", scope="printers")).body["message"] == "Invalid scopes"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"scope": None}, 400),
        ({"grant_type": "password"}, 400),
        ({"grant_type": None}, 400),
        ({"client_secret": "wrong"}, 401),
        ({"client_id": None}, 401),
        ({"scope": ["users"]}, 400),
    ],
)
async def test_bad_token_requests_are_refused(visit, fields: dict[str, object], status: int) -> None:
    """A request without scope, with an unknown grant or a wrong client is refused in the API's error shape."""
    visitor = await visit()
    answer = await visitor.ask(**{"grant_type": "client_credentials", "scope": "users"} | fields)
    assert answer.status == status
    assert answer.body.keys() == {"code", "message", "data"}


async def test_a_token_request_must_be_json(visit) -> None:
    """A form is not read."""
    visitor = await visit()
    answer = await visitor.call("POST", "/api/auth/token", data={"grant_type": "client_credentials"})
    assert answer.status == 400


async def test_a_code_works_once_and_for_its_redirect_uri(visit, claims) -> None:
    """A code gives a token of the first user, ignores the scope sent along, and is spent by any use."""
    visitor = await visit()
    here, there = "https://app.example/cb", "https://app.example/other"
    code = visitor.sim.issue_code(here, "jobs")
    answer = await visitor.ask(grant_type="authorization_code", code=code, redirect_uri=here, scope="users")
    assert answer.body["scope"] == "jobs"
    assert claims(answer.body["access_token"])["sub"] == visitor.sim.credentials(0).user_id
    assert (await visitor.ask(grant_type="authorization_code", code=code, redirect_uri=here)).status == 400
    code = visitor.sim.issue_code(here, "jobs")
    assert (await visitor.ask(grant_type="authorization_code", code=code, redirect_uri=there)).status == 400


async def test_an_old_code_is_refused(visit) -> None:
    """A code does not hold for ever."""
    visitor = await visit()
    code = visitor.sim.issue_code("https://app.example/cb", "jobs")
    visitor.clock.time += 601
    answer = await visitor.ask(grant_type="authorization_code", code=code, redirect_uri="https://app.example/cb")
    assert answer.status == 400


async def test_the_browser_is_redirected_with_a_code(visit) -> None:
    """The authorization page answers 302 with a code that works, and hands the state back."""
    visitor = await visit()
    query = {
        "response_type": "code",
        "client_id": visitor.sim.client_id,
        "redirect_uri": "http://127.0.0.1:5/cb?x=1",
        "scope": "jobs offline.access",
        "state": "a b",
        "theme": "red",
    }
    answer = await visitor.call("GET", "/en/auth", params=query)
    assert answer.status == 302
    location = aiohttp.client.URL(answer.headers["Location"])
    assert (location.host, location.port, location.path) == ("127.0.0.1", 5, "/cb")
    assert (location.query["x"], location.query["state"]) == ("1", "a b")
    tokens = await visitor.ask(
        grant_type="authorization_code", code=location.query["code"], redirect_uri=query["redirect_uri"]
    )
    assert tokens.body["scope"] == "jobs offline.access"
    assert "refresh_token" in tokens.body


async def test_an_authorization_without_scope_fails_only_at_the_token_request(visit) -> None:
    """Without scope there is a code, and redeeming it is an invalid parameter."""
    visitor = await visit()
    query = {"response_type": "code", "client_id": visitor.sim.client_id, "redirect_uri": "https://app.example/cb"}
    answer = await visitor.call("GET", "/cs/auth", params=query)
    code = aiohttp.client.URL(answer.headers["Location"]).query["code"]
    tokens = await visitor.ask(grant_type="authorization_code", code=code, redirect_uri=query["redirect_uri"])
    assert (tokens.status, tokens.body["message"]) == (400, "invalid parameter")


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "somebody"},
        {"redirect_uri": "/relative"},
        {"redirect_uri": ""},
        {"redirect_uri": "http://["},
        {"response_type": "token"},
    ],
)
async def test_a_wrong_authorization_is_not_redirected(visit, change: dict[str, str]) -> None:
    """An unknown client, a redirect URI that is none, or another response type is 400 and gets no code."""
    visitor = await visit()
    query = {"response_type": "code", "client_id": visitor.sim.client_id, "redirect_uri": "https://app.example/cb"}
    answer = await visitor.call("GET", "/en/auth", params=query | change)
    assert answer.status == 400
    assert "Location" not in answer.headers


async def test_refresh_tokens_come_with_offline_access_alone(visit) -> None:
    """Without the scope offline.access there is no refresh token."""
    visitor = await visit()
    assert "refresh_token" not in (await visitor.ask(grant_type="client_credentials", scope="users")).body
    assert "refresh_token" in (await visitor.ask(grant_type="client_credentials", scope="users offline.access")).body


async def _refresh(visitor, token: str, **fields: object):
    return await visitor.ask(grant_type="refresh_token", refresh_token=token, **fields)


async def test_a_refresh_token_rotates_and_reuse_ends_the_sign_in(visit) -> None:
    """The successor works; the spent one that comes again ends both of them and the access tokens, and is counted."""
    visitor = await visit()
    first = (await visitor.ask(grant_type="client_credentials", scope="users offline.access")).body
    second = (await _refresh(visitor, first["refresh_token"])).body
    assert second["refresh_token"] != first["refresh_token"]
    assert second["scope"] == first["scope"]
    assert (await visitor.get("users", second["access_token"])).status == 200
    assert (await _refresh(visitor, first["refresh_token"])).status == 400
    assert visitor.sim.stats.refresh_reuse == 1
    assert (await _refresh(visitor, second["refresh_token"])).status == 400
    assert (await visitor.get("users", second["access_token"])).status == 401
    assert visitor.sim.stats.refresh_reuse == 1
    assert (await _refresh(visitor, first["refresh_token"])).status == 400
    assert visitor.sim.stats.refresh_reuse == 2
    assert visitor.sim.stats.token_requests == {"client_credentials": 1, "refresh_token": 4}


async def test_reuse_does_no_harm_without_detection(visit) -> None:
    """With detect_reuse off a spent token is refused and counted, and its successor goes on working."""
    visitor = await visit(detect_reuse=False)
    first = (await visitor.ask(grant_type="client_credentials", scope="users offline.access")).body
    second = (await _refresh(visitor, first["refresh_token"])).body
    assert (await _refresh(visitor, first["refresh_token"])).status == 400
    assert visitor.sim.stats.refresh_reuse == 1
    assert (await _refresh(visitor, second["refresh_token"])).status == 200


async def test_without_rotation_a_refresh_token_stays(visit) -> None:
    """With rotate off the same refresh token comes back and works again."""
    visitor = await visit(rotate=False)
    first = (await visitor.ask(grant_type="client_credentials", scope="users offline.access")).body
    for _ in range(2):
        again = await _refresh(visitor, first["refresh_token"])
        assert again.body["refresh_token"] == first["refresh_token"]
    assert visitor.sim.stats.refresh_reuse == 0


async def test_a_refresh_may_narrow_the_scopes_and_not_widen_them(visit) -> None:
    """Fewer scopes are granted for that access token, more are refused without spending the refresh token."""
    visitor = await visit()
    first = (await visitor.ask(grant_type="client_credentials", scope="users printers offline.access")).body
    wider = await _refresh(visitor, first["refresh_token"], scope="users queues")
    assert wider.body["message"] == "Invalid scopes"
    narrow = (await _refresh(visitor, first["refresh_token"], scope="users")).body
    assert narrow["scope"] == "users"
    assert (await visitor.get("printers", narrow["access_token"])).status == 403
    assert (await _refresh(visitor, narrow["refresh_token"])).body["scope"] == "users printers offline.access"


async def test_refresh_tokens_expire_if_told_to(visit) -> None:
    """A refresh token lives refresh_token_seconds from its issue, its successor anew."""
    visitor = await visit(refresh_token_seconds=60)
    first = (await visitor.ask(grant_type="client_credentials", scope="users offline.access")).body
    visitor.clock.time += 59
    second = (await _refresh(visitor, first["refresh_token"])).body
    visitor.clock.time += 59
    third = (await _refresh(visitor, second["refresh_token"])).body
    visitor.clock.time += 60
    assert (await _refresh(visitor, third["refresh_token"])).status == 400


async def test_an_unknown_refresh_token_is_no_reuse(visit) -> None:
    """A refresh token that was never issued is refused and not counted as reuse."""
    visitor = await visit()
    assert (await _refresh(visitor, "made-up")).status == 400
    assert visitor.sim.stats.refresh_reuse == 0


async def test_an_access_token_expires_with_its_lifetime(visit) -> None:
    """A token of five seconds holds just under five, and expires_in says so."""
    visitor = await visit(token_seconds=5)
    answer = await visitor.ask(grant_type="client_credentials", scope="users")
    assert answer.body["expires_in"] == 5
    visitor.clock.time += 4.9
    assert (await visitor.get("users", answer.body["access_token"])).status == 200
    visitor.clock.time += 0.1
    assert (await visitor.get("users", answer.body["access_token"])).status == 401
    await visitor.sign_in()
    assert (await visitor.get("users", answer.body["access_token"])).status == 401


async def test_expiring_access_tokens_leaves_refresh_tokens(visit) -> None:
    """After expire_access_tokens the API says 401 and a refresh helps."""
    visitor = await visit()
    first = (await visitor.ask(grant_type="client_credentials", scope="users offline.access")).body
    visitor.sim.expire_access_tokens()
    assert (await visitor.get("users", first["access_token"])).status == 401
    assert (await _refresh(visitor, first["refresh_token"])).status == 200


async def test_revoking_all_leaves_nothing(visit) -> None:
    """After revoke_all no access token, refresh token or code works, and none counts as reused."""
    visitor = await visit()
    first = (await visitor.ask(grant_type="client_credentials", scope="users offline.access")).body
    code = visitor.sim.issue_code("https://app.example/cb", "jobs")
    visitor.sim.revoke_all()
    assert (await visitor.get("users", first["access_token"])).status == 401
    assert (await _refresh(visitor, first["refresh_token"])).status == 400
    answer = await visitor.ask(grant_type="authorization_code", code=code, redirect_uri="https://app.example/cb")
    assert answer.status == 400
    assert visitor.sim.stats.refresh_reuse == 0


async def test_two_tokens_of_one_second_differ(visit) -> None:
    """No two tokens are equal, even with the clock standing still."""
    visitor = await visit()
    assert await visitor.sign_in() != await visitor.sign_in()


async def test_the_token_endpoint_can_refuse_as_the_rfc_has_it(visit) -> None:
    """With oauth_errors the token endpoint's body is that of RFC 6749; the API's errors stay as they are."""
    visitor = await visit(oauth_errors=True)
    answer = await _refresh(visitor, "made-up")
    assert (answer.status, answer.body["error"]) == (400, "invalid_grant")
    assert (await visitor.ask(grant_type="refresh_token", client_secret="x")).body["error"] == "invalid_client"
    assert (await visitor.get("users")).body["code"] == 401
