"""Signing out."""

import pytest

from print_async.errors import ConnectFailed, LoginRequired, TokenRequestFailed
from print_async.testing import StubTransport
from print_async.wire import Response


async def test_signing_out_forgets_everything(world):
    """After signing out the store is empty, and the session asks for a new sign-in without a token request."""
    session = world.session()
    await session.token()
    await session.revoke()
    assert await world.stored() is None
    with pytest.raises(LoginRequired, match="signed out"):
        await session.token()
    assert world.server.asked == 1


async def test_it_is_safe_to_repeat(world):
    """Signing out twice, or without ever having signed in, is no error."""
    session = world.session()
    await session.revoke()
    await session.revoke()
    assert world.server.asked == 0


@pytest.mark.parametrize("answer", [ConnectFailed("down"), Response(503)], ids=["down", "503"])
async def test_a_server_that_cannot_be_told(world, fake_grant, answer):
    """If the server cannot be told, nothing is forgotten, the session goes on, and signing out can be tried again."""
    transport = StubTransport(otherwise=world.server)
    session = world.session(grant=fake_grant(revokes=True), transport=transport)
    token = await session.token()
    transport._answers[:] = [answer]
    with pytest.raises(TokenRequestFailed, match="Nothing was forgotten"):
        await session.revoke()
    assert (await session.token()).generation == token.generation
    assert (await world.stored()).generation == token.generation
    transport._answers[:] = [Response(200)]
    await session.revoke()
    assert await world.stored() is None
    assert transport.requests[-1].url.endswith("/revoke")


async def test_the_timer_ends(world):
    """After signing out nothing is refreshed any more."""
    session = world.session()
    await session.token()
    await session.revoke()
    await world.clock.advance(100_000)
    assert world.server.asked == 1
