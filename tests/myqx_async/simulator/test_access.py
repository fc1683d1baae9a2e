"""Tokens, scopes and kinds at the door, the shape of errors, TLS, faults and statistics."""

import builtins
import ssl
from pathlib import Path

import aiohttp
import pytest

from myqx_async.simulator import SCOPES, MyQXSimulator
from print_async.testing.faults import Fault, FaultKind

GUARDED = [
    ("GET", "users", "users"),
    ("GET", "users/find", "users"),
    ("GET", "users/1001", "users"),
    ("POST", "users", "users"),
    ("PUT", "users/1001", "users"),
    ("GET", "printers", "printers"),
    ("GET", "printers/", "printers"),
    ("GET", "printers/1", "printers"),
    ("GET", "printers/active", "printers"),
    ("GET", "printers/last", "printers"),
    ("POST", "printers", "printers"),
    ("POST", "printers/", "printers"),
    ("GET", "printers/configurationProfiles", "printers"),
    ("POST", "printers/configurationProfiles", "printers"),
    ("GET", "printers/ip:10.0.0.0/loggedUser", "users"),
    ("GET", "queues", "queues"),
    ("GET", "queues/name:x", "queues"),
    ("GET", "queues/name:x/users", "queues"),
    ("GET", "queues/1/users", "queues"),
    ("POST", "queues/1/printers", "queues"),
]
BOTH = ("users", "users/1001", "printers/ip:10.0.0.0/loggedUser")
CLIENT_ONLY = [(method, path) for method, path, _ in GUARDED if path not in BOTH]
USER_ONLY = [
    ("GET", "jobs/1"),
    ("GET", "jobs/1/state"),
    ("PATCH", "jobs/1"),
    ("DELETE", "jobs/1"),
    ("PATCH", "jobs"),
    ("POST", "jobs/delete"),
    ("POST", "jobs/client"),
    ("GET", "printers/1/printAll"),
    ("POST", "printers/1/jobs/release"),
]


def _read(path: Path) -> bytes:
    return path.read_bytes()


def _exists(path: Path) -> bool:
    return path.exists()


@pytest.mark.parametrize(("method", "path", "scope"), GUARDED)
async def test_every_operation_needs_its_scope(visit, method: str, path: str, scope: str) -> None:
    """A client token with every other scope is 403, with the scope it is not."""
    visitor = await visit()
    others = await visitor.sign_in(" ".join(name for name in SCOPES if name != scope))
    refused = await visitor.call(method, f"/api/v3/{path}", others, json={})
    assert (refused.status, refused.body["message"]) == (403, f"Scope {scope} is missing")
    assert (await visitor.call(method, f"/api/v3/{path}", await visitor.sign_in(scope), json={})).status != 403


@pytest.mark.parametrize(("method", "path"), CLIENT_ONLY)
async def test_a_user_token_is_refused_where_a_client_s_is_asked_for(visit, method: str, path: str) -> None:
    """Operations of the application are 403 for a user, rights and scopes notwithstanding."""
    visitor = await visit()
    token = await visitor.log_in(0, "users printers queues print")
    assert (await visitor.call(method, f"/api/v3/{path}", token)).status == 403


@pytest.mark.parametrize(("method", "path"), USER_ONLY)
async def test_jobs_are_for_users(visit, method: str, path: str) -> None:
    """What a user does with their jobs is 403 for the application, and for a user without the scope."""
    visitor = await visit()
    for token in (await visitor.sign_in("jobs print"), await visitor.log_in(0, "users")):
        assert (await visitor.call(method, f"/api/v3/{path}", token, json={})).status == 403
    assert (await visitor.call(method, f"/api/v3/{path}", await visitor.log_in(0, "jobs"), json={})).status != 403


async def test_a_client_token_has_no_self(visit) -> None:
    """users/me is 403 for a client token."""
    visitor = await visit()
    assert (await visitor.call("PUT", "/api/v3/users/me", await visitor.sign_in(), json={})).status == 403


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer "}, {"Authorization": "Bearer made-up"}, {"Authorization": "Basic eA=="}]
)
async def test_without_a_good_token_it_is_401(visit, headers: dict[str, str]) -> None:
    """A missing, empty or unknown token and another scheme are 401, with a challenge."""
    visitor = await visit()
    answer = await visitor.call("GET", "/api/v3/users", headers=headers)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert visitor.sim.stats.unauthorized == 1


async def test_the_header_is_authorization(visit) -> None:
    """A token in the header Authentication, as some samples print it, is not seen."""
    visitor = await visit()
    headers = {"Authentication": f"Bearer {await visitor.sign_in()}"}
    assert (await visitor.call("GET", "/api/v3/users", headers=headers)).status == 401


@pytest.mark.parametrize("differs", [False, True])
async def test_errors_have_one_shape(visit, differs: bool) -> None:
    """Every error has code, message and data, unknown paths and methods too; code_differs makes code another."""
    visitor = await visit(code_differs=differs)
    token = await visitor.sign_in()
    answers = [
        await visitor.get("users"),
        await visitor.get("users/1", token),
        await visitor.get("nowhere", token),
        await visitor.call("DELETE", "/api/v3/users", token),
        await visitor.ask(grant_type="nonsense"),
    ]
    assert [answer.status for answer in answers] == [401, 404, 404, 405, 400]
    for answer in answers:
        assert answer.body.keys() == {"code", "message", "data"}
        assert (answer.body["code"] != answer.status) == differs
        assert answer.body["data"] == []


async def test_without_the_authority_tls_is_refused(visit) -> None:
    """A client that does not trust the private authority cannot talk to the simulator."""
    visitor = await visit()
    async with aiohttp.ClientSession() as stranger:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await stranger.get(visitor.sim.url + "/api/v3/users")
    assert visitor.sim.stats.requests == 0


async def test_the_server_goes_by_both_its_names(visit) -> None:
    """The certificate is good for localhost and for 127.0.0.1."""
    visitor = await visit()
    url = visitor.sim.url.replace("localhost", "127.0.0.1")
    assert (await visitor.call("GET", f"{url}/api/v3/users")).status == 401


async def test_the_authority_s_file_goes_with_the_simulator() -> None:
    """The file holds the same PEM as ca_pem while the simulator runs, and is removed after."""
    async with MyQXSimulator() as sim:
        folder = sim.ca_file.parent
        assert _read(sim.ca_file) == sim.ca_pem
        ssl.create_default_context(cadata=sim.ca_pem.decode())
        assert sim.url.startswith("https://localhost:")
        assert not sim.url.endswith("/")
    assert not _exists(folder)


async def test_a_simulator_that_does_not_run_has_no_address() -> None:
    """Before and after its time the address and the authority are an error that says so, and entering twice is."""
    sim = MyQXSimulator()
    for _ in range(2):
        for name in ("url", "ca_file", "ca_pem"):
            with pytest.raises(RuntimeError, match="not running"):
                getattr(sim, name)
        async with sim:
            with pytest.raises(RuntimeError, match="already"):
                await sim.__aenter__()
            assert sim.url


async def test_a_simulator_remembers_over_a_restart() -> None:
    """Left and entered again it still knows its tokens and changes."""
    sim = MyQXSimulator(10, tls=False)
    async with sim, aiohttp.ClientSession() as session:
        body = {"grant_type": "client_credentials", "scope": "users"}
        body |= {"client_id": sim.client_id, "client_secret": sim.client_secret}
        async with session.post(f"{sim.url}/api/auth/token", json=body) as response:
            headers = {"Authorization": f"Bearer {(await response.json())['access_token']}"}
        await session.put(f"{sim.url}/api/v3/users/1001", json={"notes": "kept"}, headers=headers)
    async with (
        sim,
        aiohttp.ClientSession() as session,
        session.get(f"{sim.url}/api/v3/users/1001", headers=headers) as response,
    ):
        assert (await response.json())["notes"] == "kept"


async def test_plain_http_on_request(visit) -> None:
    """Without TLS the address is http on 127.0.0.1 and there is no authority."""
    visitor = await visit(tls=False)
    assert visitor.sim.url.startswith("http://127.0.0.1:")
    assert await visitor.sign_in()
    with pytest.raises(RuntimeError, match="without TLS"):
        _ = visitor.sim.ca_file
    with pytest.raises(RuntimeError, match="without TLS"):
        _ = visitor.sim.ca_pem


async def test_missing_trustme_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without trustme the simulator names the extra, and runs nothing; without TLS it does not need it."""
    honest = builtins.__import__

    def without_trustme(name: str, *rest: object, **options: object) -> object:
        if name == "trustme":
            raise ImportError(name)
        return honest(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without_trustme)
    sim = MyQXSimulator()
    with pytest.raises(ImportError, match=r"print-async\[simulator\]"):
        await sim.__aenter__()
    with pytest.raises(RuntimeError, match="not running"):
        _ = sim.url
    async with MyQXSimulator(tls=False):
        pass


async def test_faults_strike(visit) -> None:
    """A scripted 503 comes before any work, and a drop after the work leaves it done."""
    visitor = await visit(10)
    token = await visitor.sign_in()
    users = "/api/v3/users"
    visitor.sim.faults.add(Fault(kind=FaultKind.STATUS, path=users, times=1, status=503, retry_after="7"))
    async with visitor.session.get(visitor.sim.url + users) as response:
        assert (response.status, response.headers["Retry-After"]) == (503, "7")
    visitor.sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, method="POST", path=users, times=1))
    with pytest.raises(aiohttp.ClientError):
        await visitor.call("POST", users, token, json={"username": "x", "fullname": "X"})
    assert visitor.sim.stats.dropped == 1
    assert visitor.sim.stats.mutations == {"user-created:1011": 1}
    assert (await visitor.call("POST", users, token, json={"username": "x", "fullname": "X"})).status == 409


async def test_statistics_count_requests(visit) -> None:
    """Requests are counted by route and status, and token requests by grant, refused ones too."""
    visitor = await visit()
    token = await visitor.sign_in()
    await visitor.ask(grant_type="login_info", scope="users")
    await visitor.get("users", token, limit=1)
    await visitor.get("users", token, limit=2)
    stats = visitor.sim.stats
    assert stats.requests == 4
    assert stats.routes["GET /api/v3/users"] == 2
    assert stats.statuses == {200: 3, 400: 1}
    assert stats.token_requests == {"client_credentials": 1, "login_info": 1}


async def test_latency_holds_every_request_back(visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request waits the latency, which may be changed while the simulator runs."""
    visitor = await visit()
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("myqx_async.simulator.answers.asyncio.sleep", sleep)
    visitor.sim.latency = 0.25
    await visitor.get("users")
    visitor.sim.latency = 0.0
    await visitor.get("users")
    assert waits == [0.25]
