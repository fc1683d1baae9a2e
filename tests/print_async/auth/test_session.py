"""The session from its making to its end."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from print_async.auth.refresh import RefreshPolicy
from print_async.auth.token import TokenKind
from print_async.errors import ClientClosed
from print_async.testing import StubTransport, token_response
from print_async.wire import Request, Response


def at_once(coroutine):
    """Return what a coroutine returns without ever suspending; fail if it does suspend."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    raise AssertionError("it suspended")


async def test_fresh_token_costs_nothing(world):
    """A fresh token is returned without suspending once, and without a task."""
    session = world.session()
    await session.token()
    tasks = asyncio.all_tasks()
    for _ in range(3):
        assert at_once(session.token()).access_token == "token-1"
    assert asyncio.all_tasks() == tasks
    await world.clock.advance(2699)
    assert at_once(session.token()).access_token == "token-1"


async def test_token_info(world, fake_grant):
    """What is told of the token is all but its secret, with its times on the wall clock."""
    world.server.script = [token_response("planted-access", refresh_token="planted-refresh", scope="read print")]
    session = world.session(grant=fake_grant(requested_scope=frozenset({"read", "write", "fax"})))
    assert session.token_info is None
    info = await session.ensure_token()
    now = world.clock.time()
    assert info == session.token_info
    assert (info.kind, info.generation, info.source, info.has_refresh_token) == (TokenKind.USER, 1, "sign-in", True)
    assert (info.scope, info.missing_scope) == ({"read", "print"}, {"write", "fax"})
    assert (info.refresh_at - now, info.expires_at - now) == pytest.approx((2700, 3590))
    assert "planted" not in repr(info)


async def test_missing_scope_unknown(world, fake_grant):
    """Where the server does not say what it granted, nothing is said to be missing."""
    info = await world.session(grant=fake_grant(requested_scope=frozenset({"read"}))).ensure_token()
    assert (info.scope, info.missing_scope) == (None, frozenset())


async def test_stored_token_is_adopted(world):
    """A session that finds a good token in its store makes no token request."""
    await world.put(world.token(age=100, generation=4))
    info = await world.session().ensure_token()
    assert (info.source, info.generation, world.server.asked) == ("store", 4, 0)


async def test_two_sessions_share_a_store(world):
    """Two sessions with one store make one token request, at the start and at each refresh."""
    sessions = [world.session(), world.session()]
    for number in (1, 2, 3):
        tokens = await asyncio.gather(*(session.token() for session in sessions))
        assert {token.access_token.reveal() for token in tokens} == {f"token-{number}"}
        assert world.server.asked == number
        await world.clock.advance(2701)


async def test_statistics(world, base):
    """The session counts sign-ins, refreshes and refused tokens; a token found in the store is neither."""
    session, finder = world.session(), world.session()
    await session.token()
    await finder.token()
    world.server.api = lambda _: Response(401)
    await session.send(Request("GET", f"{base}/x"))
    counted = session.statistics
    assert (counted.sign_ins, counted.refreshes, counted.unauthorized) == (1, 1, 1)
    assert (finder.statistics.sign_ins, finder.statistics.refreshes) == (0, 0)


class SlowStore:
    """Saves only when it is told."""

    def __init__(self):
        self.gate = asyncio.Event()
        self.saved = []

    @asynccontextmanager
    async def hold(self, identity):
        """Give itself."""
        yield self

    async def load(self):
        """Return the last one."""
        return self.saved[-1] if self.saved else None

    async def save(self, token):
        """Wait for the word."""
        await self.gate.wait()
        self.saved.append(token)


async def test_persisted_before_it_is_used(world):
    """No caller has a token before the store has it."""
    store = SlowStore()
    session = world.session(store=store)
    waiting = asyncio.create_task(session.token())
    await world.clock.settle()
    assert world.server.asked == 1
    assert not waiting.done()
    assert session.token_info is None
    store.gate.set()
    assert await waiting is store.saved[0]


async def test_close_lets_an_exchange_finish(world):
    """Closing waits for a token request under way, whose token is saved and still goes to whom it was for."""
    gate = world.server.hang()
    session = world.session()
    waiting = asyncio.create_task(session.token())
    await world.clock.settle()
    closing = asyncio.create_task(session.aclose())
    await world.clock.settle()
    assert not closing.done()
    gate.set()
    await closing
    assert (await world.stored()).access_token == "token-1"
    assert (await waiting).access_token == "token-1"


async def test_close_lets_a_background_refresh_finish(world):
    """Closing waits for a refresh that nobody waits for, so that a rotated refresh token is not lost."""
    session = world.session()
    await session.token()
    gate = world.server.hang()
    await world.clock.advance(2700)
    closing = asyncio.create_task(session.aclose())
    await world.clock.settle()
    assert not closing.done()
    gate.set()
    await closing
    assert (await world.stored()).refresh_token == "refresh-2"


@pytest.mark.parametrize("used", [True, False])
async def test_closed(world, base, used):
    """A closed session refuses every use, has closed its transport and stopped its timer, and may be closed again."""
    transport = StubTransport(otherwise=world.server)
    async with world.session(transport=transport) as session:
        if used:
            await session.token()
    await session.aclose()
    for call in (session.token(), session.ensure_token(), session.send(Request("GET", f"{base}/x"))):
        with pytest.raises(ClientClosed):
            await call
    await world.clock.advance(10_000)
    assert transport.closed
    assert (world.clock.sleepers, world.server.asked) == (0, int(used))


def test_one_loop_after_another(new_world):
    """The token outlives the loop it was fetched on; refreshes and the timer work on the next loop as on the first."""
    world = new_world()
    session = world.session()

    async def first():
        await session.token()
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert len(asyncio.run(first())) == 1

    async def second():
        assert at_once(session.token()).access_token == "token-1"
        await world.clock.advance(3600)
        assert (await session.token()).access_token == "token-2"
        await world.clock.advance(3600)
        assert at_once(session.token()).access_token == "token-3"
        await session.aclose()

    asyncio.run(second())


def test_loop_that_ends_in_the_middle(new_world):
    """A loop that ends during a token request leaves the session fit for the next loop."""
    world = new_world()
    session = world.session()

    async def interrupted():
        world.server.hang()
        waiting = asyncio.create_task(session.token())
        await world.clock.settle()
        assert not waiting.done()

    asyncio.run(interrupted())
    world.server.gate = None

    async def again():
        assert (await session.token()).access_token == "token-2"
        await session.aclose()

    asyncio.run(again())


@pytest.mark.parametrize(
    "origin",
    ["http://print.example", "http://localhost.evil", "http://127.0.0.1.evil", "https://ann:pw@print.example", "print"],
)
def test_origin_refused(world, origin):
    """A base URL that would send a token in the clear, or is no base URL, is refused when the session is made."""
    with pytest.raises(ValueError, match=r"http|user name"):
        world.session(origins=["https://print.example", origin])


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:1", "https://a.b/c/"])
def test_origin_accepted(world, origin):
    """Plain http is good enough for this machine."""
    world.session(origins=[origin])


def test_no_origin(world):
    """A session without a server has nowhere to get a token from."""
    with pytest.raises(ValueError, match="at least one origin"):
        world.session(origins=[])


async def test_keep_alive_off_makes_no_task(world):
    """Without the timer a session has no task when it is idle."""
    tasks = asyncio.all_tasks()
    await world.session(refresh=RefreshPolicy(keep_alive=False)).token()
    await world.clock.settle()
    assert asyncio.all_tasks() == tasks
