"""No secret gets out: not in a repr, a log, an error, a traceback with its locals, or a pickle."""

import asyncio
import contextlib
import copy
import json
import logging
import pickle
import ssl
import traceback
from base64 import b64encode
from urllib.parse import parse_qs, quote_plus

import attrs
import pytest
import trustme
from aiohttp import web

import ezeep_async.auth as ezeep
import myqx_async.auth as myqx
from print_async.auth.authorization import AuthorizationRequest
from print_async.auth.grant import basic_authorization
from print_async.auth.session import AuthSession
from print_async.auth.token import Token
from print_async.caller import Caller, ErrorBody
from print_async.codec import decode_plain
from print_async.errors import PrintAsyncError
from print_async.retry import RetryPolicy
from print_async.secret import Secret, reveal
from print_async.testing.simulator import Server
from print_async.transports.aiohttp import AiohttpTransport
from print_async.wire import Body, Headers, Request, Response, Timeouts

# The characters after the name are those that JSON, URLs and forms escape, each in its own way.
NAMES = ["access", "refresh", "password", "pin", "card", "client", "code", "verifier", "signature"]
CANARY = {name: f"canary-{name}-7f3a/+=&\u00e9" for name in NAMES} | {"access": "canary-access-7f3a/+="}


def spellings(name):
    """List the ways in which a canary would show; the part before the special characters shows in all but base64."""
    return {f"canary-{name}", CANARY[name], b64encode(f"app:{CANARY[name]}".encode()).decode()}


def found_in(text):
    """Name the canaries that show in a text, each with where it begins."""
    hits = {name: min((text.find(one) for one in spellings(name) if one in text), default=None) for name in NAMES}
    return [f"{name}: ...{text[max(0, at - 90) : at + 25]}" for name, at in hits.items() if at is not None]


def everything_of(*errors):
    """Write out what a report could show of errors, their causes and contexts, with locals, attributes and pickles."""
    seen, texts, todo = set(), [], list(errors)
    while todo:
        one = todo.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        texts += [repr(one), str(one), repr(vars(one))]
        report = traceback.TracebackException(type(one), one, one.__traceback__, capture_locals=True)
        for frame in report.stack:
            if frame.filename != __file__:  # the test and its server are no part of the library
                values = (frame.locals or {}).items()
                texts += [f"{frame.filename}:{frame.lineno} {frame.name}: {name} = {value}" for name, value in values]
        with contextlib.suppress(TypeError):
            texts.append(pickle.dumps(one, protocol=0).decode("latin-1"))
        todo += [one.__cause__, one.__context__]
    return "\n".join(texts)


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
TOKEN = {"access_token": CANARY["access"], "refresh_token": CANARY["refresh"], "expires_in": 3600}
SIGNED = "?sig=" + quote_plus(CANARY["signature"])
USERINFO = quote_plus(CANARY["password"])


# What a server answers: a status and JSON fields, or a text. It quotes the request's FORM, its VALUES and the HEADER.
ANSWERS = {
    "refuses": (400, {"error": "invalid_grant"}),
    "quotes": (400, {"error": "invalid_grant", "error_description": "unknown: VALUES"}),
    "dumps_form": (400, {"error": "invalid_grant", "error_description": "bad form: FORM"}),
    "dumps_header": (400, {"error": "invalid_client", "error_description": "bad header: HEADER"}),
    "misplaces": (401, {"error": "unknown: VALUES"}),
    "fails": (503, {"error": "server_error", "error_description": "VALUES"}),
    "contradicts": (400, {"error": "invalid_grant", **TOKEN}),
    "garbles": (200, "<html>FORM HEADER"),
    "forbids": (403, {"message": "no: HEADER", "hint": "HEADER"}),
    "mumbles": (200, f'{{"url": "https://x/{SIGNED}", "t": "{CANARY["access"]}"'),
}
PARTS = {"sign_in": [*ANSWERS][:8], "refresh": [*ANSWERS][:8], "api": ["forbids", "mumbles"]}
ENDS = ["truncates", "resets", "stalls"]
MODES = [
    *((name, part, how) for name in GRANTS for part in ("sign_in", "refresh") for how in [*PARTS[part], "resets"]),
    *(("ezeep_password", part, how) for part in PARTS for how in ENDS),
    *(("ezeep_password", "api", how) for how in PARTS["api"]),
]


def leaves(value):
    """List what is in JSON or a parsed form, however deep."""
    if not isinstance(value, (dict, list)):
        return [str(value)]
    return [leaf for one in (value.values() if isinstance(value, dict) else value) for leaf in leaves(one)]


def fill(template, form, header):
    """Put what was sent into an answer."""
    if isinstance(template, dict):
        return json.dumps({name: fill(str(value), form, header) for name, value in template.items()})
    values = " ".join(leaves(json.loads(form) if form.startswith("{") else parse_qs(form)))
    return template.replace("FORM", form).replace("VALUES", values).replace("HEADER", header)


class Estate:
    """A server that misbehaves in one part as told."""

    def __init__(self, part, how):
        self.part, self.how = part, how
        self.token_calls = 0
        self.app = web.Application()
        self.app.router.add_route("*", "/{path:.*}", self.answer)

    async def answer(self, request):
        """Misbehave if the request is for that part, else be content."""
        raw = await request.text()
        part = "api" if "token" not in request.path else "refresh" if self.token_calls else "sign_in"
        self.token_calls += part != "api"
        if part != self.part and self.part != "sign_in":
            return web.json_response(TOKEN)
        if self.how in ANSWERS:
            status, template = ANSWERS[self.how]
            return web.Response(status=status, text=fill(template, raw, request.headers.get("Authorization", "")))
        answer = web.StreamResponse(headers={"Content-Length": "9999"})
        if self.how == "stalls":
            await asyncio.sleep(0.1)
        if self.how == "truncates":
            await answer.prepare(request)
            await answer.write(json.dumps(TOKEN).encode())
        request.transport.abort()
        return answer


def read_error(body):
    """Read the estate's error body."""
    return ErrorBody(message=body.get("message"), data=body) if isinstance(body, dict) else ErrorBody()


async def failures(grant, part, url, timeouts=None):
    """Make failing calls and return what they raised."""
    transport = AiohttpTransport(timeouts=timeouts)
    async with AuthSession(grant, origins=[url], transport=transport) as session:
        caller = Caller(session, url, read_error=read_error, retry=RetryPolicy(attempts=1))
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


@pytest.fixture
async def logs(caplog):
    """Collect every log record of every logger, the event loop's own in debug mode included."""
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0.0
    caplog.set_level(logging.DEBUG)
    for name in ("", "asyncio", "aiohttp", "aiohttp.client", "aiohttp.server", "print_async", "print_async.transport"):
        caplog.set_level(logging.DEBUG, name)
    return caplog


@pytest.mark.parametrize(("name", "part", "how"), MODES)
async def test_no_failing_call_shows_a_secret(name, part, how, logs):
    """Whatever goes wrong on the way to a token or an answer, no error and no log record shows a secret."""
    async with Server(Estate(part, how).app) as server:
        raised = await failures(GRANTS[name], part, server.url, Timeouts(read=0.05))
    assert len(raised) == 2
    assert found_in(everything_of(*raised)) == []
    assert found_in(everything_of(*map(copy.copy, raised))) == []
    assert found_in(logs.text) == []


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
    assert found_in(logs.text) == []


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
    assert found_in(logs.text) == []


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
    "unauthorised request": attrs.evolve(REQUEST, headers={}),
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


def test_the_canaries_are_found():
    """The search itself finds each canary in every spelling: otherwise this file would prove nothing."""
    assert all(len(found_in(f"...{spelling}...")) == 1 for name in NAMES for spelling in spellings(name))
    leak = ValueError("x")
    leak.__cause__ = KeyError(CANARY["pin"])
    assert len(found_in(everything_of(leak))) == 1
