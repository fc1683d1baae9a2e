"""Signing in anew with another grant, into the place of a stored credential."""

import asyncio

import attrs
import pytest

from print_async.auth.grant import not_signed_in
from print_async.errors import ClientClosed, ConnectFailed, LoginRequired, TokenRequestFailed, TokenStoreError


@pytest.fixture
def stored_grant(fake_grant):
    """Make a grant that has nothing to sign in with."""

    @attrs.frozen
    class StoredGrant(fake_grant):
        unattended: bool = False
        identity: str = "fake:name:anna"

        def sign_in(self, base):
            raise not_signed_in("anna")

    return StoredGrant()


async def test_nobody_has_signed_in(world, stored_grant):
    """Without a stored token it is `LoginRequired`, which says what to do, and nothing is sent."""
    session = world.session(grant=stored_grant)
    for _ in range(3):
        with pytest.raises(LoginRequired, match="nobody has signed in as 'anna'") as refused:
            await session.token()
        assert refused.value.error == "not_signed_in"
    assert world.server.asked == 0


async def test_signing_in(world, stored_grant, fake_grant):
    """What another grant gives is used, kept under the stored credential's name, and refreshed from there."""
    session = world.session(grant=stored_grant)
    info = await session.sign_in(fake_grant(unattended=False))
    assert (info.source, info.generation) == ("sign-in", 1)
    assert (await world.stored(stored_grant)).access_token == "token-1"
    assert await world.stored(fake_grant()) is None
    await world.clock.advance(3000)
    assert (await session.token()).access_token == "token-2"
    assert world.server.token_requests[-1]["refresh_token"] == "refresh-1"


async def test_the_next_process_finds_it(world, stored_grant, fake_grant):
    """A session that comes later, and one that was refused before, find what was signed in, without a token request."""
    early, later = world.session(grant=stored_grant), world.session(grant=stored_grant)
    with pytest.raises(LoginRequired):
        await early.token()
    await world.session(grant=stored_grant).sign_in(fake_grant())
    await world.clock.advance(2)
    assert (await later.token()).access_token == (await early.token()).access_token == "token-1"
    assert world.server.asked == 1


async def test_it_mends_a_refused_credential(world, stored_grant, fake_grant, invalid_grant):
    """After a refusal for good, signing in takes the place of the dead token, and refreshes go on from there."""
    await world.put(world.token(age=4000, refresh="dead", generation=5), stored_grant)
    world.server.script = [invalid_grant]
    session = world.session(grant=stored_grant)
    with pytest.raises(LoginRequired):
        await session.token()
    assert (await session.sign_in(fake_grant())).generation == 6
    await world.clock.advance(3000)
    await session.token()
    assert world.server.token_requests[-1]["refresh_token"] == "refresh-2"


async def test_after_signing_out(world, stored_grant, fake_grant, invalid_grant):
    """A session that was refused, and signed out, can be signed in again, and forgets the old refusal."""
    await world.put(world.token(age=4000, refresh="dead", generation=5), stored_grant)
    world.server.script = [invalid_grant]
    session = world.session(grant=stored_grant)
    with pytest.raises(LoginRequired):
        await session.token()
    await session.revoke()
    assert (await session.sign_in(fake_grant())).generation == 1
    await world.clock.advance(4000)
    assert (await session.token()).generation == 2


async def test_a_refused_sign_in_changes_nothing(world, stored_grant, fake_grant, invalid_grant):
    """Where the server refuses the grant, or cannot be reached, what was there before stays and is used."""
    await world.put(world.token(refresh="good"), stored_grant)
    session = world.session(grant=stored_grant)
    for answer, error in ((invalid_grant, LoginRequired), (ConnectFailed("down"), TokenRequestFailed)):
        world.server.script = [answer]
        with pytest.raises(error):
            await session.sign_in(fake_grant())
        assert (await session.token()).access_token == "stored"
    await world.clock.advance(3000)
    assert (await session.token()).access_token == "token-3"


async def test_a_sign_in_that_cannot_be_saved(world, stored_grant, fake_grant):
    """A store that fails fails the sign-in: a login that is forgotten at once would be none."""

    class Broken(type(world.store)):
        def hold(self, identity):
            raise TokenStoreError("the disk is full")

    session = world.session(grant=stored_grant, store=Broken())
    with pytest.raises(TokenStoreError, match="the disk is full"):
        await session.sign_in(fake_grant())


async def test_cancelled_while_signing_in(world, stored_grant, fake_grant):
    """A caller who is cancelled loses nothing: the token is in the store, and the session finds it there."""
    gate = world.server.hang()
    session = world.session(grant=stored_grant)
    signing_in = asyncio.create_task(session.sign_in(fake_grant(unattended=False)))
    await world.clock.advance(0)
    signing_in.cancel()
    await world.clock.advance(0)
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await signing_in
    assert (await session.token()).access_token == "token-1"
    assert world.server.asked == 1


async def test_two_sign_ins_at_once(world, stored_grant, fake_grant):
    """Of two sign-ins at once, in two sessions, the later is the successor of the earlier."""
    first, second = world.session(grant=stored_grant), world.session(grant=stored_grant)
    infos = await asyncio.gather(first.sign_in(fake_grant()), second.sign_in(fake_grant()))
    assert sorted(info.generation for info in infos) == [1, 2]


async def test_a_closed_session(world, stored_grant, fake_grant):
    """A closed session signs nobody in, and says so before anything is sent."""
    session = world.session(grant=stored_grant)
    await session.aclose()
    with pytest.raises(ClientClosed):
        await session.sign_in(fake_grant())
    assert world.server.asked == 0
