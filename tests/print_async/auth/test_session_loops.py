"""Several event loops, one after the other or at the same time, and several clients, with one credential."""

import asyncio
import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from ezeep_async import Ezeep
from ezeep_async.auth import RefreshToken
from ezeep_async.simulator import EzeepSimulator
from print_async.auth.refresh import RefreshPolicy
from print_async.auth.stores.file import FileTokenStore
from print_async.auth.stores.memory import MemoryTokenStore
from print_async.clock import SystemClock

PATIENCE = 30


@contextmanager
def served() -> Iterator[EzeepSimulator]:
    """Run a simulator on a loop of its own, in a thread of its own."""
    ready, stop = threading.Event(), threading.Event()
    simulator = EzeepSimulator(users=5)

    async def serve() -> None:
        async with simulator:
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert ready.wait(PATIENCE)
        yield simulator
    finally:
        stop.set()
        thread.join(PATIENCE)


@pytest.fixture
def make_client():
    """Make a client of a simulator."""

    def make(simulator: EzeepSimulator, grant: RefreshToken, **options: object) -> Ezeep:
        urls = {name: getattr(simulator, name) for name in ("account_url", "management_url", "print_url")}
        return Ezeep(grant, **urls, **options)

    return make


@pytest.mark.parametrize("keep_alive", [True, False])
def test_one_client_on_one_loop_after_another(make_client, keep_alive):
    """A client works in a second `asyncio.run` as in the first, over real sockets, and with the same token."""

    async def visit(ezeep: Ezeep) -> int:
        first, second = await asyncio.gather(*(count(ezeep) for _ in range(2)))
        assert first == second
        return first

    async def leave(ezeep: Ezeep) -> int:
        async with ezeep:
            return await visit(ezeep)

    with served() as simulator:
        ezeep = make_client(simulator, simulator.grant(), refresh=RefreshPolicy(keep_alive=keep_alive))
        assert asyncio.run(visit(ezeep)) == asyncio.run(visit(ezeep)) == asyncio.run(leave(ezeep)) > 0
        assert simulator.stats.token_requests.total() == 1
        assert simulator.stats.unauthorized == 0
    gc.collect()  # what was left unclosed warns here, and not in another test


async def count(ezeep: Ezeep) -> int:
    """Count the users."""
    return len([user async for user in ezeep.users.list()])


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_two_loops_at_a_time(new_world, tmp_path, kind):
    """Of two loops in two threads with one store, one asks for a token, and the other, which waited, adopts it."""
    world = new_world()
    store = MemoryTokenStore() if kind == "memory" else FileTokenStore(tmp_path / "tokens.json")
    asked, tried = threading.Event(), threading.Event()
    sources = []

    async def hang_until_tried() -> None:
        asked.set()
        assert await asyncio.to_thread(tried.wait, PATIENCE)

    async def want(later: bool) -> None:
        async with world.session(store=store, clock=SystemClock()) as session:
            if later:
                assert await asyncio.to_thread(asked.wait, PATIENCE)
            wanted = asyncio.create_task(session.ensure_token())
            if later:
                for _ in range(100):
                    await asyncio.sleep(0)
                tried.set()
            info = await wanted
            sources.append((info.source, info.generation))

    world.server.gate = SimpleNamespace(wait=hang_until_tried)
    threads = [threading.Thread(target=lambda later=later: asyncio.run(want(later))) for later in (False, True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(sources) == [("sign-in", 1), ("store", 1)]
    assert world.server.asked == 1


@pytest.mark.parametrize("kind", ["memory", "file"])
@pytest.mark.parametrize("how", ["it is due", "it was refused"])
async def test_refresh_of_a_sibling_is_seen(world, tmp_path, kind, how):
    """What one of two sessions with one store has refreshed, the other takes, without a token request of its own."""
    store = MemoryTokenStore() if kind == "memory" else FileTokenStore(tmp_path / "tokens.json")
    idle = RefreshPolicy(keep_alive=False)
    first, second = (world.session(store=store, refresh=idle, draw=lambda draw=draw: draw) for draw in (0.0, 1.0))
    assert (await first.token()) == (await second.token())
    await world.clock.advance(2521)  # past the refresh point of the first alone
    await first.token()
    await eventually(lambda: first.token_info.generation == 2)
    assert (second.token_info.generation, world.server.asked) == (1, 2)
    if how == "it is due":
        await world.clock.advance(1200)
    else:
        second.invalidate(1)
    assert (await second.token()).access_token == "token-2"
    assert (second.token_info.source, world.server.asked) == ("store", 2)
    assert (second.statistics.refreshes, second.statistics.sign_ins) == (0, 0)


async def eventually(holds) -> None:
    """Wait for what a thread has to do with: the file is written in one."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - nothing tells that a background refresh has ended
            await asyncio.sleep(0)


async def test_two_clients_with_one_store(make_client):
    """Two clients with one store share their token, and the refresh by one of them after a 401."""
    store = MemoryTokenStore()
    with served() as simulator:
        grant = simulator.grant()
        first, second = (make_client(simulator, grant, store=store) for _ in range(2))
        async with first, second:
            assert await count(first) == await count(second)
            assert simulator.stats.token_requests.total() == 1
            token = await first.session.token()
            first.session.invalidate(token.generation)
            await count(first)
            second.session.invalidate(token.generation)
            await count(second)
            assert simulator.stats.token_requests.total() == 2
            assert (await first.session.token()) == (await second.session.token())
            assert simulator.stats.refresh_reuse == 0
