"""The note that a credential is about to be spent: what the next owner knows of one who never came back."""

import asyncio
from datetime import UTC, datetime

import pytest

from print_async.errors import (
    ClientClosed,
    ConnectFailed,
    ConnectionLost,
    LoginRequired,
    TokenRequestFailed,
    TransportTimeout,
)
from print_async.testing import json_response

REFUSAL = {"error": "invalid_grant", "error_description": "revoked"}


def key(fake_grant, base):
    """Name the credential as a session does."""
    return f"{fake_grant().identity}@{base}"


@pytest.fixture
def noted(world, fake_grant, base):
    """Look for the note."""

    async def noted():
        async with world.store.hold(key(fake_grant, base)) as slot:
            return await slot.noted()

    return noted


@pytest.fixture
def person(fake_grant):
    """A grant that needs a person, as those do whose refresh token is all there is."""
    return fake_grant(unattended=False)


@pytest.fixture
async def expired(world):
    """A token in the store that has to be refreshed, saved when the clock stood at that time."""
    await world.put(world.token("old", age=4000, refresh="refresh-0"))
    return world.clock.time()


async def peek(world, fake_grant, base):
    """Read the note of a credential that somebody is holding."""
    return world.store._records[key(fake_grant, base)].noted_at


async def test_noted_before_the_request_and_dropped_after_success(world, fake_grant, base, person, expired, noted):
    """The note is in the store before the request goes out, and gone with the new token."""
    gate = world.server.hang()
    asking = asyncio.create_task(world.session(grant=person).token())
    await world.clock.settle()

    assert world.server.asked == 1
    assert await peek(world, fake_grant, base) == expired

    gate.set()
    assert (await asking).access_token == "token-1"
    assert await noted() is None


@pytest.mark.parametrize(
    ("failure", "kept"),
    [
        (ConnectionLost("reset"), True),
        (TransportTimeout("read"), True),
        (TransportTimeout("connect", sent=False), False),
        (ConnectFailed("refused"), False),
        (json_response({}, 503), False),
        (json_response({"error": "temporarily_unavailable"}, 400), False),
        (json_response({}, 429), False),
        (json_response(REFUSAL, 400), False),
    ],
    ids=lambda value: None if isinstance(value, bool) else f"{type(value).__name__}-{getattr(value, 'status', value)}",
)
async def test_what_becomes_of_the_note(world, person, expired, noted, failure, kept):
    """The note stays where the answer was lost, and goes where there was one, or nothing was sent."""
    world.server.script = [failure]
    with pytest.raises((TokenRequestFailed, LoginRequired)):
        await world.session(grant=person).token()

    assert await noted() == (expired if kept else None)


async def test_nothing_was_sent_by_a_closed_transport(world, person, expired, noted):
    """A transport that was closed sends nothing, so no note stays."""
    world.server.script = [ClientClosed("the transport is closed")]
    with pytest.raises(ClientClosed):
        await world.session(grant=person).token()

    assert await noted() is None


async def test_cancelled_on_the_way(world, fake_grant, base, person, expired, noted):
    """An event loop that ends, and cancels the request on its way, leaves the note."""
    world.server.hang()
    session = world.session(grant=person)
    asking = asyncio.create_task(session.token())
    await world.clock.settle()
    session._flight._task.cancel()
    with pytest.raises(ClientClosed):
        await asking

    assert await noted() == expired


async def leave_note(world, fake_grant, base, at):
    """Die after the note."""
    async with world.store.hold(key(fake_grant, base)) as slot:
        await slot.note(at)


async def test_next_owner_tries_once(world, fake_grant, base, person, expired, noted):
    """A token under somebody's note is tried, and if the server takes it, all is well."""
    await leave_note(world, fake_grant, base, expired - 60)

    assert (await world.session(grant=person).token()).access_token == "token-1"
    assert world.server.asked == 1
    assert await noted() is None


@pytest.mark.parametrize("stored", [True, False])
async def test_next_owner_is_refused(world, fake_grant, base, person, stored):
    """Refused, it says when the answer was lost, asks no more, and so does the owner after it."""
    if stored:
        await world.put(world.token("old", age=4000, refresh="refresh-0"))
    lost_at = world.clock.time() - 60.5
    await leave_note(world, fake_grant, base, lost_at)
    world.server.otherwise = json_response(REFUSAL, 400)
    session = world.session(grant=person)
    for _ in range(3):
        with pytest.raises(LoginRequired) as caught:
            await session.token()
        assert caught.value.lost_at == lost_at
        assert datetime.fromtimestamp(lost_at, UTC).isoformat(" ", "seconds") in str(caught.value)
        assert (caught.value.error, caught.value.description) == ("invalid_grant", "revoked")
        assert "sign in" in str(caught.value)
        assert "refresh-0" not in str(caught.value)
        await world.clock.advance(10)
    assert world.server.asked == 1

    with pytest.raises(LoginRequired) as caught:
        await world.session(grant=person).token()
    assert caught.value.lost_at == lost_at


@pytest.mark.parametrize(
    "then", [ConnectionLost("again"), ConnectFailed("refused"), json_response({}, 503)], ids=["lost", "unsent", "503"]
)
async def test_first_time_is_kept(world, fake_grant, base, person, expired, noted, then):
    """Where the token was under a note already, that note stays, with its time, however the next attempt fails."""
    await leave_note(world, fake_grant, base, expired - 60)
    world.server.script = [then]
    with pytest.raises(TokenRequestFailed):
        await world.session(grant=person).token()

    assert await noted() == expired - 60


async def test_refused_without_a_note(world, person, expired):
    """A refusal out of the blue is a revocation: it names no lost answer."""
    world.server.otherwise = json_response(REFUSAL, 400)
    with pytest.raises(LoginRequired) as caught:
        await world.session(grant=person).token()

    assert caught.value.lost_at is None
    assert "lost" not in str(caught.value)


async def test_lost_then_refused_in_one_session(world, person, expired):
    """A session whose own answer was lost says so when the server refuses its second attempt."""
    world.server.script = [ConnectionLost("reset"), json_response(REFUSAL, 400)]
    session = world.session(grant=person)
    with pytest.raises(TokenRequestFailed):
        await session.token()
    await world.clock.advance(5)
    with pytest.raises(LoginRequired) as caught:
        await session.token()

    assert caught.value.lost_at == expired


async def test_signing_in_again_needs_no_note(world, fake_grant, noted):
    """What can be sent as often as one likes is not noted."""
    world.server.script = [ConnectionLost("reset")]
    with pytest.raises(TokenRequestFailed):
        await world.session(grant=fake_grant()).token()

    assert await noted() is None


async def test_unattended_grant_goes_on_after_a_lost_answer(world, fake_grant, base, expired, noted):
    """A grant that needs no person signs in again when the noted refresh token is refused, and the note is gone."""
    await leave_note(world, fake_grant, base, expired - 60)
    world.server.script = [json_response(REFUSAL, 400)]

    assert (await world.session().token()).access_token == "token-2"
    assert await noted() is None
