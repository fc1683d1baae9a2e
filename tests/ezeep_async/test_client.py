"""The ezeep client as a whole: its three servers, its session, and what it does when things go wrong."""

import asyncio
import time

import pytest

from ezeep_async import Ezeep
from ezeep_async.auth import RefreshToken
from ezeep_async.models import NewGroup
from ezeep_async.simulator import EzeepSimulator
from print_async import AuthSession, MemoryTokenStore, RefreshPolicy, operation_of
from print_async.errors import (
    BadRequest,
    ClientClosed,
    ConnectionLost,
    ForeignOrigin,
    NotFound,
    PrintAsyncError,
    ServerError,
    Unauthorized,
    UnexpectedRedirect,
)
from print_async.service import attached
from print_async.testing import Fault, FaultKind, StubTransport, json_response, token_response
from print_async.transports.aiohttp import AiohttpTransport

GRANT = RefreshToken("c", "r")
MANAGEMENT, ACCOUNT, PRINT = "https://api2.ezeep.com", "https://account.ezeep.com", "https://printapi.ezeep.com"


@pytest.mark.parametrize(
    ("path", "server"),
    [
        ("/printing/v1/drivers/", MANAGEMENT),
        ("/reporting/reports", MANAGEMENT),
        ("/webhooks/endpoints", MANAGEMENT),
        ("/v1/userinvitations/", ACCOUNT),
        ("/oauth/revoke/", ACCOUNT),
        ("/partner/v1/organizations/", ACCOUNT),
        ("/sfapi/GetPrinter/", PRINT),
    ],
)
async def test_request_finds_its_server(path, server):
    """What has no method here goes to the one of the three servers that knows it, with token, query and body."""
    stub = StubTransport(token_response("an-access-token"), json_response({"ok": True}))
    async with Ezeep(GRANT, transport=stub) as ezeep:
        response = await ezeep.request("post", path, query={"id": "a#1", "x": None, "y": [1, 2]}, json={"n": None})

    _, request = stub.requests
    assert (request.method, request.url) == ("POST", f"{server}{path}?id=a%231&y=1,2")
    assert request.headers["Authorization"].reveal() == "Bearer an-access-token"
    assert request.body.content == b'{"n":null}'
    assert response.json() == {"ok": True}


async def test_request_on_real_servers(start):
    """All three simulated servers answer what has no method here, and take the same token."""
    rig = await start()

    me = (await rig.ezeep.request("GET", "/v1/users/me")).json()
    config = (await rig.ezeep.request("GET", "/sfapi/GetConfiguration/")).json()
    user = (await rig.ezeep.request("GET", "/printing/v1/users/me/")).json()

    assert (me["email"], me["id"], config["Schema"]) == ("user0@example.com", user["id"], {"Version": "1"})
    with pytest.raises(UnexpectedRedirect) as moved:
        await rig.ezeep.request("GET", "/printing/v1/groups")
    assert (moved.value.status, rig.sim.stats.token_requests) == (301, {"refresh_token": 1})


BAD_PATHS = ["", "v1/users/", "https://evil.example/", "/v1/../x", "/v1/%2e%2E/x", "/v1/./x", "/v1/..", "/..?a=b"]
BROKEN_PATHS = ["/v1/a b", "/v1/users/\r\nX-Evil: 1", "/v1/users/ HTTP/1.1\r\n\r\n", "/v1/\x00", "/v1/users/#fragment"]


@pytest.mark.parametrize("path", [*BAD_PATHS, *BROKEN_PATHS], ids=ascii)
async def test_request_refuses_what_is_no_path(start, path):
    """A path that leads elsewhere, or could not be sent as it is, is refused before any I/O."""
    rig = await start()

    with pytest.raises(ValueError, match="path"):
        await rig.ezeep.request("GET", path)

    assert rig.requests == 0


async def test_request_adds_to_a_query():
    """Parameters are added to those that the path has already."""
    stub = StubTransport(token_response("an-access-token"), json_response([]))
    async with Ezeep(GRANT, transport=stub) as ezeep:
        await ezeep.request("GET", "/sfapi/GetPrinterProperties/?id=1", query={"printer": "p"})

    assert stub.requests[1].url == f"{PRINT}/sfapi/GetPrinterProperties/?id=1&printer=p"


@pytest.mark.parametrize("name", ["account_url", "management_url", "print_url"])
@pytest.mark.parametrize("url", ["http://ezeep.example", "ezeep.example", "https://u:p@ezeep.example", "https://h/?q"])
def test_urls_that_are_refused(name, url):
    """Each of the three URLs is a base URL, and not in the clear."""
    with pytest.raises(ValueError, match=r"URL|http"):
        Ezeep(GRANT, **{name: url})


async def test_sharing_a_session(start):
    """Two clients on one session make one token request between them, and neither closes it."""
    rig = await start()
    session = rig.ezeep.session
    async with Ezeep(session, **rig.urls) as first, Ezeep(session, **rig.urls) as second:
        await asyncio.gather(*(client.groups.list().first() for client in (first, second, first, second)))

    assert len(await rig.ezeep.groups.list().collect()) == 6
    assert rig.sim.stats.token_requests == {"refresh_token": 1}
    assert first.session is second.session is session


async def test_sharing_a_store(start):
    """Two sessions with one grant and one store spend its refresh token once."""
    store = MemoryTokenStore()
    rig = await start()
    grant = rig.sim.grant()
    async with rig.join(grant, store=store) as first, rig.join(grant, store=store) as second:
        await asyncio.gather(*(client.groups.list().first() for client in (first, second)))

    assert rig.sim.stats.token_requests == {"refresh_token": 1}


@pytest.mark.parametrize(
    "extra", [{"transport": StubTransport()}, {"store": MemoryTokenStore()}, {"refresh": RefreshPolicy()}]
)
async def test_a_ready_session_is_complete(extra):
    """A ready session brings its own transport, store and policy; others beside it are refused."""
    session = AuthSession(GRANT, origins=[ACCOUNT], transport=StubTransport())

    with pytest.raises(ValueError, match="ready session"):
        Ezeep(session, **extra)


async def test_a_session_of_other_servers():
    """A session never sends its token to a server that it is not bound to."""
    stub = StubTransport(otherwise=token_response("an-access-token"))
    async with AuthSession(GRANT, origins=[ACCOUNT], transport=stub) as session:
        for call in (Ezeep(session).groups.list().first(), Ezeep(session).request("GET", "/sfapi/GetPrinter/")):
            with pytest.raises(ForeignOrigin):
                await call

    assert stub.requests == []


async def test_closing(start):
    """A client closes its own session and transport; what comes after is `ClientClosed`."""
    rig = await start()
    await rig.ezeep.groups.list().first()
    for _ in range(2):
        await rig.ezeep.aclose()

    for call in (rig.ezeep.groups.list().first(), rig.ezeep.users.get("x"), rig.ezeep.request("GET", "/v1/users/me")):
        with pytest.raises(ClientClosed):
            await call


async def test_500_calls_at_a_time_over_expiring_tokens():
    """While tokens of four seconds come and go under 500 concurrent callers, the server never sees a bad one."""
    async with EzeepSimulator(token_seconds=4) as sim:
        urls = {"account_url": sim.account_url, "management_url": sim.management_url, "print_url": sim.print_url}
        ezeep, user_id = Ezeep(sim.grant(), **urls), sim.directory.user_ids.at(0)
        until = time.monotonic() + 4.5

        async def caller() -> None:
            while time.monotonic() < until:
                await ezeep.users.get(user_id)

        async with ezeep:
            await asyncio.gather(*(caller() for _ in range(500)))

    assert (sim.stats.unauthorized, sim.stats.refresh_reuse) == (0, 0)
    assert sim.stats.statuses.keys() == {200}
    assert 2 <= sim.stats.token_requests["refresh_token"] <= 4
    assert ezeep.statistics.retries == 0


async def test_a_token_that_is_refused(start):
    """A token that ended early is replaced once for all callers, and every call succeeds."""
    rig = await start()
    await rig.ezeep.session.token()
    rig.sim.expire_access_tokens()

    found = await asyncio.gather(*(rig.ezeep.groups.list().first() for _ in range(50)))

    assert None not in found
    assert rig.sim.stats.token_requests == {"refresh_token": 2}
    assert rig.ezeep.session.token_info.source == "refresh"


@pytest.mark.parametrize("fault", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.TRUNCATE, FaultKind.STATUS])
async def test_faults_and_reads(start, fault):
    """A read is repeated after whatever can go wrong, and the walk is whole."""
    rig = await start(groups=9)
    rig.sim.faults.add(Fault(kind=fault, path="/printing", times=3))

    assert len(await rig.ezeep.groups.list(page_size=4).collect()) == 9
    assert rig.sim.faults.rules[0].times == 0


@pytest.mark.parametrize("fault", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.TRUNCATE, FaultKind.STATUS])
async def test_faults_and_a_creation(start, fault):
    """A creation is sent once, whatever goes wrong, so that nothing is created twice."""
    rig = await start()
    rig.sim.faults.add(Fault(kind=fault, method="POST", path="/printing", times=1))

    with pytest.raises((ConnectionLost, ServerError)) as failed:
        await rig.ezeep.groups.create(NewGroup(name="n", organization_id=rig.sim.organization_id))

    assert not failed.value.retryable
    assert rig.sim.stats.routes["POST /printing/v1/groups/"] == 1
    assert len(rig.sim.stats.mutations) == (fault in (FaultKind.DROP_AFTER, FaultKind.TRUNCATE))


@pytest.mark.parametrize(("status", "method"), [(503, "GET"), (429, "GET"), (429, "POST")])
async def test_retry_after(start, status, method):
    """The server's own pause is kept; after 429, which means that nothing was done, by a creation too."""
    rig = await start()
    rig.sim.faults.add(Fault(kind=FaultKind.STATUS, status=status, retry_after="7", path="/printing", times=2))
    if method == "GET":
        await rig.ezeep.groups.list().first()
    else:
        await rig.ezeep.groups.create(NewGroup(name="n", organization_id=rig.sim.organization_id))

    assert rig.clock.slept == [7.0, 7.0]
    assert rig.ezeep.statistics.retries == 2


async def test_a_server_that_stays_down(start):
    """In the end the error says what the server said, and that it may be tried again."""
    rig = await start()
    rig.sim.faults.add(Fault(kind=FaultKind.STATUS, path="/printing", retry_after="0"))

    with pytest.raises(ServerError) as down:
        await rig.ezeep.groups.get("x")

    assert (down.value.status, down.value.retry_after, down.value.retryable) == (503, 0.0, True)
    assert rig.sim.stats.statuses[503] == 5


@pytest.mark.parametrize(
    ("status", "body", "error", "code", "message"),
    [
        (404, {"detail": "Not found."}, NotFound, None, "Not found."),
        (400, {"name": ["a", "b"], "x": ["c"]}, BadRequest, None, "name: a b; x: c"),
        (400, {"code": 87, "message": "m"}, BadRequest, 87, "m"),
        (400, {"error": "invalid_request", "error_description": "d"}, BadRequest, "invalid_request", "d"),
        (401, {"error": "e"}, Unauthorized, "e", "e"),
        (500, ["odd"], ServerError, None, None),
        (502, None, ServerError, None, None),
    ],
)
async def test_error_bodies(status, body, error, code, message):
    """Every shape of error that ezeep has is read, and none makes the reading itself fail."""
    stub = StubTransport(otherwise=lambda request: answer(request, body, status))
    async with Ezeep(GRANT, transport=stub) as ezeep:
        with pytest.raises(error) as refused:
            await ezeep.request("POST", "/printing/v1/x?secret=1")

    assert (refused.value.code, refused.value.message, refused.value.data) == (code, message, body)
    assert isinstance(refused.value, PrintAsyncError)
    assert refused.value.path == "/printing/v1/x"


def answer(request, body, status):
    """Answer with an error, or with a token where one is asked for."""
    return (
        token_response("an-access-token", refresh_token="b") if "oauth" in request.url else json_response(body, status)
    )


OBSERVED = {"GET /v1/users/me", "GET /v1/organizations/"}
WITHOUT_SLASH = {"GET /v1/users/me", "POST /reporting/reports", "POST /webhooks/endpoints"}


def test_operations_are_documented():
    """Every operation tells where it is documented, or that it was only seen in a client, and which request it is."""
    services = [part for part in map(vars(Ezeep).get, vars(Ezeep)) if isinstance(part, attached)]
    methods = [method for part in services for method in vars(part.__get__(None, Ezeep)).values()]
    operations = {method: operation_of(method) for method in methods if hasattr(method, "operation")}

    assert len(operations) > 35
    assert all(found.source for found in operations.values())
    seen = {method: found for method, found in operations.items() if "in no document" in found.source}
    assert {found.needs.operation for found in seen.values()} == OBSERVED
    assert all("No document names it" in method.__doc__ for method in seen)
    unslashed = {found.needs.operation for found in operations.values() if not found.path.endswith("/")}
    assert unslashed == WITHOUT_SLASH
    assert operation_of(Ezeep.groups.update).idempotent
    assert not operation_of(Ezeep.groups.create).idempotent
    with pytest.raises(TypeError):
        operation_of(AiohttpTransport.send)
