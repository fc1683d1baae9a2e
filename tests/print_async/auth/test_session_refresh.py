"""What happens to the token as time passes."""

import asyncio

import pytest

from print_async.auth.refresh import RefreshPolicy

IDLE = RefreshPolicy(keep_alive=False)


async def test_stale_token_is_refreshed_behind_the_caller(world):
    """The first caller past the refresh point gets the old token, and a later one the new."""
    session = world.session(refresh=IDLE)
    await session.token()
    await world.clock.advance(2700)
    assert world.server.asked == 1
    assert (await session.token()).access_token == "token-1"
    await world.clock.settle()
    assert (await session.token()).access_token == "token-2"
    assert world.server.asked == 2


async def test_timer_keeps_an_idle_session_alive(world, fake_grant):
    """With nobody asking, the token is refreshed as long as the session lives, and each refresh token spent once."""
    session = world.session(grant=fake_grant(unattended=False))
    await session.token()
    await world.clock.advance(50 * 3600)
    assert world.server.asked == 1 + 50 * 3600 // 2700
    spent = [request["refresh_token"] for request in world.server.token_requests[1:]]
    assert spent == [f"refresh-{number}" for number in range(1, world.server.asked)]
    assert world.server.asked_at == [2700 * number for number in range(world.server.asked)]


async def test_no_timer(world):
    """Without keep-alive an idle session sends nothing, and the next caller waits for a new token."""
    session = world.session(refresh=IDLE)
    await session.token()
    await world.clock.advance(100_000)
    assert (world.server.asked, world.clock.sleepers) == (1, 0)
    assert (await session.token()).access_token == "token-2"


async def test_timer_follows_the_token(world):
    """If a token of shorter life replaces the one the timer was set for, it is refreshed in its own time."""
    session = world.session()
    await session.token()
    world.server.lifetime = 60
    session.invalidate(1)
    assert (await session.token()).access_token == "token-2"
    await world.clock.advance(300)
    assert world.server.asked == 2 + 300 // 45


@pytest.mark.parametrize("draw", [0.0, 0.3, 1.0])
async def test_jitter(world, draw):
    """The timer fires where the jitter put the refresh, within five percent of the token's life."""
    await world.session(draw=lambda: draw).token()
    await world.clock.advance(2879.9)
    assert world.server.asked_at[1:] == ([] if draw == 1.0 else [pytest.approx(2520 + 360 * draw)])
    await world.clock.advance(0.2)
    assert world.server.asked == 2


@pytest.mark.parametrize("lifetime", [2, 5])
@pytest.mark.parametrize("keep_alive", [True, False])
@pytest.mark.parametrize("latency", [0.0, 0.2])
async def test_short_tokens_never_expire_in_the_hand(world, lifetime, keep_alive, latency):
    """Tokens of two and five seconds are always good when they are handed out, however the callers come."""
    world.server.lifetime, world.server.latency = lifetime, latency
    session = world.session(refresh=RefreshPolicy(keep_alive=keep_alive))
    left = []

    async def use():
        while True:
            token = await session.token()
            left.append(token.issued_at + token.expires_in - world.clock.time())
            await world.clock.sleep(0.13)

    user = asyncio.create_task(use())
    await world.clock.advance(10)
    user.cancel()
    assert len(left) > 50
    assert min(left) >= 0.1 * lifetime - 1e-6
    assert world.server.asked <= 10 / (0.7 * lifetime) + 1


@pytest.mark.parametrize("lifetime", [0, 0.01, 0.9])
async def test_born_stale(world, lifetime):
    """A token that is all but expired when it comes is taken and used, and no other asked for within a second."""
    world.server.lifetime = lifetime
    session = world.session(refresh=IDLE)
    for number in (1, 2, 3):
        for _ in range(20):
            assert (await session.token()).access_token == f"token-{number}"
            await world.clock.advance(0.0499)
        assert world.server.asked == number
        await world.clock.advance(0.1)


async def test_timer_with_tokens_born_stale(world):
    """The timer, too, asks for tokens without a life no more than once a second."""
    world.server.lifetime = 0
    await world.session().token()
    await world.clock.advance(10)
    assert world.server.asked_at == pytest.approx(list(range(11)))
