"""A thousand tasks and one credential."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from print_async.auth.refresh import RefreshPolicy
from print_async.errors import ConnectFailed, LoginRequired, TokenRequestFailed
from print_async.testing import token_response

MANY = 1000
HOUR = 3600.0


async def crowd(session):
    """Return a thousand tasks that all want a token."""
    tasks = [asyncio.create_task(session.token()) for _ in range(MANY)]
    await asyncio.sleep(0)
    return tasks


async def expire(world, **options):
    """Return a session whose first token has expired."""
    session = world.session(refresh=RefreshPolicy(keep_alive=False), **options)
    await session.token()
    await world.clock.advance(HOUR)
    return session


@pytest.mark.parametrize("signed_in", [False, True])
async def test_one_token_request(world, signed_in):
    """A thousand tasks without a token, or with an expired one, make one token request and all get its token."""
    session = await expire(world) if signed_in else world.session()
    before = world.server.asked
    gate = world.server.hang()
    tasks = await crowd(session)
    await world.clock.settle()
    assert world.server.asked == before + 1
    gate.set()
    tokens = await asyncio.gather(*tasks)
    assert {token.access_token.reveal() for token in tokens} == {f"token-{before + 1}"}
    assert world.server.asked == before + 1


async def cancel(world, victims):
    """Cancel those of a thousand waiters, and check that the rest and the exchange come to no harm."""
    session = await expire(world)
    gate = world.server.hang()
    tasks = await crowd(session)
    await world.clock.settle()
    for victim in victims:
        tasks[victim].cancel()
    await world.clock.settle()
    gate.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    await world.clock.settle()
    harmed = {place for place, outcome in enumerate(outcomes) if isinstance(outcome, asyncio.CancelledError)}
    assert harmed == set(victims)
    assert {token.generation for place, token in enumerate(outcomes) if place not in harmed} <= {2}
    assert (await world.stored()).access_token == "token-2"
    assert world.server.asked == 2
    assert (await session.token()).access_token == "token-2"


@pytest.mark.parametrize(
    "victims", [[0], [1], [500], [MANY - 1], range(999), range(MANY)], ids=["0", "1", "500", "999", "0-998", "all"]
)
async def test_cancelled_waiters(world, victims):
    """Cancelling the first waiter, the last, or all of them harms no other, and the token is fetched and saved."""
    await cancel(world, victims)


@settings(max_examples=5, deadline=None)
@given(victims=st.sets(st.integers(0, MANY - 1), max_size=50))
def test_any_cancelled_waiters(new_world, victims):
    """Whichever waiters are cancelled, the others get their token."""

    async def run():
        world = new_world()
        await cancel(world, victims)
        await world.aclose()

    asyncio.run(run())


async def test_stale_token_keeps_nobody_waiting(world):
    """While a refresh of a stale token hangs, a thousand callers get the token at once, and it is one request."""
    session = world.session(refresh=RefreshPolicy(keep_alive=False))
    await session.token()
    await world.clock.advance(2701)
    gate = world.server.hang()
    tasks = await crowd(session)
    assert all(task.done() for task in tasks), "nobody suspends"
    assert {task.result().access_token.reveal() for task in tasks} == {"token-1"}
    await world.clock.settle()
    assert world.server.asked == 2
    gate.set()
    await world.clock.settle()
    assert (await session.token()).access_token == "token-2"
    assert world.server.asked == 2


@pytest.mark.parametrize("unattended", [True, False])
@pytest.mark.parametrize("signed_in", [True, False])
async def test_dead_credential(world, fake_grant, invalid_grant, unattended, signed_in):
    """A refused credential is asked about once for a thousand waiters, who all get an error of their own, for good."""
    server, grant = world.server, fake_grant(unattended=unattended)
    server.otherwise = invalid_grant
    if signed_in:
        server.script = [token_response("token-1", refresh_token=None if unattended else "refresh-1")]
    session = await expire(world, grant=grant) if signed_in else world.session(grant=grant)
    before = server.asked
    outcomes = await asyncio.gather(*await crowd(session), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {LoginRequired}
    assert {outcome.error for outcome in outcomes} == {"invalid_grant"}
    assert len({id(outcome) for outcome in outcomes}) == MANY
    assert server.asked == before + 1
    for hours in (0.0, 0.001, 1, 24):
        await world.clock.advance(hours * HOUR)
        with pytest.raises(LoginRequired, match="invalid_grant"):
            await session.token()
    assert server.asked == before + 1


async def test_refused_refresh_signs_in_once(world, invalid_grant):
    """A thousand waiters whose refresh token is refused cause one refresh and one sign-in, if nobody need be there."""
    session = await expire(world)
    world.server.script = [invalid_grant]
    tokens = await asyncio.gather(*await crowd(session))
    assert {token.generation for token in tokens} == {2}
    assert [request["grant_type"] for request in world.server.token_requests] == [
        "password",
        "refresh_token",
        "password",
    ]


async def test_failure_in_transit_is_shared(world):
    """A token request that fails fails for a thousand waiters with one request, and each has an error of its own."""
    session = await expire(world)
    world.server.otherwise = down = ConnectFailed("down", sent=False)
    for _ in range(2):
        outcomes = await asyncio.gather(*await crowd(session), return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {TokenRequestFailed}
        assert len({id(outcome) for outcome in outcomes}) == MANY
        assert all(outcome.__cause__ is down for outcome in outcomes)
    assert world.server.asked == 2
