"""The example backend as four workers with one credential that works once, on tokens that hardly live."""

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from statistics import median

import aiohttp
import pytest

from print_async.auth.refresh import RefreshPolicy

EXAMPLE = Path(__file__).parents[2] / "examples/web_backend.py"
WORKERS = 4
CALLERS, LATENCY = 16, 0.08
"""That many at a time, with answers that slow, are 200 requests a second: a load, and not a machine at its end."""
LIFETIME = 2.0
RESERVE = LIFETIME * RefreshPolicy().reserve
INTERVAL = LIFETIME * (RefreshPolicy().at - RefreshPolicy().jitter * (1 - 2 / (WORKERS + 1)))
"""Seconds to the least of the workers' refresh points, on average; see tests/torture/test_many_processes.py."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there workers cannot share a port")


@pytest.fixture(params=["file", pytest.param("redis", marks=pytest.mark.slow)])
def store(request, tmp_path) -> dict[str, str]:
    """The part of the environment that says where tokens are kept."""
    if request.param == "file":
        return {"EZEEP_TOKENS": str(tmp_path / "tokens" / "tokens.json")}
    return {"REDIS_URL": request.getfixturevalue("redis_server").url}


async def load(url: str, over: Awaitable[object]) -> Counter[int]:
    """Call the backend until something is over, and count its answers."""
    statuses: Counter[int] = Counter()
    running = asyncio.ensure_future(over)

    async def call_on(session: aiohttp.ClientSession) -> None:
        while not running.done():
            async with session.get(f"{url}/groups") as response:
                await response.read()
                statuses[response.status] += 1

    # A connection for each request, so that all of the workers get some.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        await asyncio.gather(*(call_on(session) for _ in range(CALLERS)))
    await running
    return statuses


def run(simulate, serve, store: dict[str, str], over: Callable[..., Awaitable[object]]) -> dict[str, object]:
    """Run four workers under load, look that all went well, and return what the simulator has seen."""
    simulator = simulate(LIFETIME, LATENCY)
    backend = serve(WORKERS, **simulator.environment, **store)
    statuses = asyncio.run(load(backend.url, over(simulator)))
    workers = backend.stop()
    seen = simulator.stop()

    refused = [seconds for worker in workers for seconds in worker["refused"]]
    print({"answers": statuses, "refused": refused, **{name: seen[name] for name in ("statuses", "asked_at")}})
    assert set(statuses) == {200}
    assert all(worker["sent"] for worker in workers)
    assert (seen["reuse"], seen["dropped"], seen["statuses"].get("401", 0)) == (0, 0, len(refused))
    # A token that was good when the request left may be old when the machine lets it arrive: known by the time it took.
    assert [seconds for seconds in refused if seconds < RESERVE] == []
    assert "Traceback" not in backend.said
    assert len(seen["tokens"]) == 2 * len(seen["asked_at"]) + 1  # so none is missing here
    assert [token for token in seen["tokens"] if token in backend.said] == []
    return seen


def test_four_workers_share_a_credential(simulate, serve, store):
    """Through some refreshes each request gets its answer, no token is spent twice or told, and all end in peace."""

    async def refreshes(simulator) -> None:
        for _ in range(4):  # the first is the sign-in
            await asyncio.to_thread(simulator.refreshed)

    assert len(run(simulate, serve, store, refreshes)["asked_at"]) >= 4


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [60])
def test_four_workers_for_a_minute(simulate, serve, store, seconds, record_property):
    """For a minute each request gets its answer, with one refresh per interval for all workers together."""
    seen = run(simulate, serve, store, lambda _: asyncio.sleep(seconds))
    first, *refreshes = seen["asked_at"]
    lived = refreshes[-1] - first
    record_property("measured", f"{len(refreshes)} refreshes in {lived:.1f} s, expected {lived / INTERVAL:.1f}")
    assert lived > seconds - 2 * LIFETIME
    # Fewer refreshes than expected are those of a machine that stood still now and then.
    assert len(refreshes) <= 1.1 * lived / INTERVAL + 1
    assert median(later - earlier for earlier, later in pairwise(seen["asked_at"])) == pytest.approx(INTERVAL, rel=0.1)


def test_a_refused_credential_shows_at_the_start(simulate, start, tmp_path):
    """A worker whose credential is refused does not start, and says so in one line without the credential."""
    store = {"EZEEP_TOKENS": str(tmp_path / "tokens.json"), "EZEEP_REFRESH_TOKEN": "refused-credential"}
    environment = {**simulate(LIFETIME, 0).environment, **store}
    code, said, complaints = start(sys.executable, "-W", "error", EXAMPLE, **environment).end()
    assert (code, said, complaints.count("\n")) == (1, "", 1)
    assert complaints.startswith("cannot start: ")
    assert "refused-credential" not in complaints
