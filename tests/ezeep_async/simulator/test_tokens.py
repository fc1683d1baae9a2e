"""Refresh, rotation, reuse, expiry and revocation."""

import pytest


async def test_refresh_rotates(visit, claims_of):
    """A refresh answers new tokens with an empty scope, and the access token works."""
    visitor = await visit()
    first = visitor.simulator.issue_refresh_token()

    body = (await visitor.refresh(first)).body

    assert body["refresh_token"] != first
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 3600, "")
    assert (await visitor.get("/printing/v1/users/", token=body["access_token"])).status == 200
    assert claims_of(body["access_token"])["iss"] == visitor.simulator.account_url


async def test_access_token_names_user_and_organization(visit, claims_of):
    """An access token has the shape of an RS256 JWT and the documented claims."""
    visitor = await visit()
    claims = claims_of(visitor.token)
    me = (await visitor.account("/v1/users/me")).body

    assert claims["sub"] == me["id"]
    assert claims["org"] == visitor.simulator.organization_id
    assert claims["rol"] == "admin"
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["scopes"] == "printing"


async def test_reuse_kills_the_family(visit):
    """A spent refresh token that comes back is refused, and takes all tokens of its sign-in with it."""
    visitor = await visit()
    first = visitor.simulator.issue_refresh_token()
    second = (await visitor.refresh(first)).body

    replay = await visitor.refresh(first)

    assert (replay.status, replay.body) == (400, {"error": "invalid_grant"})
    assert (await visitor.refresh(second["refresh_token"])).status == 400
    assert (await visitor.get("/printing/v1/users/", token=second["access_token"])).status == 401
    assert (await visitor.get("/printing/v1/users/")).status == 200, "another sign-in is not touched"
    assert visitor.simulator.stats.refresh_reuse == 1


async def test_reuse_without_detection(visit):
    """With detection off, a spent refresh token is refused and the newer one goes on."""
    visitor = await visit(detect_reuse=False)
    first = visitor.simulator.issue_refresh_token()
    second = (await visitor.refresh(first)).body["refresh_token"]

    assert (await visitor.refresh(first)).status == 400
    assert (await visitor.refresh(second)).status == 200
    assert visitor.simulator.stats.refresh_reuse == 1


async def test_no_rotation(visit):
    """With rotation off, the same refresh token works again and again."""
    visitor = await visit(rotate=False)
    token = visitor.simulator.issue_refresh_token()

    for _ in range(3):
        assert (await visitor.refresh(token)).body["refresh_token"] == token
    assert visitor.simulator.stats.refresh_reuse == 0


async def test_access_token_expires(visit):
    """An access token works until its last second is over, and then answers 401."""
    visitor = await visit(token_seconds=5)

    visitor.clock.time += 4.9
    assert (await visitor.get("/printing/v1/users/")).status == 200
    visitor.clock.time += 0.1
    assert (await visitor.get("/printing/v1/users/")).status == 401
    assert visitor.simulator.stats.unauthorized == 1


async def test_refresh_token_expires(visit):
    """A refresh token with a lifetime is refused after it."""
    visitor = await visit(refresh_token_seconds=60)
    token = visitor.simulator.issue_refresh_token()

    visitor.clock.time += 60

    assert (await visitor.refresh(token)).body == {"error": "invalid_grant"}


async def test_expired_access_tokens_are_forgotten(visit):
    """A long run does not hoard access tokens."""
    visitor = await visit(token_seconds=5)
    token = visitor.simulator.issue_refresh_token()

    for _ in range(20):
        token = (await visitor.refresh(token)).body["refresh_token"]
        visitor.clock.time += 5

    assert len(visitor.simulator._tokens._access) == 1


async def test_expire_access_tokens(visit):
    """Access tokens can be ended by hand, and refresh tokens stay good."""
    visitor = await visit()
    token = visitor.simulator.issue_refresh_token()

    visitor.simulator.expire_access_tokens()

    assert (await visitor.get("/printing/v1/users/")).status == 401
    assert (await visitor.refresh(token)).status == 200


async def test_revoke_all(visit):
    """After everything is revoked no token of any kind is taken, and a new sign-in works."""
    visitor = await visit()
    token, code = visitor.simulator.issue_refresh_token(), visitor.simulator.issue_code("http://localhost/")

    visitor.simulator.revoke_all()

    redeemed = await visitor.token_call(grant_type="authorization_code", code=code, redirect_uri="http://localhost/")
    assert redeemed.body == {"error": "invalid_grant"}
    assert (await visitor.refresh(token)).body == {"error": "invalid_grant"}
    assert (await visitor.get("/printing/v1/users/")).status == 401
    assert (await visitor.refresh(visitor.simulator.issue_refresh_token())).status == 200


async def test_revoke(visit):
    """Revoking a refresh token ends its siblings, answers no body, and leaves the access token to its hour."""
    visitor = await visit()
    issued = (await visitor.refresh(visitor.simulator.issue_refresh_token())).body
    token = issued["refresh_token"]

    answer = await visitor.token_call("/oauth/revoke/", token=token)

    assert (answer.status, answer.raw) == (200, b"")
    assert (await visitor.refresh(token)).status == 400
    assert (await visitor.get("/printing/v1/users/", token=issued["access_token"])).status == 200


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
async def test_unknown_access_token(visit, token):
    """A bearer that was never issued answers 401 on each of the three origins."""
    visitor = await visit()
    simulator = visitor.simulator

    for url in (
        f"{simulator.account_url}/v1/users/",
        f"{simulator.management_url}/printing/v1/groups/",
        f"{simulator.print_url}/sfapi/GetConfiguration/",
    ):
        assert (await visitor.get(url, token=token)).status == 401
    assert simulator.stats.unauthorized == 3
