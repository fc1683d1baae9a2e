"""The authorize and token endpoints."""

import base64
import hashlib

import pytest
from yarl import URL

REDIRECT = "http://localhost:3000/code"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
AUTHORIZE = {"response_type": "code", "client_id": "ezeep-simulator", "redirect_uri": REDIRECT}
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def redeem(visitor, code, /, **form):
    """Exchange a code."""
    return visitor.token_call(**{"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT} | form)


async def authorize(visitor, path="/oauth/authorize/", **query):
    """Open the authorize page as a browser would."""
    return await visitor.account(path, params=AUTHORIZE | query, headers={})


async def test_authorize_without_a_slash(visit):
    """The path without its slash answers 301 to the one with it, and keeps the query."""
    visitor = await visit()

    answer = await authorize(visitor, "/oauth/authorize", state="a b")

    target = URL(answer.headers["Location"])
    assert (answer.status, target.path, target.query["state"]) == (301, "/oauth/authorize/", "a b")


async def test_code_flow_with_pkce(visit):
    """A browser comes back with code and state, and the code with its verifier brings tokens."""
    visitor = await visit()

    answer = await authorize(visitor, state="s1", scope="printing", **PKCE)
    target = URL(answer.headers["Location"])
    tokens = await redeem(visitor, target.query["code"], code_verifier=VERIFIER, scope="printing")

    assert answer.status == 302
    assert (str(target.with_query(None)), target.query["state"]) == (REDIRECT, "s1")
    assert (tokens.status, tokens.body["scope"]) == (200, "printing")
    assert (await visitor.refresh(tokens.body["refresh_token"])).status == 200
    assert visitor.simulator.stats.token_requests == {"authorization_code": 1, "refresh_token": 1}


async def test_code_works_once(visit):
    """A code that comes a second time is refused."""
    visitor = await visit()
    code = visitor.simulator.issue_code(REDIRECT)

    assert (await redeem(visitor, code)).status == 200
    assert (await redeem(visitor, code)).body == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("challenge", "form"),
    [
        pytest.param(CHALLENGE, {"code_verifier": "w" * 43}, id="wrong verifier"),
        pytest.param(CHALLENGE, {}, id="no verifier"),
        pytest.param(None, {"code_verifier": VERIFIER}, id="challenge was stripped"),
        pytest.param(None, {"redirect_uri": "http://localhost:3001/code"}, id="other redirect"),
        pytest.param(None, {"redirect_uri": ""}, id="no redirect"),
        pytest.param(None, {"code": "nonsense"}, id="unknown code"),
    ],
)
async def test_code_is_refused(visit, challenge, form):
    """A code is worth nothing without the redirect URI and the verifier it was issued for."""
    visitor = await visit()
    code = visitor.simulator.issue_code(REDIRECT, challenge)

    answer = await redeem(visitor, code, **form)

    assert (answer.status, answer.body) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(
    "wrong", [{"client_id": "other"}, {"redirect_uri": "https://evil.test/"}, {"redirect_uri": ""}]
)
async def test_authorize_sends_nothing_to_a_stranger(visit, wrong):
    """A wrong client or an unregistered target is refused on the spot, without a redirect."""
    visitor = await visit(redirect_uris=(REDIRECT,))

    answer = await authorize(visitor, **wrong)

    assert answer.status == 400
    assert "Location" not in answer.headers


@pytest.mark.parametrize("target", ["", "/relative", "http://["])
async def test_redirect_must_be_absolute(visit, target):
    """Even without registered targets, a redirect goes only to an absolute URI."""
    assert (await authorize(await visit(), redirect_uri=target)).status == 400


async def test_custom_scheme(visit):
    """An application may be called back by a scheme of its own."""
    answer = await authorize(await visit(), redirect_uri="myapp://callback", state="s")

    assert answer.headers["Location"].startswith("myapp://callback?code=")


@pytest.mark.parametrize("header", ["", "Basic", "Basic %%%", "Basic /w==", "Bearer x"])
async def test_unreadable_client(visit, header):
    """A token request without a readable client answers 401."""
    visitor = await visit()

    answer = await visitor.send(
        "POST",
        "/oauth/access_token/",
        base=visitor.simulator.account_url,
        data={"grant_type": "client_credentials", "scope": "printing"},
        headers={"Authorization": header},
    )

    assert (answer.status, answer.body) == (401, {"error": "invalid_client"})


@pytest.mark.parametrize("wrong", [{"response_type": "token"}, PKCE | {"code_challenge_method": "plain"}])
async def test_authorize_reports_an_error_to_the_client(visit, wrong):
    """What the client asked for wrongly comes back to it as an error, with its state."""
    visitor = await visit()

    target = URL((await authorize(visitor, state="s", **wrong)).headers["Location"])

    assert "error" in target.query
    assert "code" not in target.query
    assert target.query["state"] == "s"


async def test_token_body_must_be_a_form(visit):
    """A JSON body is refused, for it is not what the working clients send."""
    visitor = await visit()

    answer = await visitor.send(
        "POST",
        "/oauth/access_token/",
        base=visitor.simulator.account_url,
        json={"grant_type": "refresh_token", "refresh_token": visitor.simulator.issue_refresh_token()},
    )

    assert (answer.status, answer.body) == (400, {"error": "invalid_request"})


@pytest.mark.parametrize("client", ["other:", "ezeep-simulator:", "ezeep-simulator:wrong", "ezeep-simulator:secret\n"])
async def test_wrong_client(visit, client):
    """A client that does not name itself exactly is refused before its token is looked at."""
    visitor = await visit(client_secret="secret")
    token = visitor.simulator.issue_refresh_token()

    refused = await visitor.token_call(client=client, grant_type="refresh_token", refresh_token=token)

    assert (refused.status, refused.body) == (401, {"error": "invalid_client"})
    assert (await visitor.refresh(token)).status == 200


async def test_client_credentials(visit):
    """Partner tokens need the scope, and come without a refresh token."""
    visitor = await visit()

    refused = await visitor.token_call(grant_type="client_credentials")
    answer = await visitor.token_call(grant_type="client_credentials", scope="printing")

    assert (refused.status, refused.body) == (400, {"error": "invalid_scope"})
    assert "refresh_token" not in answer.body
    assert (await visitor.get("/printing/v1/groups/", token=answer.body["access_token"])).status == 200


async def test_password(visit, claims_of):
    """A password signs in the user of that e-mail address, who sees only themselves."""
    visitor = await visit()
    user = next(index for index in range(200) if not visitor.simulator.directory.people.is_admin(index))
    form = {"grant_type": "password", "username": f"user{user}@example.com"}

    refused = await visitor.token_call(**form, password="wrong")
    token = (await visitor.token_call(**form, password="ezeep-simulator", scope="printing")).body["access_token"]

    users = (await visitor.account("/v1/users/", token=token)).body
    other = visitor.simulator.directory.user_ids.at(0)
    assert refused.body == {"error": "invalid_grant"}
    assert claims_of(token)["rol"] == "user"
    assert [one["email"] for one in users["results"]] == [form["username"]]
    assert (await visitor.account(f"/v1/users/{other}/", token=token)).status == 404


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "magic"}, "unsupported_grant_type"),
        ({}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "nonsense"}, "invalid_grant"),
        ({"grant_type": "password", "username": "²@x", "password": "ezeep-simulator"}, "invalid_grant"),
    ],
)
async def test_bad_token_requests(visit, form, error):
    """A token request that makes no sense answers 400 with a code, and is counted."""
    visitor = await visit()

    answer = await visitor.token_call(**form)

    assert (answer.status, answer.body) == (400, {"error": error})
    assert visitor.simulator.stats.token_requests.total() == 1


async def test_post_without_a_slash_is_not_redirected(visit):
    """A token request to the path without its slash is lost, not sent on."""
    visitor = await visit()

    assert (await visitor.token_call("/oauth/access_token", grant_type="password")).status == 404
