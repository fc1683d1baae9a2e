"""No secret gets out: not in a repr, a log, an error, a traceback with its locals, or a pickle."""

import asyncio
import copy
import json
import pickle
import ssl
from urllib.parse import quote_plus

import attrs
import pytest
import trustme
from msgspec import structs

import ezeep_async.auth as ezeep
import myqx_async.auth as myqx
from print_async.auth.authorization import AuthorizationRequest
from print_async.auth.grant import basic_authorization
from print_async.auth.session import AuthSession
from print_async.auth.token import Token
from print_async.caller import Caller, ErrorBody
from print_async.codec import decode_plain
from print_async.errors import PrintAsyncError
from print_async.options import CallOptions
from print_async.retry import RetryPolicy
from print_async.secret import Secret, reveal
from print_async.testing.simulator import Server
from print_async.transports.aiohttp import AiohttpTransport
from print_async.wire import Body, Headers, Request, Response, Timeouts
from tests.canary.estate import ANSWERS, SIGNED, TOKEN, Estate
from tests.canary.finding import CANARY, everything_of, found_in, said_in

GRANTS = {
    "ezeep_password": ezeep.Password(
        "app", client_secret=CANARY["client"], username="user", password=CANARY["password"]
    ),
    "ezeep_code": ezeep.AuthorizationCode(
        "app",
        client_secret=CANARY["client"],
        redirect_uri="https://app/back",
        code=CANARY["code"],
        code_verifier=CANARY["verifier"],
    ),
    "ezeep_refresh": ezeep.RefreshToken("app", client_secret=CANARY["client"], refresh_token=CANARY["refresh"]),
    "myqx_client": myqx.ClientCredentials("app", CANARY["client"], scope="users", client_authentication="basic"),
    "myqx_pin": myqx.CardPinLogin("app", CANARY["client"], scope="users", card=CANARY["card"], pin=CANARY["pin"]),
    "myqx_password": myqx.PasswordLogin(
        "app", CANARY["client"], scope="users", user="user", password=CANARY["password"]
    ),
    "myqx_code": myqx.AuthorizationCode("app", CANARY["client"], code=CANARY["code"], redirect_uri="https://app/back"),
    "myqx_refresh": myqx.RefreshToken("app", CANARY["client"], refresh_token=CANARY["refresh"]),
}
ANY = GRANTS["ezeep_password"]
USERINFO = quote_plus(CANARY["password"])


PARTS = {"sign_in": [*ANSWERS][:8], "refresh": [*ANSWERS][:8], "api": ["forbids", "mumbles"]}
ENDS = ["truncates", "resets", "stalls"]
MODES = [
    *((name, part, how) for name in GRANTS for part in ("sign_in", "refresh") for how in [*PARTS[part], "resets"]),
    *(("ezeep_password", part, how) for part in PARTS for how in ENDS),
    *(("ezeep_password", "api", how) for how in PARTS["api"]),
]


def read_error(body):
    """Read the estate's error body."""
    return ErrorBody(message=body.get("message"), data=body) if isinstance(body, dict) else ErrorBody()


async def failures(grant, part, url, timeouts=None):
    """Make failing calls and return what they raised."""
    transport = AiohttpTransport(timeouts=timeouts)
    async with AuthSession(grant, origins=[url], transport=transport) as session:
        caller = Caller(session, url, read_error=read_error, options=CallOptions(retry=RetryPolicy(attempts=1)))
        if part == "refresh":
            session.invalidate((await session.token()).generation)
        raised = []
        request = Request("POST", f"{url}/jobs{SIGNED}", {"X-A": "b"}, Body.json({"pin": CANARY["pin"]}))
        for _ in range(2):
            try:
                decode_plain((await caller.send(request, idempotent=False)).body)
            except PrintAsyncError as error:
                raised.append(error)
        return raised


@pytest.mark.parametrize(("name", "part", "how"), MODES)
async def test_no_failing_call_shows_a_secret(name, part, how, logs):
    """Whatever goes wrong on the way to a token or an answer, no error and no log record shows a secret."""
    async with Server(Estate(part, how).app) as server:
        raised = await failures(GRANTS[name], part, server.url, Timeouts(read=0.05))
    assert len(raised) == 2
    assert found_in(everything_of(*raised)) == []
    assert found_in(everything_of(*map(copy.copy, raised))) == []
    assert found_in(said_in(logs)) == []


@pytest.mark.parametrize("tls", [False, True])
async def test_no_failing_connection_shows_a_secret(tls, logs):
    """Neither a refused connection nor a rejected certificate shows a secret."""
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("localhost").configure_cert(context)
    async with Server(Estate("api", "resets").app, ssl_context=context) as server:
        url, raised = server.url, await failures(ANY, "sign_in", server.url) if tls else []
    raised = raised or await failures(ANY, "sign_in", url)
    assert len(raised) == 2
    assert found_in(everything_of(*raised)) == []
    assert found_in(said_in(logs)) == []


@pytest.mark.parametrize("how", ["timeout", "cancel"])
async def test_a_call_cut_off_shows_no_secret(how, logs):
    """A deadline or a cancellation in the middle of a call leaves no traceback that shows what was being sent."""
    async with Server(Estate("api", "stalls").app) as server, AuthSession(ANY, origins=[server.url]) as session:
        await session.token()
        call = session.send(Request("POST", f"{server.url}/jobs{SIGNED}", body=Body.json(CANARY)))
        try:
            if how == "timeout":
                async with asyncio.timeout(0.05):
                    await call
            else:
                task = asyncio.create_task(call)
                asyncio.get_running_loop().call_later(0.05, task.cancel)
                await task
        except (TimeoutError, asyncio.CancelledError) as error:
            raised = error
    assert found_in(everything_of(raised)) == []
    assert found_in(said_in(logs)) == []


async def test_a_token_that_is_no_header_value_shows_no_secret():
    """A token with a line break in it cannot be sent; the error that says so does not show it."""
    transport = AiohttpTransport()
    headers = {"Authorization": Secret(f"Bearer {CANARY['access']}\r\nX: y")}
    async with Server(Estate("api", "refuses").app) as server:
        with pytest.raises((PrintAsyncError, ValueError)) as caught:
            await transport.send(Request("GET", server.url, headers))
        await transport.aclose()
    assert found_in(everything_of(caught.value)) == []


@pytest.mark.parametrize("url", [f"https://elsewhere.example/x{SIGNED}", f"https://u:{USERINFO}@localhost/"])
async def test_a_foreign_url_shows_no_secret(url):
    """A request refused for where it goes shows neither its query nor a password in it."""
    async with AuthSession(ANY, origins=["https://localhost"]) as session:
        with pytest.raises((PrintAsyncError, ValueError)) as caught:
            await session.send(Request("GET", url))
    assert found_in(everything_of(caught.value)) == []


@pytest.mark.parametrize("query", ["state=other&code={code}", "state={state}&error=denied&code={code}"])
def test_a_refused_callback_shows_no_secret(query):
    """A callback that is turned down shows neither its code nor the state or verifier it was held against."""
    sign_in = AuthorizationRequest("https://x/", "https://app/back", Secret(CANARY["pin"]), Secret(CANARY["verifier"]))
    state, code = (quote_plus(CANARY[name]) for name in ("pin", "code"))
    with pytest.raises(PrintAsyncError) as caught:
        sign_in.read_callback("https://app/back?" + query.format(state=state, code=code))
    assert found_in(everything_of(caught.value)) == []


SECRET, VERIFIER = Secret(CANARY["access"]), Secret(CANARY["verifier"])
FORM = Body.form(CANARY)
REQUEST = Request("POST", f"https://x/{SIGNED}", {"Authorization": Secret("Bearer " + CANARY["access"])}, FORM)
HOLDERS = {
    "secret": SECRET,
    "token": Token(SECRET, 0.0, refresh_token=Secret(CANARY["refresh"])),
    "request": REQUEST,
    "unauthorised request": structs.replace(REQUEST, headers={}),
    "body": FORM,
    "response": Response(200, Headers([("Location", f"https://x/{SIGNED}")]), json.dumps(TOKEN).encode()),
    "authorization": AuthorizationRequest(f"https://x/?state={CANARY['code']}", "https://y/", SECRET, VERIFIER),
    **GRANTS,
    "basic": basic_authorization("app", CANARY["client"]),
}


@pytest.mark.parametrize("name", HOLDERS)
def test_no_display_shows_a_secret(name):
    """`repr`, `str`, formatting and logging of what holds a secret show none, nor inside of a list or a dict."""
    held = HOLDERS[name]
    texts = [repr(held), str(held), f"{held}", f"{held!s:>20}", repr([held]), repr({"x": held})]
    assert found_in(" ".join(texts)) == []


@pytest.mark.parametrize("protocol", [0, pickle.HIGHEST_PROTOCOL])
@pytest.mark.parametrize("name", HOLDERS)
def test_no_pickle_holds_a_secret(name, protocol):
    """What holds a secret refuses to be pickled, or the pickle holds none."""
    try:
        data = pickle.dumps(HOLDERS[name], protocol)
    except TypeError:
        return
    assert found_in(data.decode("latin-1") + data.decode("utf-8", "ignore")) == []


@pytest.mark.parametrize("name", GRANTS)
def test_an_identity_shows_no_secret_and_tells_people_apart(name):
    """The name of a credential in a store holds no secret, and another PIN, card, password or code gives another."""
    grant = GRANTS[name]
    assert found_in(grant.identity) == []
    for field in ("password", "pin", "card", "code", "refresh_token"):
        if hasattr(grant, field):
            options = {each.name: reveal(getattr(grant, each.name)) for each in attrs.fields(type(grant))}
            assert type(grant)(**options | {field: "another"}).identity != grant.identity


@pytest.mark.parametrize("name", GRANTS)
def test_a_masked_secret_is_never_what_is_sent(name):
    """A grant made of values that are `Secret` already sends their plain text, as one made of plain strings does."""
    grant = GRANTS[name]
    again = type(grant)(**{each.name: getattr(grant, each.name) for each in attrs.fields(type(grant))})
    assert again.sign_in("https://x").body.content == grant.sign_in("https://x").body.content
