"""What is told of requests and answers, whatever becomes of them."""

import asyncio
from contextvars import ContextVar

import pytest

from print_async.auth.needs import Needs
from print_async.deadlines import deadline
from print_async.errors import ConnectFailed, ConnectionLost, DeadlineExceeded, ServerError
from print_async.telemetry import Hooks, RequestEvent, ResponseEvent, RetryEvent
from print_async.testing import VirtualClock, json_response
from print_async.wire import Request, Response

GET = Request("GET", "https://print.example/api/users/joe@acme.com?pin=hunter2#top")
NEEDS = Needs("GET /users/{user_id}")
OK = json_response({})


async def test_an_answered_request(rig, heard):
    """It is told of with method, URL without query, operation and number; the answer with its status and its time."""
    made = rig(OK, clock=VirtualClock(), hooks=[heard.hooks])

    async def slow(request):
        await made.clock.sleep(1.5)
        return OK

    await made.session.token()
    made.transport._otherwise = slow
    call = asyncio.ensure_future(made.caller.send(GET, idempotent=True, needs=NEEDS))
    await made.clock.advance(2)

    assert await call is OK
    _, sent, answered = heard.events
    assert sent.method == "GET"
    assert sent.url == "https://print.example/api/users/joe@acme.com"
    assert (sent.operation, sent.attempt) == ("GET /users/{user_id}", 1)
    assert answered.request is sent
    assert (answered.seconds, answered.status, answered.error, answered.failure) == (1.5, 200, None, None)


@pytest.mark.parametrize("status", [200, 204, 302, 404, 429, 503])
async def test_any_status(rig, heard, status):
    """An answer of any status is an answer; without an operation, none is named."""
    made = rig(Response(status), hooks=[heard.hooks])
    await made.session.send(GET)

    (answered,) = heard.of(ResponseEvent)
    assert (answered.status, answered.error, answered.failure) == (status, None, None)
    assert answered.request.operation is None


@pytest.mark.parametrize("error", [ConnectionLost("cut"), ConnectFailed("refused")])
async def test_an_error_of_ours(rig, heard, error):
    """Without an answer, the event has the error that the caller gets."""
    made = rig(error, hooks=[heard.hooks])
    with pytest.raises(type(error)) as raised:
        await made.session.send(GET)

    (answered,) = heard.of(ResponseEvent)
    assert (answered.status, answered.failure) == (None, type(error).__name__)
    assert answered.error is raised.value


@pytest.mark.parametrize("error", [ValueError("planted"), OSError("planted"), TimeoutError("planted")])
async def test_an_error_of_somebody_else(rig, heard, error):
    """An error that is none of ours reaches the caller; the event names its class, and holds nothing that quotes."""
    made = rig(error, hooks=[heard.hooks])
    with pytest.raises(type(error), match="planted"):
        await made.session.send(GET)

    (answered,) = heard.of(ResponseEvent)
    assert (answered.status, answered.error, answered.failure) == (None, None, type(error).__name__)
    assert "planted" not in repr(answered)


async def hang(request: Request) -> Response:
    """Never answer."""
    return await asyncio.get_running_loop().create_future()


async def test_a_cancelled_call(rig, heard):
    """A call that is cancelled while its answer is awaited has an event that says so, once."""
    made = rig(hang, hooks=[heard.hooks], clock=VirtualClock())
    call = asyncio.ensure_future(made.caller.send(GET, idempotent=True))
    await made.clock.settle()
    assert len(heard.of(RequestEvent)) == 1
    assert heard.of(ResponseEvent) == []
    call.cancel()
    await made.clock.settle()

    assert call.cancelled()
    (answered,) = heard.of(ResponseEvent)
    assert (answered.status, answered.error, answered.failure) == (None, None, "CancelledError")


async def test_a_deadline(rig, heard):
    """A request that is ended by a deadline is told of as cancelled: the deadline is the call's, not the exchange's."""
    made = rig(hang, hooks=[heard.hooks], clock=VirtualClock())

    async def bounded():
        async with deadline(3, clock=made.clock):
            await made.caller.send(GET, idempotent=True)

    call = asyncio.ensure_future(bounded())
    await made.clock.advance(3)
    with pytest.raises(DeadlineExceeded):
        await call

    (answered,) = heard.of(ResponseEvent)
    assert (answered.failure, answered.seconds) == ("CancelledError", 3)


async def test_a_call_that_nobody_ends(rig, heard):
    """A coroutine that is thrown away in the middle, as when its loop ends, has its second event all the same."""
    made = rig(hang, hooks=[heard.hooks])
    await made.session.token()
    call = made.session.send(GET)
    call.send(None)
    assert len(heard.of(RequestEvent)) == 1
    call.close()

    (answered,) = heard.of(ResponseEvent)
    assert answered.failure == "GeneratorExit"


async def test_numbers_of_the_sendings(rig, heard):
    """Every sending of a call has the next number: after a 401, after an error, and after a stale connection."""
    answers = [Response(401), Response(503), ConnectionLost("closed", stale=True), OK, OK]
    made = rig(*answers, hooks=[heard.hooks])
    await made.caller.send(GET, idempotent=True)
    assert [sent.attempt for sent in heard.of(RequestEvent)] == [1, 2, 3, 4]
    assert [retry.attempt for retry in heard.of(RetryEvent)] == [2, 3]

    await made.caller.send(GET, idempotent=True)
    assert [sent.attempt for sent in heard.of(RequestEvent)] == [1, 2, 3, 4, 1]


async def test_numbers_of_concurrent_calls(rig, heard):
    """Calls at the same time are numbered each for itself, and each answer belongs to its request."""
    urls = [f"https://print.example/api/{number}" for number in range(10)]
    unseen = set(urls)

    async def limited_at_first(request: Request) -> Response:
        await asyncio.sleep(0)
        first = request.url in unseen
        unseen.discard(request.url)
        return Response(429) if first else OK

    made = rig(*[limited_at_first] * 20, hooks=[heard.hooks])
    await asyncio.gather(*(made.caller.send(Request("GET", url), idempotent=True) for url in urls))

    answered = heard.of(ResponseEvent)
    assert {id(event.request) for event in answered} == {id(event) for event in heard.of(RequestEvent)}
    assert sorted((event.request.url, event.request.attempt, event.status) for event in answered) == [
        (url, attempt, status) for url in urls for attempt, status in ((1, 429), (2, 200))
    ]


async def test_a_retry(rig, heard):
    """A retry is told of before its pause, with what the last try ended with."""
    slept_before = []
    early = Hooks(on_retry=lambda _: slept_before.append(list(made.clock.slept)))
    made = rig(Response(503), OK, hooks=[heard.hooks, early])
    await made.caller.send(GET, idempotent=True, needs=NEEDS)

    (retry,) = heard.of(RetryEvent)
    assert slept_before == [[]]
    assert (retry.method, retry.url, retry.operation) == ("GET", GET.url.split("?")[0], "GET /users/{user_id}")
    assert (retry.attempt, [retry.pause]) == (1, made.clock.slept)
    assert isinstance(retry.error, ServerError)


async def test_hooks_run_in_the_context_of_the_call(rig):
    """What a caller has in its context variables, its hooks see."""
    person: ContextVar[str] = ContextVar("person")
    seen = []
    before = Hooks(on_request=lambda _: seen.append(("request", person.get())))
    after = Hooks(on_response=lambda _: seen.append(("response", person.get())))
    made = rig(*[OK] * 2, hooks=[before, after])

    async def call(name):
        person.set(name)
        await asyncio.sleep(0)
        await made.caller.send(GET, idempotent=True)

    await asyncio.gather(call("ann"), call("bob"))
    assert sorted(seen) == [(what, name) for what in ("request", "response") for name in ("ann", "bob")]
