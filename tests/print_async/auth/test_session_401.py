"""What a 401 from the API does."""

import asyncio

import pytest

from print_async.auth.refresh import RefreshPolicy
from print_async.errors import LoginRequired, TokenRequestFailed
from print_async.testing import json_response
from print_async.wire import Body, Request, Response

GET = Request("GET", "https://print.example/v1/users?page=2", {"Accept": "application/json"})
IDLE = RefreshPolicy(keep_alive=False)


def unauthorized(request):
    """Refuse every token."""
    return Response(401)


def revoke(server, *tokens):
    """Let the API refuse those tokens."""
    refused = {f"Bearer {token}" for token in tokens}
    server.api = lambda request: Response(401 if request.headers["Authorization"] in refused else 200)


async def test_401_is_retried_once(world):
    """A 401 brings a new token, and the same request goes out with it."""
    revoke(world.server, "token-1")
    body = Body.json({"a": 1})
    response = await world.session().send(Request("PUT", GET.url, GET.headers, body))
    first, second = world.server.api_requests
    assert response.status == 200
    assert world.server.shown == ["token-1", "token-2"]
    assert (second.method, second.url, second.body) == (first.method, first.url, body)


async def test_second_401_is_returned(world):
    """If the new token is refused as well, the caller gets that 401."""
    world.server.api = unauthorized
    assert (await world.session().send(GET)).status == 401
    assert world.server.shown == ["token-1", "token-2"]


async def test_401_to_everything_causes_no_storm(world):
    """A server that refuses every token is asked for a new one no more than once in `min_interval`."""
    world.server.api = unauthorized
    session = world.session()
    for _ in range(5):
        for response in await asyncio.gather(*(session.send(GET) for _ in range(100))):
            assert response.status == 401
    assert world.server.asked == 2
    for _ in range(100):
        await session.send(GET)
        await world.clock.advance(0.1)
    assert world.server.asked <= 2 + 10


@pytest.mark.parametrize("spread", [0.0, 0.05], ids=["together", "over five seconds"])
async def test_concurrent_401s(world, spread):
    """A hundred requests refused with the same generation make one refresh, also where the last of them are slow."""
    session, order = world.session(), iter(range(200))
    revoked = {"Bearer token-1"}

    async def api(request):
        await world.clock.sleep(1 + spread * next(order))
        return Response(401 if request.headers["Authorization"] in revoked else 200)

    world.server.api = api
    tasks = [asyncio.create_task(session.send(GET)) for _ in range(100)]
    await world.clock.advance(30)
    assert {task.result().status for task in tasks} == {200}
    assert world.server.asked == 2
    assert sorted(world.server.shown) == ["token-1"] * 100 + ["token-2"] * 100


async def test_401_of_an_older_generation(world):
    """A 401 for a token that has been replaced meanwhile costs no token request; the new token is tried."""
    session = world.session(refresh=IDLE)
    await session.token()
    revoke(world.server, "token-1")
    straggler = world.server.api

    async def api(request):
        if len(world.server.api_requests) == 1:
            await world.clock.advance(2700)
            await session.token()
            await world.clock.settle()
        return straggler(request)

    world.server.api = api
    assert (await session.send(GET)).status == 200
    assert (world.server.shown, world.server.asked) == (["token-1", "token-2"], 2)


async def test_invalidate_compares_generations(world):
    """Only the generation in use can be invalidated; before the first token there is nothing to do."""
    session = world.session()
    session.invalidate(1)
    await session.token()
    for generation in (0, 2, 99):
        session.invalidate(generation)
    assert (await session.token()).generation == 1
    session.invalidate(1)
    assert (await session.token()).generation == 2


async def test_body_that_cannot_be_sent_again(world):
    """A body that works once is not sent a second time: the 401 is returned, and the next call has a new token."""
    revoke(world.server, "token-1")
    session = world.session()
    response = await session.send(Request("POST", GET.url, body=Body(b"once", replayable=False)))
    assert (response.status, world.server.shown) == (401, ["token-1"])
    assert (await session.send(GET)).status == 200
    assert (world.server.shown, world.server.asked) == (["token-1", "token-2"], 2)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (json_response({"error": "invalid_grant"}, 400), LoginRequired),
        (json_response({"error": "server_error"}, 503), TokenRequestFailed),
    ],
)
async def test_no_new_token_after_a_401(world, fake_grant, answer, error):
    """If the token is refused and there is no other, the caller is told why."""
    session = world.session(grant=fake_grant(unattended=False))
    await session.token()
    world.server.api, world.server.otherwise = unauthorized, answer
    with pytest.raises(error):
        await session.send(GET)
    assert (len(world.server.api_requests), world.server.asked) == (1, 2)


class Stream:
    """The body of an answer that is still on the wire."""

    closed = False

    async def aclose(self):
        """Give the connection back."""
        self.closed = True


@pytest.mark.parametrize("outcome", ["renewed", "refused", "cancelled"])
async def test_streamed_401_gives_its_connection_back(world, fake_grant, invalid_grant, outcome):
    """The connection of a 401 that the caller does not get is given back, whatever becomes of the new token."""
    stream, session = Stream(), world.session(grant=fake_grant(unattended=False))
    await session.token()
    first = iter([Response(401, stream=stream)])
    world.server.api = lambda _: next(first, Response(200))
    if outcome == "refused":
        world.server.otherwise = invalid_grant
    if outcome == "cancelled":
        world.server.hang()
    task = asyncio.create_task(session.send(Request("GET", GET.url, stream=True)))
    await world.clock.settle()
    task.cancel()
    await asyncio.wait({task})
    assert stream.closed
