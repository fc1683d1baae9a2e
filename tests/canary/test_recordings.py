"""A recording holds no secret: of calls that go wrong in every way, nor of whole conversations with both vendors."""

import json
import re
from base64 import b64encode
from urllib.parse import parse_qs, quote, quote_plus, unquote, urlsplit

import attrs
import pytest

from ezeep_async import Ezeep
from ezeep_async import auth as ezeep
from ezeep_async.models import AuthenticationScheme, NewWebhookEndpoint
from ezeep_async.pairing import pair
from ezeep_async.simulator import EzeepSimulator
from myqx_async import MyQX, MyQXCentral
from myqx_async import auth as myqx
from myqx_async.models import NewConfigurationProfile
from myqx_async.simulator import MyQXCentralSimulator, MyQXSimulator
from print_async import AiohttpTransport, RecordingTransport, ReplayTransport
from print_async.auth.refresh import RefreshPolicy
from print_async.auth.session import AuthSession
from print_async.caller import Caller
from print_async.errors import LoginRequired, PrintAsyncError
from print_async.options import CallOptions
from print_async.retry import RetryPolicy
from print_async.secret import Secret, reveal
from print_async.testing.simulator import Server
from print_async.transports._common import plain_headers
from print_async.wire import Body, Request, Timeouts
from tests.canary.estate import SIGNED, Estate
from tests.canary.finding import CANARY, everything_of, found_in, said_in
from tests.canary.test_calls import GRANTS, MODES, read_error
from tests.canary.test_crash import live, under_way
from tests.ezeep_async.conftest import JumpClock


@pytest.mark.parametrize(("name", "part", "how"), MODES)
async def test_a_failing_call(tmp_path, logs, name, part, how):
    """Whatever goes wrong, and whatever a server quotes of a request, the recording, errors and logs show no secret."""
    path = tmp_path / "talk.jsonl"
    transport = RecordingTransport(AiohttpTransport(timeouts=Timeouts(read=0.05)), path)
    raised = []
    async with (
        Server(Estate(part, how).app) as server,
        AuthSession(GRANTS[name], origins=[server.url], transport=transport) as session,
    ):
        caller = Caller(session, server.url, read_error=read_error, options=CallOptions(retry=RetryPolicy(attempts=1)))
        if part == "refresh":
            session.invalidate((await session.token()).generation)
        body = Body.json({"pin": CANARY["pin"], "note": f"<{CANARY['card']}>", "card": CANARY["card"]})
        for stream in (False, True):
            request = Request("POST", f"{server.url}/jobs{SIGNED}", {"X-A": "b"}, body, stream)
            try:
                answer = await caller.send(request, idempotent=False)
                _ = [chunk async for chunk in answer.stream] if stream else ()
            except PrintAsyncError as error:
                raised.append(error)
    text = path.read_text(encoding="utf-8")
    assert '"seq": 1' in text
    assert found_in(text) == []
    assert found_in(everything_of(*raised)) == []
    assert found_in(said_in(logs)) == []


async def test_what_a_replay_says(tmp_path):
    """A request that was not recorded is an error that shows nothing of it, nor does what is raised around it."""
    path = tmp_path / "talk.jsonl"
    await RecordingTransport(AiohttpTransport(), path).aclose()
    for name in GRANTS:
        async with AuthSession(GRANTS[name], origins=["https://x"], transport=ReplayTransport(path)) as session:
            with pytest.raises(PrintAsyncError) as caught:
                await session.send(Request("POST", f"https://x/jobs{SIGNED}", body=Body.form(CANARY)))
        assert "is not in talk.jsonl" in str(caught.value)
        assert found_in(everything_of(caught.value)) == []


async def test_the_frames_of_a_recording_at_work(tmp_path):
    """In the middle of a request that is recorded, its body a stream, no frame of ours shows a secret."""
    estate = Estate("api", "hangs")
    transport = RecordingTransport(AiohttpTransport(), tmp_path / "talk.jsonl")
    async with (
        Server(estate.app) as server,
        AuthSession(GRANTS["myqx_pin"], origins=[server.url], transport=transport) as session,
    ):
        await session.token()
        estate.asked.clear()
        secret = Secret(CANARY["pin"])
        body = Body(lambda: one(secret), "application/json", secrets=(secret,))
        async with under_way(session.send(Request("POST", f"{server.url}/jobs{SIGNED}", body=body))):
            await estate.asked.wait()
            shown = live()
            estate.released.set()
    assert "RecordingTransport" in shown
    assert found_in(shown) == []


async def one(secret):
    """Yield a body with a secret in it."""
    yield json.dumps({"pin": secret.reveal()}).encode()


FIELDS = {"access_token", "refresh_token", "pin", "card", "pwd", "client_secret", "code_verifier", "pairing_code",
          "basic_password", "password", "sig", "adminPwd"}  # fmt: skip


class Spy:
    """A transport that notes, in a way of its own, every secret that goes through it in plain text."""

    def __init__(self, inner):
        self.inner, self.secrets = inner, set()

    async def send(self, request):
        """Note the secrets of a request and of its answer."""
        url = urlsplit(reveal(request.url))
        self._note(parse_qs(url.query))
        for name, value in plain_headers(request).items():
            if name == "Authorization":
                self.secrets.add(value.partition(" ")[2])
        if request.body is not None and isinstance(request.body.content, bytes):
            self._read(request.body.content)
        response = await self.inner.send(request)
        self._read(response.body)
        return response

    async def aclose(self):
        """Close the other one."""
        await self.inner.aclose()

    def _read(self, body):
        try:
            self._note(json.loads(body))
        except ValueError:
            self._note(parse_qs(body.decode("latin-1")))

    def _note(self, value, name=""):
        if isinstance(value, dict):
            for key, each in value.items():
                self._note(each, key)
        elif isinstance(value, list):
            for each in value:
                self._note(each, name)
        elif name in FIELDS and value:
            self.secrets.add(str(value))
        elif isinstance(value, str) and "sig=" in value:
            self._note(parse_qs(urlsplit(value).query))


def left(path, secrets):
    """Name the secrets that are in a file, in whatever spelling; a short one if it stands alone."""
    text = path.read_text(encoding="utf-8")
    spelled = {
        way(each): each for each in secrets for way in (str, quote, quote_plus, lambda text: json.dumps(text)[1:-1])
    }
    spelled |= {b64encode(f"{client}:{each}".encode()).decode(): each for each in secrets for client in ("app", "")}
    texts = (text, unquote(text))
    return {
        each
        for spelling, each in spelled.items()
        if any(re.search(rf"(?<![\w.-]){re.escape(spelling)}(?![\w.-])" if len(each) < 8 else re.escape(spelling), one)
               for one in texts)
    }  # fmt: skip


OPTIONS = {"retry": RetryPolicy(base=0), "refresh": RefreshPolicy(keep_alive=False)}
DOCUMENT = "https://fetcher:the-fetchers-password@files.example/a.pdf"
ENDPOINT = NewWebhookEndpoint(
    name="Accounting", url="https://hooks.example.com/ezeep", authentication_scheme=AuthenticationScheme.BASIC,
    basic_username="ezeep", basic_password="pass:w\u00f6rd/of+hooks",
)  # fmt: skip
REDIRECT = "http://localhost:3000/code"


@attrs.frozen
class Way:
    """Where ezeep is, and how to sign in there: with what is secret, or with anything instead."""

    urls: dict[str, str]
    client_id: str
    code: str
    refresh_token: str
    approve: object = None


async def talk_to_ezeep(way, transport, clock):
    """Sign in by a code, by a stored token and by pairing; list, print in both ways, and be refused."""
    request = ezeep.AuthorizationCode.begin(way.client_id, redirect_uri=REDIRECT, account_url=way.urls["account_url"])
    query = parse_qs(urlsplit(request.url).query)
    code = way.code(query["code_challenge"][0])
    callback = f"{REDIRECT}?code={code}&state={request.state.reveal()}"
    grant = ezeep.AuthorizationCode.finish(request, callback, client_id=way.client_id)
    seen = []
    async with Ezeep(grant, transport=transport(), clock=clock, **way.urls, **OPTIONS) as client:
        seen += [each.id async for each in client.users.list(page_size=10)]
        seen += [each.name async for each in client.groups.list()]
        clock.now += 4000
        printer = next(each for each in await client.print_api.printers() if not each.is_queue)
        job = await client.printing.print_file(b"%PDF-1.7", printer, file_type="pdf")
        seen += [str(await job.wait())]
        job = await client.printing.print_url(DOCUMENT, printer)
        seen += [job.id]
    grant = ezeep.RefreshToken(way.client_id, way.refresh_token, scope="webhooks")
    async with Ezeep(grant, transport=transport(), clock=clock, **way.urls, **OPTIONS) as client:
        seen += [(await client.webhooks.create_endpoint(ENDPOINT)).name]
    paired = transport()
    show = way.approve or (lambda _: None)
    account = way.urls["account_url"]
    grant = await pair(way.client_id, show=show, account_url=account, transport=paired, clock=clock)
    await paired.aclose()
    async with Ezeep(grant, transport=transport(), clock=clock, **way.urls, **OPTIONS) as client:
        seen += [len(await client.groups.list().collect())]
    async with Ezeep(ezeep.RefreshToken(way.client_id, "spent-or-wrong"), transport=transport(), **way.urls) as client:
        with pytest.raises(LoginRequired):
            await client.groups.list().first()
    return seen


class Kept:
    """One transport for several clients, which none of them closes."""

    def __init__(self, inner):
        self.send, self.inner = inner.send, inner

    async def aclose(self):
        """Leave it open."""


async def test_ezeep(tmp_path):
    """Of signing in to ezeep, listing and printing no secret is recorded; replayed without any, all is the same."""
    path, clock = tmp_path / "ezeep.jsonl", JumpClock()
    spy = Spy(AiohttpTransport())
    recording = RecordingTransport(spy, path, secrets=ezeep.SECRET_NAMES)
    async with EzeepSimulator(30, now=clock.time) as sim:
        urls = {name: getattr(sim, name) for name in ("account_url", "management_url", "print_url")}
        approve = lambda pairing: sim.approve_pairing(pairing.code.reveal())  # noqa: E731 - to be passed
        stored = sim.issue_refresh_token("webhooks")
        way = Way(urls, sim.client_id, lambda challenge: sim.issue_code(REDIRECT, challenge), stored, approve)
        seen = await talk_to_ezeep(way, lambda: Kept(recording), clock)
    await recording.aclose()
    assert len(spy.secrets) > 15
    assert left(path, {*spy.secrets, "the-fetchers-password", stored}) == set()
    replay = ReplayTransport(path)
    nothing = Way(urls, way.client_id, lambda _: "any-code", "any-token")
    assert await talk_to_ezeep(nothing, lambda: Kept(replay), JumpClock()) == seen
    assert replay.remaining == 0


LOGINS = {"card": myqx.CardLogin, "pin": myqx.PinLogin, "password": myqx.PasswordLogin, "card pin": myqx.CardPinLogin}


async def talk_to_myq(url, central_url, transport, clock, application, people):
    """Sign in as the application and as people in their ways; list, read a job's data, make a PIN and a card."""
    client_id, client_secret = application
    seen = []
    for authentication in ("body", "basic"):
        grant = myqx.ClientCredentials(
            client_id, client_secret, scope="users printers print offline.access", client_authentication=authentication
        )
        async with MyQX(url, grant, transport=transport(), clock=clock, **OPTIONS) as client:
            seen += [each.username async for each in client.users.list(page_size=10)]
            clock.now += 4000
            seen += [each.id async for each in client.printers.list()]
            async with client.jobs.data(2) as data:
                seen += [b"".join([chunk async for chunk in data])]
            profile = NewConfigurationProfile(name="p", admin_user="a", admin_pwd="the-admins-password")
            seen += [each.name for each in await client.printers.create_configuration_profiles([profile])]
    for way, secrets in people.items():
        grant = LOGINS[way](client_id, client_secret, scope="jobs", **secrets)
        async with MyQX(url, grant, transport=transport(), clock=clock, **OPTIONS) as client:
            seen += [str(await client.jobs.state(2))]
    grant = myqx.ClientCredentials(client_id, client_secret, scope="users")
    async with MyQXCentral(central_url, grant, transport=transport(), clock=clock, **OPTIONS) as central:
        user = await central.users.list(username="none").collect()
        seen += [user, bool((await central.pins.create(1001)).pin), bool((await central.cards.create(1001)).card)]
    wrong = myqx.PinLogin(client_id, client_secret, scope="jobs", pin="0815")
    async with MyQX(url, wrong, transport=transport(), clock=clock, **OPTIONS) as client:
        with pytest.raises(LoginRequired):
            await client.jobs.state(2)
    return seen


async def test_myq(tmp_path):
    """Of signing in to MyQ, and what it answers, no secret is recorded; replayed without any, all is the same."""
    path, clock = tmp_path / "myq.jsonl", JumpClock()
    async with MyQXSimulator(30, now=clock.time) as sim, MyQXCentralSimulator(30, now=clock.time) as central:
        spy = Spy(Both({sim.url: sim.ca_file, central.url: central.ca_file}))
        recording = RecordingTransport(spy, path)
        who = sim.credentials(0)
        people = {"card": {"card": who.card}, "pin": {"pin": who.pin}, "card pin": {"card": who.card, "pin": who.pin},
                  "password": {"user": who.username, "password": who.password}}  # fmt: skip
        assert (sim.client_id, sim.client_secret) == (central.client_id, central.client_secret)
        application, urls = (sim.client_id, sim.client_secret), (sim.url, central.url)
        seen = await talk_to_myq(*urls, lambda: Kept(recording), clock, application, people)
    await recording.aclose()
    assert {who.card, who.pin, who.password, sim.client_secret} <= spy.secrets
    assert left(path, {*spy.secrets, "the-admins-password"}) == set()
    replay = ReplayTransport(path)
    nothing = {way: dict.fromkeys(secrets, "any") for way, secrets in people.items()}
    nothing["password"]["user"] = who.username
    again = await talk_to_myq(*urls, lambda: Kept(replay), JumpClock(), (sim.client_id, "any"), nothing)
    assert again == seen
    assert replay.remaining == 0


class Both:
    """A way to several servers, each with a certificate authority of its own."""

    def __init__(self, authorities):
        self.ways = {url: AiohttpTransport(ca_file=ca_file) for url, ca_file in authorities.items()}

    async def send(self, request):
        """Send it to whom it is for."""
        return await next(way for url, way in self.ways.items() if request.url.startswith(url)).send(request)

    async def aclose(self):
        """Close both."""
        for way in self.ways.values():
            await way.aclose()
