"""The wall clock is wrong, or is set: under a session, between two runs, or between two machines with one store."""

import asyncio

import attrs
import pytest

from print_async.testing import VirtualClock, json_response
from print_async.wire import Request

HOUR = 3600.0
RUNS = 6
"""How many lifetimes a session is watched: long enough to tell a storm from a request too many."""

pytestmark = pytest.mark.parametrize("lifetime", [5.0, 1800.0, 3600.0])
either_way = pytest.mark.parametrize("shift", [-HOUR, HOUR], ids=["back", "forward"])


@attrs.frozen
class Shifted:
    """The clock of a machine whose wall clock is wrong."""

    clock: VirtualClock
    by: float

    def time(self) -> float:
        """Return the wrong time."""
        return self.clock.time() + self.by

    def monotonic(self) -> float:
        """Return the true one."""
        return self.clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Sleep as long as it takes."""
        await self.clock.sleep(seconds)


def shift_wall_clock(world, by):
    """Set the wall clock, as an administrator would."""
    world.clock.set_wall_clock(world.clock.time() + by)


def life_left(world, access_token):
    """Return the seconds for which the server will take that token, by no wall clock at all."""
    number = int(access_token.rpartition("-")[2])
    return world.server.asked_at[number - 1] + world.server.lifetime - world.clock.monotonic()


def refuse_the_dead(world):
    """Let the API answer 401 to a token that has expired."""

    def answer(request):
        token = request.headers["Authorization"].reveal()
        return json_response({}, 200 if life_left(world, token) > 0 else 401)

    world.server.api = answer


async def use(world, *sessions, lifetimes=RUNS):
    """Ask each session for a token, twenty times a lifetime; return how long the worst of them still had to live."""
    worst = world.server.lifetime
    for _ in range(int(lifetimes * 20)):
        tokens = await asyncio.gather(*(session.token() for session in sessions))
        worst = min(worst, *(life_left(world, token.access_token.reveal()) for token in tokens))
        await world.clock.advance(world.server.lifetime / 20)
    return worst


def check_spent_once(world):
    """No refresh token was spent twice."""
    spent = [request["refresh_token"] for request in world.server.token_requests if "refresh_token" in request]
    assert len(set(spent)) == len(spent)


@either_way
async def test_set_while_running(world, lifetime, shift):
    """A running session goes by the monotonic clock: it refreshes when it would have, whatever is set when."""
    world.server.lifetime = lifetime
    session = world.session()
    for _ in range(4):
        await use(world, session, lifetimes=0.6)
        shift_wall_clock(world, shift)
        assert await use(world, session, lifetimes=0.6) > 0
    assert world.server.asked_at == [pytest.approx(0.75 * lifetime * number) for number in range(world.server.asked)]
    assert world.server.asked == 7


@either_way
async def test_set_under_two_sessions(world, lifetime, shift):
    """If it is set between a refresh and its sibling's look at the result, one token is fetched too many, and no more.

    What the store has of the time before says nothing then; after one refresh it does again.
    """
    world.server.lifetime = lifetime
    early, late = world.session(draw=lambda: 0.0), world.session(draw=lambda: 1.0)
    await asyncio.gather(early.token(), late.token())
    await world.clock.advance(0.75 * lifetime)
    assert (world.server.asked, early.token_info.generation, late.token_info.generation) == (2, 2, 1)
    shift_wall_clock(world, shift)
    await world.clock.advance(0.1 * lifetime)
    assert world.server.asked == 3
    assert await use(world, early, late) > 0
    assert world.server.asked <= 3 + 1 + RUNS / 0.7
    check_spent_once(world)


@either_way
async def test_set_between_runs(world, lifetime, shift):
    """A stored token that seems to be from the future, or older than it is, is refreshed once, and all is well."""
    world.server.lifetime = lifetime
    async with world.session() as session:
        await session.token()
    await world.clock.advance(0.1 * lifetime)
    shift_wall_clock(world, shift)
    session = world.session()
    assert (await session.token()).access_token == "token-2"
    assert world.server.token_requests[1]["refresh_token"] == "refresh-1"
    assert await use(world, session) > 0
    assert world.server.asked == pytest.approx(2 + RUNS / 0.75, abs=1)
    check_spent_once(world)


async def test_dead_token_that_seems_alive(world, base, lifetime):
    """Set back so that a dead token seems young, the clock costs one 401 and one token request, and no caller."""
    world.server.lifetime = lifetime
    refuse_the_dead(world)
    async with world.session() as session:
        await session.token()
    await world.clock.advance(1.5 * lifetime)
    shift_wall_clock(world, -1.3 * lifetime)
    session = world.session()
    answers = await asyncio.gather(*(session.send(Request("GET", f"{base}/users")) for _ in range(100)))
    assert {answer.status for answer in answers} == {200}
    assert (world.server.asked, set(world.server.shown)) == (2, {"token-1", "token-2"})
    assert await use(world, session) > 0
    assert world.server.asked == pytest.approx(2 + RUNS / 0.75, abs=1)
    check_spent_once(world)


@pytest.mark.parametrize("by", [-HOUR, HOUR, -1000.0, 1000.0], ids="{:g} s".format)
@pytest.mark.parametrize("each", [1, 2], ids="{} a machine".format)
async def test_two_machines_that_differ(world, base, lifetime, by, each):
    """Machines with one store that disagree about the time do not fight: at most, each session refreshes for itself.

    A token of the other machine's may seem too old, or younger than it is, and then a 401 tells.
    """
    world.server.lifetime = lifetime
    refuse_the_dead(world)
    clocks = [world.clock, Shifted(world.clock, by)] * each
    draws = [number / len(clocks) for number in range(len(clocks))]
    sessions = [
        world.session(clock=clock, draw=lambda draw=draw: draw) for clock, draw in zip(clocks, draws, strict=True)
    ]
    for _ in range(RUNS * 20):
        answers = await asyncio.gather(*(session.send(Request("GET", f"{base}/users")) for session in sessions))
        assert {answer.status for answer in answers} == {200}
        await world.clock.advance(lifetime / 20)
    assert world.server.asked <= len(sessions) * (2 + RUNS / 0.7)
    assert sum(session.statistics.unauthorized for session in sessions) <= len(sessions) * RUNS / 0.7
    check_spent_once(world)
