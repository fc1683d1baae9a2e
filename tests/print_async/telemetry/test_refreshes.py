"""What is told of tokens, and of limits."""

import asyncio

import pytest

from print_async.errors import ConnectFailed, LoginRequired, TokenRequestFailed
from print_async.telemetry import LimitChange, RefreshEvent, RequestEvent, RetryEvent
from print_async.testing import json_response
from print_async.wire import Request
from tests.print_async.auth.conftest import FakeGrant, World

GET = Request("GET", "https://print.example/api/users")


@pytest.fixture
async def world():
    """A token endpoint that takes two seconds."""
    made = World()
    made.server.latency = 2.0
    yield made
    await made.aclose()


async def test_where_tokens_are_from(world, heard):
    """A sign-in, a refresh, and a token that a sibling left in the store are told of as such, with their time."""
    session = world.session(hooks=[heard.hooks])
    for _ in range(2):
        wanted = asyncio.ensure_future(session.token())
        await world.clock.advance(2)
        session.invalidate((await wanted).generation)
        await world.clock.advance(60)
    await world.put(world.token(generation=9))
    session.invalidate(2)
    await session.token()

    told = [(event.outcome, event.seconds, event.generation, event.error) for event in heard.events]
    assert told == [("sign-in", 2.0, 1, None), ("refresh", 2.0, 2, None), ("store", 0.0, 9, None)]
    assert all(event.usable for event in heard.events)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (json_response({"error": "invalid_grant"}, 400), LoginRequired),
        (json_response({"error": "server_error"}, 503), TokenRequestFailed),
        (ConnectFailed("refused"), TokenRequestFailed),
    ],
)
async def test_no_token(world, heard, answer, error):
    """An attempt that fails is told of once, with the error that all who wait for it get."""
    world.server.otherwise, world.server.latency = answer, 0.0
    session = world.session(grant=FakeGrant(unattended=False), hooks=[heard.hooks])
    outcomes = await asyncio.gather(*(session.token() for _ in range(5)), return_exceptions=True)

    (event,) = heard.events
    assert (event.outcome, event.seconds, event.generation, event.usable) == ("failed", 0.0, None, False)
    assert {type(event.error), *map(type, outcomes)} == {error}
    assert {str(event.error), *map(str, outcomes)} == {str(event.error)}


async def test_a_refresh_that_fails_early(world, heard):
    """A refresh that fails while the token is still good says that there is one to go on with."""
    world.server.latency = 0.0
    session = world.session(hooks=[heard.hooks])
    await session.token()
    world.server.otherwise = ConnectFailed("refused")
    await world.clock.advance(4000)

    usable = [event.usable for event in heard.events if event.outcome == "failed"]
    assert len(usable) > 5
    assert usable == sorted(usable, reverse=True)
    assert set(usable) == {True, False}


async def test_signing_in_anew(world, heard):
    """A sign-in that somebody asks for is told of like any other; one that fails only raises."""
    session = world.session(hooks=[heard.hooks])
    wanted = asyncio.ensure_future(session.sign_in(FakeGrant(identity="other")))
    await world.clock.advance(2)
    await wanted
    world.server.otherwise, world.server.latency = json_response({"error": "invalid_grant"}, 400), 0.0
    with pytest.raises(LoginRequired):
        await session.sign_in(FakeGrant(identity="other"))

    assert [(event.outcome, event.seconds, event.generation) for event in heard.events] == [("sign-in", 2.0, 1)]


async def test_a_retry_for_want_of_a_token(rig, heard):
    """A call that is tried again because there was no token was not sent, and its retry says so."""
    made = rig(json_response({}), hooks=[heard.hooks])
    route = made.transport._otherwise
    made.transport._answers, made.transport._otherwise = [ConnectFailed("refused"), route, route], route
    await made.caller.send(GET, idempotent=False)

    failed, retry, *_ = [event for event in heard.events if isinstance(event, RefreshEvent | RetryEvent)]
    assert (failed.outcome, retry.attempt) == ("failed", 0)
    assert isinstance(retry.error, TokenRequestFailed)
    assert [sent.attempt for sent in heard.of(RequestEvent)] == [1]


async def test_a_limit(rig, heard):
    """A change of a server's limit is told to those who want to know."""
    change = LimitChange("https://print.example", 8, 64, 60, "429")
    rig(hooks=[heard.hooks]).session.teller.limit(change)

    assert heard.events == [change]
