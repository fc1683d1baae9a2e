"""Signing in to ezeep: what is sent, what is told to nobody, and that each way leads in."""

import subprocess
import sys
from contextlib import aclosing
from urllib.parse import parse_qs

import attrs
import pytest

from ezeep_async.auth import (
    AuthorizationCode,
    PartnerCredentials,
    Password,
    RefreshToken,
    StoredCredential,
    SwitchOrganization,
)
from print_async.auth.authorization import code_challenge
from print_async.auth.stores.memory import MemoryTokenStore
from print_async.auth.token import TokenKind
from print_async.errors import AuthorizationRefused, LoginRequired
from print_async.secret import Secret
from print_async.testing import StubTransport, json_response, token_response
from print_async.transports.aiohttp import AiohttpTransport
from print_async.wire import Request

BASE = "https://account.example"
REDIRECT = "http://localhost:3000/code"
PUBLIC, CONFIDENTIAL = "Basic bXktY2xpZW50Og==", "Basic bXktY2xpZW50OnMmY3JldA=="
SECRETS = ("s&cret", "c/ode", "v-erifier", "r+efresh", "p=assword")

CODE = AuthorizationCode("my-client", code="c/ode", redirect_uri=REDIRECT)
CODE_WITH_PKCE = attrs.evolve(CODE, code_verifier="v-erifier", scope="printing reporting")
REFRESH = RefreshToken("my-client", "r+efresh")
SWITCH = SwitchOrganization("my-client", "r+efresh", organization_id="org")
PARTNER = PartnerCredentials("my-client", client_secret="s&cret")
PASSWORD = Password("my-client", username="a@example.com", password="p=assword", client_secret="s&cret", scope="")
GRANTS = (CODE, CODE_WITH_PKCE, REFRESH, SWITCH, PARTNER, PASSWORD)

SIGN_INS = [
    (
        CODE,
        PUBLIC,
        b"grant_type=authorization_code&code=c%2Fode&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcode&scope=printing",
    ),
    (
        CODE_WITH_PKCE,
        PUBLIC,
        b"grant_type=authorization_code&code=c%2Fode&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcode"
        b"&code_verifier=v-erifier&scope=printing+reporting",
    ),
    (REFRESH, PUBLIC, b"grant_type=refresh_token&refresh_token=r%2Befresh&scope=printing"),
    (
        SWITCH,
        PUBLIC,
        b"grant_type=switch_organization&organization_id=org&refresh_token=r%2Befresh&scope=printing",
    ),
    (PARTNER, CONFIDENTIAL, b"grant_type=client_credentials&scope=printing"),
    (PASSWORD, CONFIDENTIAL, b"grant_type=password&username=a%40example.com&password=p%3Dassword"),
]


def name_of(value: object) -> str | None:
    """Name the case of a grant by its class."""
    return type(value).__name__ if attrs.has(type(value)) else None


@pytest.mark.parametrize(("grant", "authorization", "body"), SIGN_INS, ids=name_of)
def test_token_request(grant, authorization, body):
    """A token request is the documented form, with the client in HTTP Basic; a public client keeps the colon."""
    request = grant.sign_in(BASE)

    assert (request.method, request.url) == ("POST", "https://account.example/oauth/access_token/")
    assert {name: value.reveal() for name, value in request.headers.items()} == {"Authorization": authorization}
    assert (request.body.content, request.body.content_type) == (body, "application/x-www-form-urlencoded")


@pytest.mark.parametrize("grant", GRANTS, ids=name_of)
def test_refresh_request(grant):
    """Whatever the grant, its refresh token is spent in the documented form, for the scope that was asked for."""
    request = grant.refresh(BASE, Secret("next/one"))

    scope = f"&scope={grant.scope.replace(' ', '+')}" if grant.scope else ""
    assert request.body.content == f"grant_type=refresh_token&refresh_token=next%2Fone{scope}".encode()
    assert request.url == "https://account.example/oauth/access_token/"
    assert request.headers["Authorization"] == grant.sign_in(BASE).headers["Authorization"]


@pytest.mark.parametrize("grant", GRANTS, ids=name_of)
def test_nothing_shows_a_secret(grant):
    """Neither the grant, nor its request, nor its name in a store shows a secret; all of them are known as secrets."""
    request = grant.sign_in(BASE)

    shown = "".join(map(repr, (grant, request, request.body, request.headers))) + f"{grant}{grant.identity}"
    assert not [secret for secret in SECRETS if secret in shown]
    held = {value.reveal() for value in attrs.astuple(grant) if isinstance(value, Secret) and value}
    assert {secret.reveal() for secret in grant.secrets if secret} == held


OTHERS = [
    attrs.evolve(CODE, code="other"),
    attrs.evolve(CODE, client_id="other"),
    attrs.evolve(REFRESH, refresh_token="other"),
    attrs.evolve(PASSWORD, username="b@example.com"),
    attrs.evolve(PASSWORD, password="other"),
    attrs.evolve(PARTNER, client_id="other"),
]


def test_identities_tell_credentials_apart():
    """Different credentials have different names in a store, and equal ones the same."""
    grants = [*GRANTS, *OTHERS]

    assert len({grant.identity for grant in grants}) == len(grants)
    assert [attrs.evolve(grant).identity for grant in grants] == [grant.identity for grant in grants]


def test_identity_needs_the_client_secret():
    """Who knows a partner's public client id and not the secret does not get the partner's token from a store."""
    assert attrs.evolve(PARTNER, client_secret="guess").identity != PARTNER.identity


def test_identity_depends_on_the_scope():
    """A grant that asks for another scope does not get the token of the narrower one from a store."""
    assert attrs.evolve(PARTNER, scope="printing reporting").identity != PARTNER.identity


def test_identity_is_the_same_in_every_process():
    """A store that outlives the process finds the token again."""
    code = "from ezeep_async.auth import RefreshToken; print(RefreshToken('my-client', 'r+efresh').identity)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == REFRESH.identity


@pytest.mark.parametrize(
    ("grant", "field"),
    [
        *((grant, "client_id") for grant in GRANTS),
        (CODE, "code"),
        (CODE, "redirect_uri"),
        (REFRESH, "refresh_token"),
        (SWITCH, "refresh_token"),
        (SWITCH, "organization_id"),
        (PARTNER, "scope"),
        (PASSWORD, "username"),
        (PASSWORD, "password"),
    ],
    ids=name_of,
)
def test_what_must_not_be_empty(grant, field):
    """A grant without something that ezeep requires is refused when it is made."""
    with pytest.raises(ValueError, match=field):
        attrs.evolve(grant, **{field: ""})


@pytest.mark.parametrize("social", [None, "azure"])
@pytest.mark.parametrize("prompt", [None, "none", "azure", "select_account"])
def test_authorize_url(social, prompt):
    """The sign-in page gets every documented parameter, `state`, and the PKCE challenge of the verifier kept back."""
    request = AuthorizationCode.begin("my-client", redirect_uri=REDIRECT, social=social, prompt=prompt)

    address, _, query = request.url.partition("?")
    optional = {name: [value] for name, value in (("social", social), ("prompt", prompt)) if value}
    assert address == "https://account.ezeep.com/oauth/authorize/"
    assert parse_qs(query, strict_parsing=True) == {
        "response_type": ["code"],
        "client_id": ["my-client"],
        "redirect_uri": [REDIRECT],
        "scope": ["printing"],
        "state": [request.state.reveal()],
        "code_challenge": [code_challenge(request.code_verifier)],
        "code_challenge_method": ["S256"],
        **optional,
    }
    assert request.code_verifier.reveal() not in request.url
    assert request.state.reveal() not in repr(request)


@pytest.mark.parametrize(
    "wrong", [{"account_url": "http://account.example"}, {"redirect_uri": "/code"}, {"redirect_uri": ""}]
)
def test_authorize_url_is_not_made_of_nonsense(wrong):
    """A sign-in in the clear, or one that comes back nowhere, is refused before the person sees a page."""
    with pytest.raises(ValueError, match=r"http|redirect_uri"):
        AuthorizationCode.begin("my-client", **{"redirect_uri": REDIRECT} | wrong)


async def test_signing_in_with_a_code(start):
    """The whole way of a person: sign-in page, redirect, code, token, and a call that works."""
    rig = await start(client_id="my-client", redirect_uris=(REDIRECT,))
    request = AuthorizationCode.begin("my-client", redirect_uri=REDIRECT, account_url=rig.sim.account_url)
    async with aclosing(AiohttpTransport()) as browser:
        response = await browser.send(Request("GET", request.url))

    grant = AuthorizationCode.finish(request, response.headers.get("Location"), client_id="my-client")
    async with rig.join(grant) as ezeep:
        assert len(await ezeep.groups.list().collect()) == 6

    assert (response.status, ezeep.session.token_info.kind, grant.unattended) == (302, TokenKind.USER, False)
    assert rig.sim.stats.token_requests == {"authorization_code": 1}


@pytest.mark.parametrize("answer", ["code=1&state=forged", "code=1", "error=access_denied&state={}", "state={}"])
def test_a_redirect_that_is_no_answer(answer):
    """A redirect with another state, an error, or no code makes no grant."""
    request = AuthorizationCode.begin("my-client", redirect_uri=REDIRECT)

    with pytest.raises(AuthorizationRefused):
        AuthorizationCode.finish(request, f"{REDIRECT}?{answer.format(request.state.reveal())}", client_id="my-client")


@pytest.mark.parametrize("kind", ["refresh_token", "client_credentials", "password"])
async def test_signing_in(start, kind):
    """Every grant signs in at a confidential client's ezeep with one token request, and its token works."""
    makers = {
        "refresh_token": lambda sim: sim.grant(),
        "client_credentials": lambda sim: PartnerCredentials(sim.client_id, client_secret="s"),
        "password": lambda sim: Password(
            sim.client_id, client_secret="s", username="user0@example.com", password=sim.password
        ),
    }
    rig = await start(client_secret="s", grant=makers[kind])

    assert len(await rig.ezeep.groups.list().collect()) == 6
    info = rig.ezeep.session.token_info
    assert rig.sim.stats.token_requests == {kind: 1}
    assert info.has_refresh_token == (kind != "client_credentials")
    assert info.kind is (TokenKind.CLIENT if kind == "client_credentials" else TokenKind.USER)


async def test_five_generations(start):
    """A refresh token works once, and the session goes from one to the next as tokens end."""
    rig = await start(token_seconds=3600)

    for generation in range(1, 6):
        await rig.ezeep.groups.list().first()
        assert rig.ezeep.session.token_info.generation == generation
        rig.clock.now += 3600

    assert rig.sim.stats.token_requests == {"refresh_token": 5}
    assert (rig.sim.stats.unauthorized, rig.sim.stats.refresh_reuse) == (0, 0)


async def test_a_spent_refresh_token(start):
    """A refresh token that somebody else has spent ends in `LoginRequired`, and is not sent a second time."""
    rig = await start()
    grant = rig.sim.grant()
    async with rig.join(grant) as first, rig.join(grant) as second:
        await first.groups.list().first()
        for _ in range(3):
            with pytest.raises(LoginRequired) as refused:
                await second.groups.list().first()

    assert refused.value.error == "invalid_grant"
    assert rig.sim.stats.token_requests == {"refresh_token": 2}
    assert rig.sim.stats.refresh_reuse == 1


@pytest.mark.parametrize(
    ("granted", "missing"),
    [("printing", {"reporting"}), ("printing reporting", set()), ("", set()), (None, set())],
)
async def test_what_was_not_granted(start, granted, missing):
    """What was asked for and not granted can be seen; an empty scope, which ezeep sends, means that it is unknown."""
    stub = StubTransport(token_response("an-access-token", scope=granted), otherwise=json_response({"results": []}))
    grant = RefreshToken("my-client", "r", scope="printing reporting")
    rig = await start(grant=lambda _: grant, client={"transport": stub})

    assert await rig.ezeep.groups.list().collect() == []
    assert rig.ezeep.session.token_info.missing_scope == missing


async def test_a_stored_credential(start):
    """Signed in once, a credential is found by its name: by the next client, across refreshes, and not by another."""
    store = MemoryTokenStore()
    rig = await start(grant=lambda sim: StoredCredential(sim.client_id, name="anna"), client={"store": store})
    with pytest.raises(LoginRequired, match="anna"):
        await rig.ezeep.groups.list().first()
    assert (await rig.ezeep.session.sign_in(rig.sim.grant())).source == "sign-in"
    rig.clock.now += 3600

    async with rig.join(StoredCredential(rig.sim.client_id, name="anna"), store=store) as later:
        assert await later.account_users.me()
        assert later.session.token_info.generation == 2
    async with rig.join(StoredCredential(rig.sim.client_id, name="ben"), store=store) as other:
        with pytest.raises(LoginRequired, match="ben"):
            await other.groups.list().first()
    assert rig.sim.stats.token_requests == {"refresh_token": 2}


@pytest.mark.parametrize("known", [True, False])
async def test_switching_the_organization(start, known):
    """A refresh token is spent for a token of another organization; of an unknown one it is refused, and not spent."""
    store = MemoryTokenStore()
    rig = await start(grant=lambda sim: StoredCredential(sim.client_id), client={"store": store})
    await rig.ezeep.session.sign_in(rig.sim.grant())
    token = (await rig.ezeep.session.token()).refresh_token
    organization = rig.sim.organization_id if known else "00000000-0000-0000-0000-000000000000"
    grant = SwitchOrganization(rig.sim.client_id, token, organization_id=organization)
    if known:
        assert (await rig.ezeep.session.sign_in(grant)).generation == 2
    else:
        with pytest.raises(LoginRequired):
            await rig.ezeep.session.sign_in(grant)
    rig.clock.now += 3600
    assert (await rig.ezeep.groups.list().first()) is not None
    assert rig.sim.stats.refresh_reuse == 0
