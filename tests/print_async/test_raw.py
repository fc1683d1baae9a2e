"""The raw answers behind the models."""

import asyncio

import pytest

from print_async.errors import NotFound
from print_async.raw import raw_responses
from print_async.testing import json_response
from print_async.wire import Request

GET = Request("GET", "https://print.example/api/users")


async def test_collected_in_order(rig):
    """The answers of all calls inside are there, in order, and those before and after are not."""
    answers = [json_response({"n": n}) for n in range(4)]
    caller = rig(*answers).caller

    await caller.send(GET, idempotent=True)
    with raw_responses() as raw:
        await caller.send(GET, idempotent=True)
        await caller.send(GET, idempotent=True)
        assert [response.json() for response in raw] == [{"n": 1}, {"n": 2}]
    await caller.send(GET, idempotent=True)

    assert raw == answers[1:3]


async def test_tasks_started_inside(rig):
    """Tasks started inside are included, and tasks beside are not."""
    inside, beside = rig(json_response(1)).caller, rig(json_response(2)).caller
    go = asyncio.Event()

    async def wait_and_call():
        await go.wait()
        await beside.send(GET, idempotent=True)

    other = asyncio.ensure_future(wait_and_call())
    with raw_responses() as raw:
        go.set()
        await asyncio.gather(asyncio.ensure_future(inside.send(GET, idempotent=True)), other)

    assert [response.json() for response in raw] == [1]


async def test_only_the_last_answer(rig):
    """A call that was sent again has one answer: the one that the model was made of."""
    caller = rig(json_response("busy", 503), json_response("done")).caller
    with raw_responses() as raw:
        await caller.send(GET, idempotent=True)

    assert [response.json() for response in raw] == ["done"]


async def test_after_an_error(rig):
    """A call that fails adds nothing to what was collected before it."""
    caller = rig(json_response(1), json_response({}, 404), json_response(3)).caller
    with raw_responses() as raw:
        await caller.send(GET, idempotent=True)
        with pytest.raises(NotFound):
            await caller.send(GET, idempotent=True)
    await caller.send(GET, idempotent=True)

    assert [response.json() for response in raw] == [1]


async def test_nested(rig):
    """The inner of two gets what comes while it is open; then the outer one goes on."""
    caller = rig(*map(json_response, (1, 2, 3))).caller
    with raw_responses() as outer:
        await caller.send(GET, idempotent=True)
        with raw_responses() as inner:
            await caller.send(GET, idempotent=True)
        await caller.send(GET, idempotent=True)

    assert [response.json() for response in inner] == [2]
    assert [response.json() for response in outer] == [1, 3]
