"""Pairing: what is asked, how often and how long, what each answer means, and that no secret shows."""

import asyncio
import traceback
from base64 import b64encode
from urllib.parse import parse_qs

import attrs
import pytest

from ezeep_async.auth import PairingCode, RefreshToken
from ezeep_async.pairing import Pairing, pair
from print_async.auth.stores.memory import MemoryTokenStore
from print_async.auth.token import TokenKind
from print_async.errors import (
    AuthorizationRefused,
    CertificateRejected,
    ClientClosed,
    ConnectFailed,
    ConnectionLost,
    LoginRequired,
    TokenRequestFailed,
)
from print_async.testing import Fault, FaultKind, StubTransport, VirtualClock, json_response, token_response
from print_async.testing.transport import Answer
from print_async.transports.aiohttp import AiohttpTransport
from print_async.wire import Headers, Response

BASE = "https://account.example"
CODE, SECRET, ACCESS, REFRESH = "canary-c/ode", "canary-s&cret", "canary-access", "canary-r+efresh"
PAGE = f"{BASE}/auth/signin/?next=%2Foauth%2Fauthorize%2Fpairing%2F%3Fpairing_code%3Dcanary-c%2Fode&device=generic"
BEGUN = {"pairing_code": CODE, "auth_url": PAGE}
PENDING = {"error": "authorization_pending"}


def refused(error: str, status: int = 400, **headers: str) -> Response:
    """Make an answer of the token endpoint that names an error."""
    said = {"error": error, "error_description": f"{CODE}, {SECRET}"}
    return json_response(said, status, {name.replace("_", "-"): value for name, value in headers.items()})


def approved() -> Response:
    """Make the answer that ends the wait."""
    return token_response(ACCESS, refresh_token=REFRESH)


@attrs.define
class Desk:
    """A pairing over a stub, on a virtual clock: what was shown, and when each request was sent."""

    answers: tuple[Answer, ...]
    otherwise: Answer | None = None
    begun: Answer = attrs.field(factory=lambda: json_response(BEGUN))
    clock: VirtualClock = attrs.field(factory=VirtualClock)
    shown: list[Pairing] = attrs.field(factory=list)
    times: list[float] = attrs.field(factory=list)
    stub: StubTransport = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        otherwise = None if self.otherwise is None else self.timed(self.otherwise)
        self.stub = StubTransport(self.begun, *map(self.timed, self.answers), otherwise=otherwise)

    def timed(self, answer: Answer) -> Answer:
        """Note when the answer was asked for."""

        def respond(_):
            self.times.append(self.clock.monotonic())
            if isinstance(answer, Exception):
                raise answer
            return answer

        return respond

    async def pair(self, seconds: float = 3600, **options) -> RefreshToken:
        """Pair, and let that much time pass; the pairing must be over then."""
        options = {"show": self.shown.append, "client_secret": SECRET, "account_url": BASE} | options
        task = asyncio.create_task(pair("my-client", transport=self.stub, clock=self.clock, **options))
        try:
            await self.clock.advance(seconds)
            assert task.done()
        finally:
            task.cancel()
            await asyncio.wait([task])
        return await task

    def form(self, index: int) -> dict[str, list[str]]:
        """Read the form of a request."""
        return parse_qs(self.stub.requests[index].body.content.decode(), strict_parsing=True)


async def test_from_code_to_grant():
    """The code and the page are shown once, the token endpoint is asked with the code, and its answer is a grant."""
    desk = Desk((approved(),))

    grant = await desk.pair(scope="printing reporting")

    assert grant == RefreshToken("my-client", REFRESH, client_secret=SECRET, scope="printing reporting")
    assert [(one.code.reveal(), one.url) for one in desk.shown] == [(CODE, PAGE)]
    assert [(one.method, one.url) for one in desk.stub.requests] == [
        ("POST", f"{BASE}/oauth/pair/"),
        ("POST", f"{BASE}/oauth/access_token/"),
    ]
    assert desk.form(0) == {"mode": ["user"], "scope": ["printing reporting"]}
    assert desk.form(1) == {
        "grant_type": ["pairing_code"],
        "pairing_code": [CODE],
        "scope": ["printing reporting"],
    }
    basic = "Basic " + b64encode(f"my-client:{SECRET}".encode()).decode()
    assert {one.headers["Authorization"].reveal() for one in desk.stub.requests} == {basic}
    assert not desk.stub.closed


@pytest.mark.parametrize(
    ("hardware_id", "sent"), [("0c7e-11", {"hardware_id": ["0c7e-11"]}), (None, {})], ids=["tied", "free"]
)
async def test_a_device(hardware_id, sent):
    """A device pairs in its own mode, tied to its hardware id if it has one, and a public client keeps the colon."""
    desk = Desk((approved(),))

    await desk.pair(mode="device", hardware_id=hardware_id, scope="", client_secret="")

    assert desk.form(0) == {"mode": ["device"], **sent}
    assert desk.stub.requests[0].headers["Authorization"].reveal() == "Basic bXktY2xpZW50Og=="


async def test_showing_may_take_its_time():
    """What `show` returns is awaited before the first question, and after the time limit there is still one."""
    desk = Desk((approved(),))

    async def show(pairing):
        desk.shown.append(pairing)
        await desk.clock.sleep(700)

    grant = await desk.pair(show=show, timeout=600)

    assert (grant.refresh_token, len(desk.shown), desk.times) == (REFRESH, 1, [700.0])


async def test_showing_fails():
    """What `show` raises ends the pairing before any question is asked."""

    def show(pairing):
        raise OSError("no display")

    desk = Desk(())
    with pytest.raises(OSError, match="no display"):
        await desk.pair(show=show)

    assert len(desk.stub.requests) == 1


async def test_the_pauses_grow():
    """Questions come after 2 seconds, then ever more slowly, and at least every 10 seconds."""
    desk = Desk((json_response(PENDING, 400),) * 7 + (approved(),))

    await desk.pair()

    assert desk.times == [2, 5, 9.5, 16.25, 26.25, 36.25, 46.25, 56.25]


async def test_slow_down():
    """Each `slow_down` makes every later pause five seconds longer."""
    desk = Desk((refused("slow_down"), json_response(PENDING, 400), refused("slow_down"), approved()))

    await desk.pair()

    assert desk.times == [2, 9, 19.5, 35]


@pytest.mark.parametrize("status", [400, 429, 503])
async def test_retry_after(status):
    """A Retry-After is waited out, whatever the status it comes with, and does not shorten a pause."""
    answers = refused("authorization_pending", status, Retry_After="30"), refused("x", status, Retry_After="1")
    desk = Desk((*answers, approved()))

    await desk.pair()

    assert desk.times == [2, 32, 36.5]


@pytest.mark.parametrize(
    "answer",
    [
        json_response(PENDING, 400),
        json_response(PENDING, 428),
        json_response(PENDING, 200),
        refused("invalid_grant"),
        refused("invalid_request"),
        json_response({"detail": "wait"}, 400),
        Response(400, Headers(), b"<html>"),
        Response(400),
        refused("server_error", 500),
        Response(503, Headers(), b"<html>"),
        refused("too_many", 429),
        ConnectFailed("refused"),
        ConnectionLost("reset"),
    ],
    ids=repr,
)
async def test_what_is_waited_out(answer):
    """Every 400 that does not say no, and every failure that may pass, is followed by another question."""
    desk = Desk((answer, answer, approved()))

    assert (await desk.pair()).refresh_token == REFRESH
    assert len(desk.times) == 3


@pytest.mark.parametrize("error", ["access_denied", "expired_token"])
@pytest.mark.parametrize("status", [400, 403, 500])
async def test_a_pairing_that_is_over(error, status):
    """When the person refuses, or the code has expired, the pairing ends at once and says which."""
    desk = Desk((refused(error, status),))

    with pytest.raises(AuthorizationRefused, match="begin a new pairing") as ended:
        await desk.pair()

    assert ended.value.error == error


@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type"])
@pytest.mark.parametrize("status", [400, 401])
async def test_a_client_error(error, status):
    """What no approval can mend ends the pairing at once, as a credential to be corrected."""
    desk = Desk((refused(error, status),))

    with pytest.raises(LoginRequired, match=error) as ended:
        await desk.pair()

    assert ended.value.error == error


@pytest.mark.parametrize(
    "answer",
    [
        Response(404, Headers(), b"<html>"),
        Response(302, Headers([("Location", "/login")])),
        json_response({"token": "what?"}),
        CertificateRejected("not trusted"),
    ],
    ids=repr,
)
async def test_an_endpoint_that_is_none(answer):
    """An answer that only a wrong server gives, or a server not to be trusted, ends the pairing at once."""
    desk = Desk((answer,))

    with pytest.raises(TokenRequestFailed):
        await desk.pair()


@pytest.mark.parametrize("answer", [refused("authorization_pending"), refused("slow_down"), refused("invalid_grant")])
async def test_nobody_comes(answer):
    """The last question is asked when the time is over, and then the pairing ends and says so."""
    desk = Desk((), otherwise=answer)

    with pytest.raises(AuthorizationRefused, match=r"in time.*begin a new pairing") as ended:
        await desk.pair(timeout=60)

    assert (ended.value.error, desk.times[-1], desk.clock.sleepers) == ("timeout", 60, 0)


async def test_the_server_stays_away():
    """A server that fails to the end is told apart from a person who does not come."""
    desk = Desk((json_response(PENDING, 400),), otherwise=Response(503, Headers([("Retry-After", "7")])))

    with pytest.raises(TokenRequestFailed, match=r"time for the pairing is over.*503") as ended:
        await desk.pair(timeout=60)

    assert (ended.value.status, ended.value.retry_after) == (503, 7)


async def test_a_pause_beyond_the_end():
    """A server that wants no question before the time is over gets none, and nobody waits for nothing."""
    desk = Desk((refused("authorization_pending", Retry_After="3600"),))

    with pytest.raises(AuthorizationRefused):
        await desk.pair(seconds=2, timeout=60)

    assert desk.times == [2]


@pytest.mark.parametrize(("sent", "told"), [(True, True), (False, False)])
async def test_a_lost_answer_is_told(sent, told):
    """If an answer was lost that may have been the token, the error at the end says so."""
    lost = ConnectionLost("reset") if sent else ConnectFailed("refused")
    desk = Desk((lost,), otherwise=refused("invalid_grant"))

    with pytest.raises(AuthorizationRefused) as ended:
        await desk.pair(timeout=60)

    assert ("may have been the token" in str(ended.value)) == told


async def test_no_refresh_token():
    """A token without a refresh token cannot be kept, and the error says what became of it."""
    desk = Desk((token_response(ACCESS),))

    with pytest.raises(LoginRequired, match=r"approved.*no refresh token.*another way"):
        await desk.pair(mode="device")


@pytest.mark.parametrize(
    ("answer", "kind", "match"),
    [
        (refused("invalid_client", 401), LoginRequired, "invalid_client"),
        (refused("invalid_scope"), LoginRequired, "invalid_scope"),
        (refused("server_error", 500), TokenRequestFailed, "500"),
        (refused("slow_down", 429, Retry_After="9"), TokenRequestFailed, "slow_down"),
        (Response(404, Headers(), b"<html>"), TokenRequestFailed, "404"),
        (Response(503), TokenRequestFailed, "503"),
        (json_response(BEGUN, 302), TokenRequestFailed, "302"),
        (json_response([BEGUN]), TokenRequestFailed, "without a code"),
        (json_response({"pairing_code": CODE}), TokenRequestFailed, "without a code"),
        (json_response(BEGUN | {"pairing_code": ""}), TokenRequestFailed, "without a code"),
        (json_response(BEGUN | {"auth_url": "javascript:alert(1)"}), TokenRequestFailed, "without a code"),
        (json_response(BEGUN | {"auth_url": "http://account.example/"}), TokenRequestFailed, "without a code"),
        (json_response(BEGUN | {"auth_url": "https://account.example/\x1b[2J"}), TokenRequestFailed, "without a code"),
        (ConnectFailed("refused"), TokenRequestFailed, "refused"),
        (ConnectionLost("reset"), TokenRequestFailed, "reset"),
    ],
)
async def test_no_code(answer, kind, match):
    """Without a code and a page that is safe to open, nothing is shown, nothing asked, and the error says why."""
    desk = Desk((), begun=answer)

    with pytest.raises(kind, match=match) as ended:
        await desk.pair()

    assert (desk.shown, len(desk.stub.requests)) == ([], 1)
    if isinstance(answer, Response) and kind is TokenRequestFailed:
        assert ended.value.status == answer.status
        assert ended.value.retry_after == (9 if answer.status == 429 else None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": ""},
        {"mode": "robot"},
        {"hardware_id": "0c7e"},
        {"mode": "device", "hardware_id": ""},
        {"timeout": 0},
        {"timeout": float("nan")},
        {"account_url": "http://account.example"},
    ],
    ids=repr,
)
async def test_nonsense(wrong):
    """An argument that makes no sense is refused before anything is sent."""
    stub = StubTransport()

    with pytest.raises(ValueError, match=r"client_id|mode|hardware_id|timeout|http"):
        await pair(**{"client_id": "my-client", "show": print, "transport": stub} | wrong)

    assert stub.requests == []


async def test_cancelling():
    """A pairing that is cancelled asks no more."""
    desk = Desk((), otherwise=json_response(PENDING, 400))
    task = asyncio.create_task(
        pair("my-client", show=desk.shown.append, account_url=BASE, transport=desk.stub, clock=desk.clock)
    )
    await desk.clock.advance(3)

    task.cancel()
    await desk.clock.advance(600)

    assert (task.cancelled(), desk.times, desk.clock.sleepers) == (True, [2], 0)


def report(error: BaseException) -> str:
    """Write out what a report could show of an error and what led to it, with the library's locals."""
    texts = []
    while error is not None:
        trace = traceback.TracebackException(type(error), error, error.__traceback__, capture_locals=True)
        frames = [frame for frame in trace.stack if frame.filename != __file__]
        texts += [repr(error), str(error), repr(vars(error)), *(repr(frame.locals) for frame in frames)]
        error = error.__cause__ or error.__context__
    return "\n".join(texts)


@pytest.mark.parametrize(
    ("begun", "answer"),
    [
        *((json_response({"error": SECRET, "error_description": SECRET}, status), None) for status in (401, 400, 500)),
        (json_response({**BEGUN, "auth_url": "ftp://x/"}), None),
        *((json_response(BEGUN), refused(error)) for error in ("access_denied", "invalid_client", CODE, SECRET)),
        (json_response(BEGUN), refused(CODE, 503)),
        (json_response(BEGUN), ConnectionLost("reset")),
        (json_response(BEGUN), token_response(ACCESS)),
    ],
)
async def test_no_error_shows_a_secret(begun, answer):
    """No error, with its causes and locals, shows the code, the client's secret or a token, though the server does."""
    desk = Desk((), otherwise=answer, begun=begun)

    with pytest.raises((LoginRequired, AuthorizationRefused, TokenRequestFailed)) as ended:
        await desk.pair(timeout=10)

    shown = report(ended.value)
    assert "pairing" in shown
    assert "canary" not in shown
    assert b64encode(f"my-client:{SECRET}".encode()).decode() not in shown


def test_a_pairing_hides_what_it_holds():
    """The repr of a pairing shows neither its code nor the page that has it in its query."""
    pairing = Pairing(CODE, PAGE)

    assert "canary" not in f"{pairing!r} {pairing} {pairing.code}"


def test_the_grant():
    """The grant of a code is the documented form, works once, is a person's, and shows nothing of the code."""
    grant = PairingCode("my-client", pairing_code=CODE, client_secret=SECRET)
    request = grant.sign_in(BASE)

    assert request.url == f"{BASE}/oauth/access_token/"
    assert request.body.content == b"grant_type=pairing_code&pairing_code=canary-c%2Fode&scope=printing"
    assert (grant.unattended, grant.kind) == (False, TokenKind.USER)
    assert {secret.reveal() for secret in grant.secrets} == {CODE, SECRET}
    assert "canary" not in f"{grant!r}{grant.identity}{request!r}{request.body!r}"
    assert attrs.evolve(grant, pairing_code="other").identity != grant.identity
    with pytest.raises(ValueError, match="pairing_code"):
        attrs.evolve(grant, pairing_code="")


@attrs.define
class Visitor:
    """A clock on which something is done at the end of the nth sleep."""

    clock: object
    act: object
    at: int = 3
    sleeps: int = 0

    def time(self) -> float:
        """Return the wall clock."""
        return self.clock.time()

    monotonic = time

    async def sleep(self, seconds: float) -> None:
        """Sleep, and act if it is time."""
        await self.clock.sleep(seconds)
        self.sleeps += 1
        if self.sleeps == self.at:
            self.act()


async def pair_with(rig, act, *, at=3, **options):
    """Pair at a simulator, where `act` does something to the code before the nth question; return the grant."""
    shown = []
    clock = Visitor(rig.clock, lambda: act(shown[0].code.reveal()), at)
    sim = rig.sim
    options = {"client_secret": sim.client_secret, "account_url": sim.account_url, "clock": clock} | options
    return await pair(sim.client_id, show=shown.append, **options)


@pytest.mark.parametrize("mode", ["user", "device"])
async def test_the_whole_way(start, mode):
    """From the code to a call that works, with one question for each pause; a later session finds it in the store."""
    rig, store = await start(client_secret="s"), MemoryTokenStore()

    grant = await pair_with(rig, rig.sim.approve_pairing, mode=mode)
    async with rig.join(grant, store=store) as ezeep:
        assert len(await ezeep.groups.list().collect()) == 6
    async with rig.join(grant, store=store) as later:
        assert len(await later.groups.list().collect()) == 6

    assert rig.sim.stats.token_requests == {"pairing_code": 3, "refresh_token": 1}
    assert (rig.sim.stats.unauthorized, rig.sim.stats.refresh_reuse) == (0, 0)


async def test_refused_by_the_person(start):
    """A person who refuses ends the wait with the next question."""
    rig = await start()

    with pytest.raises(AuthorizationRefused) as ended:
        await pair_with(rig, rig.sim.refuse_pairing)

    assert (ended.value.error, rig.sim.stats.token_requests["pairing_code"]) == ("access_denied", 3)


async def test_expired_at_the_server(start):
    """A code that ends at the server before our own time limit ends the wait."""
    rig = await start(pairing_seconds=60)

    with pytest.raises(AuthorizationRefused) as ended:
        await pair_with(rig, rig.sim.approve_pairing, at=0)

    assert ended.value.error == "expired_token"


async def test_a_server_that_wants_fewer_questions(start):
    """Told to slow down, the wait comes to a pace that the server takes."""
    rig = await start(pairing_interval=12)

    await pair_with(rig, rig.sim.approve_pairing, at=8)

    # Pauses of 2 and 3 s, told to slow down; 8 s, told again; from then on 13 s and more are fine.
    assert rig.clock.slept[:4] == [2, 3, 8, 13]
    assert rig.sim.stats.token_requests["pairing_code"] == 8


@pytest.mark.parametrize("kind", [FaultKind.STATUS, FaultKind.DROP_BEFORE, FaultKind.TRUNCATE])
async def test_a_bad_line(start, kind):
    """Failures while nobody has approved cost a question each, and no more."""
    rig = await start()
    rig.sim.faults.add(Fault(kind=kind, path="/oauth/access_token/", times=2))

    grant = await pair_with(rig, rig.sim.approve_pairing, at=4)

    async with rig.join(grant) as ezeep:
        assert len(await ezeep.groups.list().collect()) == 6


async def test_the_token_is_lost_on_the_way(start):
    """When the answer with the token is lost, the wait ends in time and says what may have happened."""
    rig = await start()

    def act(code):
        rig.sim.approve_pairing(code)
        rig.sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, path="/oauth/access_token/", times=1))

    with pytest.raises(AuthorizationRefused, match="may have been the token") as ended:
        await pair_with(rig, act, timeout=60)

    assert ended.value.error == "timeout"


async def test_a_transport_is_closed_by_its_owner(start):
    """A transport that was given stays open."""
    rig = await start()
    transport = AiohttpTransport()

    await pair_with(rig, rig.sim.approve_pairing, transport=transport)
    await pair_with(rig, rig.sim.approve_pairing, transport=transport)

    await transport.aclose()
    with pytest.raises(ClientClosed):
        await pair_with(rig, rig.sim.approve_pairing, transport=transport)
