"""Signing in to MyQ X: what is sent, what is told to nobody, and that each way leads in."""

import subprocess
import sys
from urllib.parse import parse_qs

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
)
from print_async.errors import AuthorizationRefused
from print_async.secret import Secret

BASE = "https://print.example:8090"
REDIRECT = "https://app.example/back?from=myq"
BASIC = "Basic Q0lEOmMtc2VjcmV0"
CLIENT = b'"client_id":"CID","client_secret":"c-secret"}'
SECRETS = ("c-secret", "ca-rd", "p-in", "p-wd", "c-ode", "r-efresh")
USER = {"client_id": "CID", "client_secret": "c-secret", "scope": "users jobs"}

BODY = ClientCredentials("CID", "c-secret", scope="users printers")
HEADER = attrs.evolve(BODY, client_authentication="basic")
LOGINS = {
    b'{"type":1,"card":"ca-rd"}': CardLogin(**USER, card="ca-rd"),
    b'{"type":2,"pin":"p-in"}': PinLogin(**USER, pin="p-in"),
    b'{"type":3,"user":"ann","pwd":"p-wd"}': PasswordLogin(**USER, user="ann", password="p-wd"),
    b'{"type":4,"card":"ca-rd","pin":"p-in"}': CardPinLogin(**USER, card="ca-rd", pin="p-in"),
    b'{"type":5,"card":"ca-rd","pwd":"p-wd"}': CardPasswordLogin(**USER, card="ca-rd", password="p-wd"),
}
CODE = AuthorizationCode("CID", "c-secret", code="c-ode", redirect_uri=REDIRECT)
REFRESH = RefreshToken("CID", "c-secret", refresh_token="r-efresh")
GRANTS = (BODY, HEADER, *LOGINS.values(), CODE, REFRESH)

SIGN_INS = [
    (BODY, b'{"grant_type":"client_credentials","scope":"users printers",' + CLIENT),
    (HEADER, b'{"grant_type":"client_credentials","scope":"users printers"}'),
    *(
        (grant, b'{"grant_type":"login_info","scope":"users jobs","login_info":' + info + b"," + CLIENT)
        for info, grant in LOGINS.items()
    ),
    (CODE, b'{"grant_type":"authorization_code","code":"c-ode","redirect_uri":"' + REDIRECT.encode() + b'",' + CLIENT),
    (REFRESH, b'{"grant_type":"refresh_token","refresh_token":"r-efresh",' + CLIENT),
]


def name_of(value: object) -> str | None:
    """Name the case of a grant by its class."""
    return type(value).__name__ if attrs.has(type(value)) else None


@pytest.mark.parametrize(("grant", "body"), SIGN_INS, ids=name_of)
def test_token_request(grant, body):
    """A token request is the documented JSON, with the client in it, or in HTTP Basic where that was asked for."""
    request = grant.sign_in(BASE)

    assert (request.method, request.url) == ("POST", "https://print.example:8090/api/auth/token")
    assert (request.body.content, request.body.content_type) == (body, "application/json")
    headers = {name: value.reveal() for name, value in request.headers.items()}
    assert headers == ({"Authorization": BASIC} if grant is HEADER else {})


@pytest.mark.parametrize("grant", GRANTS, ids=name_of)
def test_refresh_request(grant):
    """Whatever the grant, its refresh token is spent with the same client authentication, and without a scope."""
    request = grant.refresh(BASE, Secret("next"))

    client = b"}" if grant is HEADER else b"," + CLIENT
    assert request.body.content == b'{"grant_type":"refresh_token","refresh_token":"next"' + client
    assert request.headers == grant.sign_in(BASE).headers


@pytest.mark.parametrize("grant", GRANTS, ids=name_of)
def test_nothing_shows_a_secret(grant):
    """Neither the grant, nor its request, nor its name in a store shows a secret; all of them are known as secrets."""
    request = grant.sign_in(BASE)

    shown = "".join(map(repr, (grant, request, request.body, request.headers))) + f"{grant}{grant.identity}"
    assert not [secret for secret in SECRETS if secret in shown]
    held = {value.reveal() for value in attrs.astuple(grant) if isinstance(value, Secret)}
    assert {secret.reveal() for secret in grant.secrets} == held


# The scope of a code is that of the sign-in page; the token request does without.
OPTIONAL = {(ClientCredentials, "client_authentication"), (AuthorizationCode, "scope")}
FIELDS = [(g, a.name) for g in GRANTS for a in attrs.fields(type(g)) if (type(g), a.name) not in OPTIONAL]


@pytest.mark.parametrize(("grant", "field"), FIELDS, ids=name_of)
def test_identity_depends_on_everything(grant, field):
    """Two credentials that differ in anything, be it the PIN alone, have different names in a store."""
    assert attrs.evolve(grant, **{field: "other"}).identity != grant.identity
    assert attrs.evolve(grant).identity == grant.identity


def test_identity_is_the_same_in_every_process():
    """A store that outlives the process finds the token again."""
    grant = "PinLogin('CID', 'c-secret', scope='users jobs', pin='p-in')"
    code = f"from myqx_async.auth import PinLogin; print({grant}.identity)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == GRANTS[3].identity


@pytest.mark.parametrize(("grant", "field"), FIELDS, ids=name_of)
def test_what_must_not_be_empty(grant, field):
    """A grant without something that MyQ requires is refused when it is made."""
    with pytest.raises(ValueError, match=field):
        attrs.evolve(grant, **{field: ""})


@pytest.mark.parametrize("theme", [None, "dark"])
def test_authorize_url(theme):
    """The sign-in page is that of the language, and gets every documented parameter and `state`, but no PKCE."""
    request = AuthorizationCode.begin(
        f"{BASE}/", "CID", redirect_uri=REDIRECT, scope="users jobs", lang="cs", theme=theme
    )

    address, _, query = request.url.partition("?")
    assert address == "https://print.example:8090/cs/auth"
    assert parse_qs(query, strict_parsing=True) == {
        "response_type": ["code"],
        "client_id": ["CID"],
        "redirect_uri": [REDIRECT],
        "scope": ["users jobs"],
        "state": [request.state.reveal()],
        **({} if theme is None else {"theme": [theme]}),
    }
    assert request.state.reveal() not in repr(request)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"scope": ""}, "scope"),
        ({"redirect_uri": "/back"}, "redirect_uri"),
        ({"url": "http://print.example"}, "plain http"),
        ({"url": "https://print.example/api"}, "/api"),
    ],
)
def test_authorize_url_is_not_made_of_nonsense(wrong, why):
    """What MyQ would refuse only after the person has signed in is refused before."""
    with pytest.raises(ValueError, match=why):
        AuthorizationCode.begin(**{"url": BASE, "client_id": "CID", "redirect_uri": REDIRECT, "scope": "users"} | wrong)


@pytest.mark.parametrize("answer", ["code=1&state=forged", "code=1", "error=access_denied&state={}", "state={}"])
def test_a_redirect_that_is_no_answer(answer):
    """A redirect with another state, an error, or no code makes no grant."""
    request = AuthorizationCode.begin(BASE, "CID", redirect_uri=REDIRECT, scope="users")
    callback = f"{REDIRECT}&{answer.format(request.state.reveal())}"

    with pytest.raises(AuthorizationRefused):
        AuthorizationCode.finish(request, callback, client_id="CID", client_secret="c-secret")
