"""The MyQ X client as a whole: its server, its session, and what it does when things go wrong."""

import asyncio
import time

import pytest

from myqx_async import MyQX
from myqx_async.auth import ClientCredentials
from myqx_async.models import NewUser, UserChanges
from myqx_async.simulator import MyQXSimulator
from print_async import AuthSession, MemoryTokenStore, RefreshPolicy, RetryPolicy, required_scopes
from print_async.errors import (
    BadRequest,
    CertificateRejected,
    ClientClosed,
    ConnectionLost,
    Forbidden,
    ForeignOrigin,
    LoginRequired,
    NotFound,
    RateLimited,
    ServerError,
    TokenRequestFailed,
)
from print_async.testing import Fault, FaultKind, StubTransport, json_response, token_response
from print_async.transports.aiohttp import AiohttpTransport

GRANT = ClientCredentials("c", "s", scope="users printers queues")
DROPS = [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.TRUNCATE, FaultKind.STATUS]


async def test_request(start):
    """What has no method here is reached by its path below /api, with token, query and body."""
    rig = await start()

    named = await rig.myqx.request("get", "/v3/queues/name:A3%2FA4%20colour", query={"include": ["client"]})
    made = await rig.myqx.request("POST", "/v3/users", json=NewUser(username="n", fullname="N", ldap_domain="d"))

    assert named.json()["client"] == {"interaction": {"project": False, "paymentAccount": False}}
    assert (await rig.myqx.users.get(made.json()["id"])).ldap_domain == "d"
    with pytest.raises(NotFound):
        await rig.myqx.request("GET", "/v3/nothing")
    with pytest.raises(BadRequest):
        await rig.myqx.request("POST", "/v3/users", json=[])


BAD_PATHS = ["", "v3/users", "https://evil.example/", "/v3/../../x", "/v3/%2E%2e/x", "/v3/./x", "/.."]
BROKEN_PATHS = ["/v3/a b", "/v3/users\r\nX-Evil: 1", "/v3/users HTTP/1.1\r\n\r\n", "/v3/\x00", "/v3/users#fragment"]


@pytest.mark.parametrize("path", [*BAD_PATHS, *BROKEN_PATHS], ids=ascii)
async def test_request_refuses_what_is_no_path(start, path):
    """A path that leads elsewhere, or could not be sent as it is, is refused before any I/O."""
    rig = await start()

    with pytest.raises(ValueError, match="path"):
        await rig.myqx.request("GET", path)

    assert rig.requests == 0


async def test_request_adds_to_a_query(start):
    """Parameters are added to those that the path has already."""
    rig = await start()

    response = await rig.myqx.request("GET", "/v3/users?limit=1", query={"start": 2})

    assert [user["id"] for user in response.json()["users"]] == [1003]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://print.example", "plain http"),
        ("https://print.example/api", "without /api: https://print.example$"),
        ("https://print.example:8090/api/", "without /api"),
        ("print.example", "absolute"),
        ("https://user:pass@print.example", "user name or password"),
        ("https://print.example?x=1", "no more"),
        ("https://print.example/a/../b", "no more"),
    ],
)
def test_urls_that_are_refused(url, why):
    """The URL is that of the server itself, and not in the clear; what is said of it shows no password."""
    with pytest.raises(ValueError, match=why) as refused:
        MyQX(url, GRANT)
    assert "pass@" not in str(refused.value)


async def test_a_url_with_a_slash_and_a_path():
    """A slash at the end makes no difference, and a server may live below a path."""
    stub = StubTransport(token_response("an-access-token"), json_response({"id": 1}))
    async with MyQX("https://print.example:8090/myq/", GRANT, transport=stub) as myqx:
        await myqx.users.get(1)

    base = "https://print.example:8090/myq/api"
    assert [request.url for request in stub.requests] == [f"{base}/auth/token", f"{base}/v3/users/1"]


async def test_without_the_authority(start):
    """A certificate of MyQ's own authority is refused with an error that names the way out; nothing is retried."""
    rig = await start()
    async with MyQX(rig.sim.url, rig.sim.grant()) as myqx:
        with pytest.raises(TokenRequestFailed, match="ca_file") as failed:
            await myqx.users.get(1001)

    assert isinstance(failed.value.__cause__, CertificateRejected)
    assert (rig.requests, failed.value.retryable) == (0, False)


async def test_sharing_a_session(start):
    """Two clients on one session make one token request between them, and neither closes it."""
    rig = await start()
    session = rig.myqx.session
    async with MyQX(rig.sim.url, session) as first, MyQX(rig.sim.url, session) as second:
        await asyncio.gather(*(client.users.get(1001) for client in (first, second, first, second)))

    assert (await rig.myqx.users.get(1001)).id == 1001
    assert rig.sim.stats.token_requests == {"client_credentials": 1}


@pytest.mark.parametrize(
    "extra", [{"transport": StubTransport()}, {"store": MemoryTokenStore()}, {"refresh": RefreshPolicy()}]
)
async def test_a_ready_session_is_complete(extra):
    """A ready session brings its own transport, store and policy; others beside it are refused."""
    session = AuthSession(GRANT, origins=["https://print.example"], transport=StubTransport())

    with pytest.raises(ValueError, match="ready session"):
        MyQX("https://print.example", session, **extra)


async def test_a_session_of_another_server():
    """A session never sends its token to a server that it is not bound to, be it another port of the same host."""
    stub = StubTransport(otherwise=token_response("an-access-token"))
    async with AuthSession(GRANT, origins=["https://print.example"], transport=stub) as session:
        for url in ("https://other.example", "https://print.example:8090"):
            with pytest.raises(ForeignOrigin):
                await MyQX(url, session).users.get(1)

    assert stub.requests == []


async def test_closing(start):
    """A client closes its own session and transport; what comes after is `ClientClosed`."""
    rig = await start()
    await rig.myqx.users.get(1001)
    for _ in range(2):
        await rig.myqx.aclose()

    for call in (rig.myqx.users.get(1001), rig.myqx.printers.list().first(), rig.myqx.request("GET", "/v3/users")):
        with pytest.raises(ClientClosed):
            await call


@pytest.mark.parametrize("scope", ["users", "users offline.access"])
async def test_500_calls_at_a_time_over_expiring_tokens(scope):
    """While tokens of four seconds come and go under 500 concurrent callers, the server never sees a bad one."""
    async with (
        MyQXSimulator(token_seconds=4) as sim,
        MyQX(sim.url, sim.grant(scope), transport=AiohttpTransport(ca_file=sim.ca_file, connections=32)) as myqx,
    ):
        await myqx.users.get(1001)
        until = time.monotonic() + 4.5

        async def caller() -> None:
            while time.monotonic() < until:
                await myqx.users.get(1001)

        await asyncio.gather(*(caller() for _ in range(500)))

    assert (sim.stats.unauthorized, sim.stats.refresh_reuse) == (0, 0)
    assert sim.stats.statuses.keys() == {200}
    assert 2 <= sim.stats.token_requests.total() <= 4
    assert ("refresh_token" in sim.stats.token_requests) == ("offline" in scope)


async def test_tokens_that_are_refused(start):
    """A token that ended early is replaced once for all callers; a credential that ended is asked for once."""
    rig = await start(grant=lambda sim: sim.grant("users offline.access"))
    await rig.myqx.session.token()
    rig.sim.expire_access_tokens()

    found = await asyncio.gather(*(rig.myqx.users.get(1001) for _ in range(50)))

    assert {user.id for user in found} == {1001}
    assert rig.sim.stats.token_requests == {"client_credentials": 1, "refresh_token": 1}
    rig.sim.client_secret = "changed"
    rig.sim.revoke_all()
    rig.clock.now += 1800
    failed = await asyncio.gather(*(rig.myqx.users.get(1001) for _ in range(50)), return_exceptions=True)
    assert {type(error) for error in failed} == {LoginRequired}
    assert rig.sim.stats.token_requests.total() == 4  # a refresh, and the sign-in it falls back to


@pytest.mark.parametrize("fault", DROPS)
async def test_faults_and_reads(start, fault):
    """A read is repeated after whatever can go wrong, and the walk is whole."""
    rig = await start(9)
    rig.sim.faults.add(Fault(kind=fault, path="/api/v3", times=3))

    assert len(await rig.myqx.users.list(page_size=4).collect()) == 9
    assert rig.sim.faults.rules[0].times == 0


@pytest.mark.parametrize("fault", DROPS)
async def test_faults_and_a_creation(start, fault):
    """A creation is sent once, whatever goes wrong, so that nothing is created twice."""
    rig = await start()
    rig.sim.faults.add(Fault(kind=fault, method="POST", path="/api/v3", times=1))

    with pytest.raises((ConnectionLost, ServerError)) as failed:
        await rig.myqx.users.create(NewUser(username="n", fullname="N"))

    assert not failed.value.retryable
    assert rig.sim.stats.routes["POST /api/v3/users"] == 1
    assert len(rig.sim.stats.mutations) == (fault in (FaultKind.DROP_AFTER, FaultKind.TRUNCATE))


async def test_faults_and_a_change(start):
    """A change is the same once or twice, so it is repeated."""
    rig = await start()
    rig.sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, method="PUT", times=2))

    await rig.myqx.users.update(1001, UserChanges(notes="n"))

    assert (await rig.myqx.users.get(1001)).notes == "n"


async def test_retry_after(start):
    """The server's own pause is kept, for reads and, after 429, for a creation; `attempts=1` repeats nothing."""
    rig = await start()
    for status in (503, 429):
        rig.sim.faults.add(Fault(kind=FaultKind.STATUS, status=status, retry_after="7", path="/api/v3", times=1))
    await rig.myqx.users.get(1001)
    rig.sim.faults.add(Fault(kind=FaultKind.STATUS, status=429, retry_after="9", method="POST", times=1))
    await rig.myqx.users.create(NewUser(username="n", fullname="N"))
    assert (rig.clock.slept, rig.myqx.statistics.retries) == ([7.0, 7.0, 9.0], 3)

    rig.sim.faults.add(Fault(kind=FaultKind.STATUS, status=429, path="/api/v3", times=1))
    async with rig.join(rig.sim.grant(), retry=RetryPolicy(attempts=1)) as once:
        with pytest.raises(RateLimited) as limited:
            await once.users.get(1001)
    assert (limited.value.retryable, once.statistics.calls, once.statistics.retries) == (True, 1, 0)


@pytest.mark.parametrize("body", [None, [], "x", {}, {"code": 1007, "message": "m", "data": [1]}, {"code": {}}])
async def test_error_bodies(body):
    """Whatever an error's body is, it is read as far as it can be; the vendor's code may differ from the status."""
    stub = StubTransport(token_response("an-access-token"), json_response(body, 403))
    async with MyQX("https://print.example", GRANT, transport=stub) as myqx:
        with pytest.raises(Forbidden) as refused:
            await myqx.users.get(1)

    documented = isinstance(body, dict) and body.get("code") == 1007
    error = refused.value
    assert (error.status, error.code, error.message) == ((403, 1007, "m") if documented else (403, None, None))
    assert ("(code 1007): m" in str(error)) == documented


def test_scopes_to_ask_for():
    """The scopes to ask an administrator for are those of the methods that are used."""
    assert required_scopes(MyQX.users.list, MyQX.printers.get, MyQX.queues.list) == {"users", "printers", "queues"}
    assert required_scopes(MyQX.server.config, MyQX.users.update_me) == set()
