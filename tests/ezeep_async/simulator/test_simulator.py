"""The simulator as a whole: origins, seed, faults, statistics, command line."""

import ast
import asyncio
import contextlib
import random
import re
import signal
import ssl
import sys
from pathlib import Path

import pytest
import trustme
from aiohttp import ClientError, ClientSession, TCPConnector

from ezeep_async import simulator as simulator_package
from ezeep_async.simulator import EzeepSimulator
from ezeep_async.simulator.__main__ import environment, parse, summary
from print_async.testing.faults import Fault, FaultKind

USERS, GROUPS = "/printing/v1/users/", "/printing/v1/groups/"


async def everything(visitor):
    """All that can be listed."""
    return (
        await visitor.walk(USERS),
        await visitor.walk(GROUPS),
        await visitor.walk("/v1/users/", base=visitor.simulator.account_url),
    )


async def test_three_origins(visit):
    """The three APIs are at three addresses, none with a slash at its end."""
    simulator = (await visit()).simulator

    urls = {simulator.account_url, simulator.management_url, simulator.print_url}

    assert len(urls) == 3
    assert not any(url.endswith("/") for url in urls)


async def test_one_seed_one_organization(visit):
    """The same seed gives the same organization, and another seed other ids."""
    first, second, other = await visit(seed=7), await visit(seed=7), await visit(seed=8)

    assert await everything(first) == await everything(second)
    assert first.simulator.organization_id != other.simulator.organization_id
    assert not {user["id"] for user in await first.walk(USERS)} & {user["id"] for user in await other.walk(USERS)}


async def test_an_id_of_another_seed_is_unknown(visit):
    """An id that leads to a good index but was never given out is not taken for it."""
    visitor, other = await visit(seed=1), await visit(seed=2)
    own, foreign = (one.simulator.directory.user_ids.at(5) for one in (visitor, other))

    for user_id in (foreign, own[:8] + foreign[8:], foreign[:8] + own[8:], f"{own}0"):
        assert (await visitor.get(f"{USERS}{user_id}/")).status == 404


@pytest.mark.parametrize("seed", range(5))
async def test_ids_lead_back(seed):
    """Every id leads back to its index, and all are version 4 uuids."""
    ids = EzeepSimulator(seed=seed).directory.user_ids

    for index in (0, 1, 199, 999_999, 2**40):
        assert ids.index(ids.at(index)) == index
        assert ids.index(ids.at(index).upper()) == index
        assert (len(ids.at(index)), ids.at(index)[14], ids.at(index)[19] in "89ab") == (36, "4", True)


async def test_entering_again():
    """A simulator that was left can be entered again, and has no address in between."""
    simulator = EzeepSimulator()

    for _ in range(2):
        async with simulator:
            assert simulator.print_url
        with pytest.raises(RuntimeError):
            _ = simulator.print_url


async def test_ports_in_a_row():
    """With a port given, the three APIs are on it and the next two; one that is taken is an error."""
    for port in random.sample(range(20_000, 60_000), 50):
        with contextlib.suppress(OSError):
            async with EzeepSimulator(port=port) as simulator:
                urls = [simulator.account_url, simulator.management_url, simulator.print_url]
                with pytest.raises(OSError, match="address"):
                    await EzeepSimulator(port=port - 2).__aenter__()
            break

    assert urls == [f"http://127.0.0.1:{port + position}" for position in range(3)]


async def test_https():
    """Over https the next link is still an http one of the same host and port, as the vendor's is."""
    authority = trustme.CA()
    context, trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(context)
    authority.configure_trust(trust)

    async with (
        EzeepSimulator(ssl_context=context) as simulator,
        ClientSession(connector=TCPConnector(ssl=trust)) as http,
    ):
        headers = {"Authorization": f"Bearer {simulator.issue_access_token()}"}
        async with http.get(simulator.management_url + USERS, headers=headers) as response:
            page = await response.json()

    assert page["next"].startswith("http://localhost:")


async def test_a_fault_strikes_only_where_it_is_told(visit):
    """An injected status comes as often as told, on its path, and all else goes well."""
    visitor = await visit()
    fault = Fault(kind=FaultKind.STATUS, path=GROUPS, times=1, status=429, retry_after="2")
    visitor.simulator.faults.add(fault)

    users, limited, groups = await visitor.get(USERS), await visitor.get(GROUPS), await visitor.get(GROUPS)

    assert (users.status, limited.status, groups.status) == (200, 429, 200)
    assert limited.headers["Retry-After"] == "2"
    assert visitor.simulator.stats.statuses == {200: 2, 429: 1}


async def test_a_drop_after_the_work_was_done(visit):
    """A connection dropped after the work leaves the change in place, counted once."""
    visitor = await visit()
    body = {"name": "Made unseen", "organization_id": visitor.simulator.organization_id}
    visitor.simulator.faults.add(Fault(kind=FaultKind.DROP_AFTER, method="POST", times=1))

    with pytest.raises(ClientError):  # a PUT would not do here: aiohttp sends it again by itself
        await visitor.send("POST", GROUPS, json=body)

    made = (await visitor.walk(GROUPS))[-1]
    assert made["name"] == "Made unseen"
    assert visitor.simulator.stats.mutations == {f"group-created:{made['id']}": 1}
    assert visitor.simulator.stats.dropped == 1


async def test_one_set_of_statistics(visit):
    """Requests to all three APIs are counted together, by route and by status."""
    visitor = await visit()

    await visitor.get(USERS + "?limit=5")
    await visitor.account("/v1/users/me")
    await visitor.get(f"{visitor.simulator.print_url}/sfapi/GetConfiguration/", token="bad")

    stats = visitor.simulator.stats
    assert stats.requests == 3
    assert stats.statuses == {200: 2, 401: 1}
    assert stats.routes == {f"GET {USERS}": 1, "GET /v1/users/me": 1, "GET /sfapi/GetConfiguration/": 1}


async def test_latency(visit, monkeypatch):
    """Every answer waits for the latency, which can be changed on the way."""
    visitor = await visit()
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    monkeypatch.setattr("ezeep_async.simulator.wiring.asyncio.sleep", sleep)
    await visitor.get(USERS)
    visitor.simulator.latency = 0.25
    await visitor.get(USERS)

    assert slept == [0.25]


async def test_concurrent_requests_are_seen(visit):
    """Many requests at once all come through, and the peak is known."""
    visitor = await visit()

    pages = await asyncio.gather(*(visitor.get(f"{USERS}?offset={offset}") for offset in range(40)))

    assert all(page.status == 200 for page in pages)
    assert 1 <= visitor.simulator.stats.peak_in_flight <= 40
    assert visitor.simulator.stats.in_flight == 0


def test_independent_of_the_client():
    """The simulator imports nothing of ours but the base of all simulators, save for the grant it hands out."""
    folder = Path(simulator_package.__file__).parent
    trees = [ast.parse(path.read_text()) for path in folder.glob("*.py")]
    modules = {node.module for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = {module for module in modules if module.split("_async")[0] in {"print", "myqx", "ezeep"}}

    foreign = {module for module in ours if not module.startswith("ezeep_async.simulator")}

    assert foreign == {"print_async.testing.faults", "print_async.testing.simulator", "ezeep_async.auth"}


async def test_no_secret_in_the_repr():
    """What a simulator shows of itself has no client secret in it."""
    assert "s3cret" not in repr(EzeepSimulator(client_secret="s3cret"))


@pytest.mark.parametrize(("users", "groups"), [(0, None), (5, -1)])
async def test_impossible_organizations(users, groups):
    """An organization without users, or with fewer than no groups, is refused at once."""
    with pytest.raises(ValueError, match="at least one user"):
        EzeepSimulator(users, groups)


async def test_command_line():
    """The options reach the simulator, and its environment lines name where and who to be."""
    simulator = parse(
        ["--users", "9", "--token-seconds", "5", "--no-rotate", "--client-secret", "a'b", "--failures", "1"]
    )

    assert (simulator.users, simulator.token_seconds, simulator.rotate) == (9, 5, False)
    assert simulator.faults.strike("GET", "/").status == 503
    async with simulator:
        lines = dict(line.removeprefix("export ").split("=", 1) for line in environment(simulator).splitlines())
    assert lines.keys() == {
        "EZEEP_ACCOUNT_URL",
        "EZEEP_MANAGEMENT_URL",
        "EZEEP_PRINT_URL",
        "EZEEP_CLIENT_ID",
        "EZEEP_CLIENT_SECRET",
        "EZEEP_REFRESH_TOKEN",
    }
    assert lines["EZEEP_CLIENT_SECRET"] == """'a'"'"'b'"""


async def test_summary(visit):
    """The summary tells requests, tokens, answers and reuse."""
    visitor = await visit()
    token = visitor.simulator.issue_refresh_token()
    for _ in range(2):
        await visitor.refresh(token)

    text = summary(visitor.simulator.stats)

    assert "2 by refresh_token" in text
    assert "1 with 400" in text


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
async def test_runs_until_interrupted():
    """The command prints where it is, and ends with its statistics on a signal."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "ezeep_async.simulator",
        stdout=asyncio.subprocess.PIPE,
    )
    greeting = (await process.stdout.readuntil(b"EZEEP_REFRESH_TOKEN")).decode()
    url = re.search("EZEEP_PRINT_URL=(.*)", greeting)[1]
    async with ClientSession() as http, http.get(url) as response:
        assert response.status == 401
    process.send_signal(signal.SIGTERM)
    rest, _ = await process.communicate()

    assert b"1 with 401" in rest
    assert process.returncode == 0
