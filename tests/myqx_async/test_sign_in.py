"""Signing in to MyQ X over real sockets: each way leads in, and goes on as long as it can."""

from contextlib import aclosing

import attrs
import pytest

from myqx_async.auth import (
    AuthorizationCode,
    CardLogin,
    CardPasswordLogin,
    CardPinLogin,
    ClientCredentials,
    PasswordLogin,
    PinLogin,
    RefreshToken,
    StoredCredential,
)
from myqx_async.models import UserChanges
from print_async.auth.stores.memory import MemoryTokenStore
from print_async.auth.token import TokenKind
from print_async.errors import LoginRequired
from print_async.transports.aiohttp import AiohttpTransport
from print_async.wire import Request

REDIRECT = "https://app.example/back?from=myq"


async def test_two_users_of_one_store(start):
    """Two users of one application who share a token store are never given each other's token."""
    store = MemoryTokenStore()
    rig = await start(grant=login(PinLogin, 2, pin="pin"), client={"store": store})
    other = login(PinLogin, 5, pin="pin")(rig.sim)
    async with rig.join(other, store=store, clock=rig.clock) as second:
        await rig.myqx.users.update_me(UserChanges(notes="second"))
        await second.users.update_me(UserChanges(notes="fifth"))

    assert rig.sim.stats.mutations == {"user-updated:1003": 1, "user-updated:1006": 1}


async def sign_in_with_a_code(rig, scope: str) -> AuthorizationCode:
    """Go to the sign-in page as a browser would, and come back with a grant."""
    request = AuthorizationCode.begin(rig.sim.url, rig.sim.client_id, redirect_uri=REDIRECT, scope=scope)
    async with aclosing(AiohttpTransport(ca_file=rig.sim.ca_file)) as browser:
        response = await browser.send(Request("GET", request.url))
    assert response.status == 302
    client = {"client_id": rig.sim.client_id, "client_secret": rig.sim.client_secret}
    return AuthorizationCode.finish(request, response.headers.get("Location"), **client)


async def test_signing_in_with_a_code(start):
    """The whole way of a person: sign-in page, redirect, code, token, and a call that works."""
    rig = await start()
    grant = await sign_in_with_a_code(rig, "users offline.access")

    async with rig.join(grant) as myqx:
        assert await myqx.users.list().first()

    info = myqx.session.token_info
    assert (info.kind, info.has_refresh_token, grant.unattended) == (TokenKind.USER, True, False)
    assert rig.sim.stats.token_requests == {"authorization_code": 1}


async def test_a_code_shows_what_was_not_granted(start):
    """What the sign-in page was asked for and the token does not have can be seen."""
    rig = await start(strict_scopes=False, client_scopes=("users",))
    grant = await sign_in_with_a_code(rig, "users jobs")

    async with rig.join(grant) as myqx:
        assert (await myqx.session.ensure_token()).missing_scope == {"jobs"}


def login(make, index=0, scope="users", **names):
    """Return a function of the simulator that makes a user's grant; `names` maps its fields to the credentials'."""

    def grant(sim):
        who = sim.credentials(index)
        secrets = {field: getattr(who, name) for field, name in names.items()}
        return make(sim.client_id, sim.client_secret, scope=scope, **secrets)

    return grant


WAYS = {
    "body": lambda sim: sim.grant(),
    "basic": lambda sim: attrs.evolve(sim.grant(), client_authentication="basic"),
    "type 1": login(CardLogin, card="card"),
    "type 2": login(PinLogin, pin="pin"),
    "type 3": login(PasswordLogin, user="username", password="password"),
    "type 4": login(CardPinLogin, card="card", pin="pin"),
    "type 5": login(CardPasswordLogin, card="card", password="password"),
}


@pytest.mark.parametrize("way", WAYS)
async def test_signing_in(start, way):
    """Every grant signs in with one token request, and its token works."""
    rig = await start(grant=WAYS[way])

    assert (await rig.myqx.users.get(1001)).id == 1001

    user = way.startswith("type")
    assert rig.myqx.session.token_info.kind is (TokenKind.USER if user else TokenKind.CLIENT)
    assert rig.sim.stats.token_requests == {"login_info" if user else "client_credentials": 1}


async def test_five_generations(start):
    """A refresh token works once; from one sign-in the session goes on as tokens end, also with a stored one."""
    rig = await start(grant=lambda sim: sim.grant("users offline.access"), token_seconds=1800)
    for generation in range(1, 6):
        await rig.myqx.users.get(1001)
        assert rig.myqx.session.token_info.generation == generation
        rig.clock.now += 1800

    stored = (await rig.myqx.session.token()).refresh_token
    grant = RefreshToken(rig.sim.client_id, rig.sim.client_secret, refresh_token=stored)
    async with rig.join(grant) as other:
        assert (await other.users.get(1001)).id == 1001

    assert other.session.token_info.kind is None
    assert rig.sim.stats.token_requests == {"client_credentials": 1, "refresh_token": 6}
    assert (rig.sim.stats.unauthorized, rig.sim.stats.refresh_reuse) == (0, 0)


@pytest.mark.parametrize("oauth_errors", [False, True])
async def test_refusals(start, oauth_errors):
    """A spent refresh token and a wrong secret end in `LoginRequired`, in MyQ's shape of errors and in OAuth's."""
    rig = await start(grant=lambda sim: sim.grant("users offline.access"), oauth_errors=oauth_errors)
    spent = (await rig.myqx.session.token()).refresh_token
    rig.clock.now += 1800
    await rig.myqx.session.token()
    application = rig.sim.client_id, rig.sim.client_secret
    refused = {
        "invalid_grant": RefreshToken(*application, refresh_token=spent),
        "invalid_client": ClientCredentials(application[0], "wrong", scope="users"),
        "invalid_scope": ClientCredentials(*application, scope="users statistics"),
    }

    for error, grant in refused.items():
        async with rig.join(grant) as myqx:
            with pytest.raises(LoginRequired) as said:
                await myqx.users.get(1001)
        assert said.value.error == (error if oauth_errors else None)
        assert said.value.description

    assert (rig.sim.stats.refresh_reuse, rig.sim.stats.token_requests["refresh_token"]) == (1, 2)


async def test_what_was_not_granted(start):
    """A granted scope that is narrower than the one asked for can be seen."""
    rig = await start(strict_scopes=False, client_scopes=("users", "printers"))

    info = await rig.myqx.session.ensure_token()

    assert (info.scope, info.missing_scope) == ({"users", "printers"}, {"queues"})


async def test_a_stored_credential(start):
    """Signed in once, a credential is found by its name by the next client, and goes on across refreshes."""
    store = MemoryTokenStore()
    stored = lambda sim: StoredCredential(sim.client_id, sim.client_secret, name="desk")  # noqa: E731
    rig = await start(grant=stored, client={"store": store})
    with pytest.raises(LoginRequired, match="desk"):
        await rig.myqx.users.get(1001)
    await rig.myqx.session.sign_in(rig.sim.grant("users offline.access"))
    rig.clock.now += 1800

    async with rig.join(stored(rig.sim), store=store) as later:
        assert (await later.users.get(1001)).id == 1001
        assert later.session.token_info.generation == 2
    assert rig.sim.stats.token_requests == {"client_credentials": 1, "refresh_token": 1}
