"""What happens as token requests fail."""

from contextlib import asynccontextmanager, suppress
from itertools import pairwise

import pytest

from print_async.auth.refresh import RefreshPolicy
from print_async.auth.stores.memory import MemoryTokenStore
from print_async.errors import ConnectFailed, TokenRequestFailed
from print_async.testing import json_response, token_response

DOWN = ConnectFailed("down", sent=False)
IDLE = RefreshPolicy(keep_alive=False)


async def test_backoff_grows(world):
    """Failed refreshes are repeated after pauses that double up to a minute, and a stale token is handed out."""
    session = world.session()
    await session.token()
    world.server.otherwise = DOWN
    await world.clock.advance(2700)
    for _ in range(60):
        assert (await session.token()).access_token == "token-1"
        await world.clock.advance(5)
    times = world.server.asked_at[1:]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert pauses == pytest.approx([1, 2, 4, 8, 16, 32, 60, 60, 60])


async def test_recovery(world):
    """When the server is back, the next attempt brings a token, and the backoff begins anew with the next failure."""
    session = world.session()
    await session.token()
    world.server.otherwise = DOWN
    await world.clock.advance(4000)
    with pytest.raises(TokenRequestFailed):
        await session.token()
    world.server.otherwise = None
    await world.clock.advance(60)
    assert (await session.token()).generation == 2
    world.server.otherwise, before = DOWN, world.server.asked
    await world.clock.advance(2700)
    times = world.server.asked_at[before:]
    assert times[1] - times[0] == pytest.approx(1)


async def test_expired_and_failing(world):
    """With an expired token every caller gets the error of the last attempt, and none sends during the pause."""
    session = world.session(refresh=IDLE)
    await session.token()
    await world.clock.advance(3600)
    world.server.otherwise = DOWN
    errors = []
    for _ in range(10):
        with pytest.raises(TokenRequestFailed, match="down") as caught:
            await session.token()
        errors.append(caught.value)
        await world.clock.advance(0.09)
    assert world.server.asked == 2
    assert len({id(error) for error in errors}) == 10
    assert {id(error.__cause__) for error in errors} == {id(DOWN)}
    world.server.otherwise = None
    await world.clock.advance(0.11)
    assert (await session.token()).generation == 2


@pytest.mark.parametrize(("age", "keep_alive"), [(2700, True), (2700, False), (3600, False)])
async def test_retry_after(world, age, keep_alive):
    """The server's Retry-After is waited out, by callers and timer, though the backoff would be over long before."""
    session = world.session(refresh=RefreshPolicy(keep_alive=keep_alive))
    world.server.script = [
        token_response("token-1"),
        json_response({"error": "slow_down"}, 429, {"Retry-After": "100"}),
    ]
    await session.token()
    await world.clock.advance(age)
    for _ in range(11):
        with suppress(TokenRequestFailed):
            assert (await session.token()).access_token == "token-1"
        await world.clock.advance(9)
    assert world.server.asked == 2
    await world.clock.advance(1)
    with suppress(TokenRequestFailed):
        await session.token()
    await world.clock.settle()
    assert world.server.asked == 3
    assert (await session.token()).generation == 2


async def test_rejection_does_not_undercut_retry_after(world):
    """A 401 that straggles in while the token endpoint has asked for patience does not cause another token request."""
    session = world.session(refresh=IDLE)
    await session.token()
    world.server.script = [json_response({"error": "slow_down"}, 429, {"Retry-After": "60"})]
    for _ in range(10):
        session.invalidate(1)
        with pytest.raises(TokenRequestFailed):
            await session.token()
        await world.clock.advance(5)
    assert world.server.asked == 2


class FullDisk(MemoryTokenStore):
    """Cannot save while it is full."""

    full = False

    @asynccontextmanager
    async def hold(self, identity):
        """Give itself for a slot."""
        async with super().hold(identity) as slot:
            self.slot = slot
            yield self

    async def load(self):
        """Return the last one."""
        return await self.slot.load()

    async def save(self, token):
        """Save, or fail."""
        if self.full:
            raise OSError("no space left on device")
        await self.slot.save(token)

    async def note(self, at):
        """Pass on."""
        await self.slot.note(at)

    async def noted(self):
        """Pass on."""
        return await self.slot.noted()


class Unreadable(MemoryTokenStore):
    """Cannot even be opened."""

    @asynccontextmanager
    async def hold(self, identity):
        """Fail."""
        raise OSError("permission denied")
        yield


async def test_token_that_cannot_be_saved_is_not_lost(world, caplog):
    """If a token cannot be saved, it is used all the same, for the one before it is spent; the log says so."""
    store = FullDisk()
    store.full = True
    session = world.session(store=store, refresh=IDLE)
    tokens = [await session.token() for _ in range(20)]
    assert {token.access_token for token in tokens} == {"token-1"}
    assert world.server.asked == 1
    assert "in this process's memory only" in caplog.text


async def test_refresh_after_a_store_that_failed(world):
    """The refresh after a failed save spends the newest refresh token, and is saved."""
    store = FullDisk()
    session = world.session(store=store)
    await session.token()
    store.full = True
    await world.clock.advance(2700)
    store.full = False
    await world.clock.advance(2700)
    assert [request.get("refresh_token") for request in world.server.token_requests] == [None, "refresh-1", "refresh-2"]
    assert (await store.slot.load()).generation == 3


async def test_store_that_cannot_be_opened_causes_no_storm(world):
    """If the store cannot be read, callers get a typed error, and attempts follow after growing pauses."""
    session = world.session(store=Unreadable(), refresh=IDLE)
    for _ in range(20):
        with pytest.raises(TokenRequestFailed, match="permission denied"):
            await session.token()
    assert world.server.asked == 0
