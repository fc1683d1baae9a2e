"""Deadlines: what ends when they pass, what does not, and what the error tells of it."""

import asyncio
from functools import partial

import pytest

from print_async import DeadlineExceeded, deadline, phases, run_batch
from print_async.errors import ConnectionLost, RateLimited
from print_async.finish import two_ends
from print_async.retry import RetryPolicy
from print_async.testing import VirtualClock, json_response
from print_async.wire import Body, Request, Response

URL = "https://print.example/api/users/7?pin=hunter2"
GET, POST = Request("GET", URL), Request("POST", URL, body=Body.json({"x": 1}))
OK = json_response({"ok": True})
PHASES = ("connect", "send", "headers", "body")


@pytest.fixture
def clock():
    """A clock that stands still."""
    return VirtualClock()


async def ended(task: "asyncio.Task[object]", clock: VirtualClock, seconds: float) -> DeadlineExceeded:
    """Advance to just before the deadline, where the task goes on, and just beyond; return its error."""
    await clock.advance(seconds - 0.001)
    assert not task.done()
    await clock.advance(0.05)
    assert task.done(), "it goes on beyond its deadline"
    with pytest.raises(DeadlineExceeded) as caught:
        task.result()
    return caught.value


def stalling(clock: VirtualClock, phase: str):
    """Return an answer that goes through a transport's phases up to one, and never comes out of that."""

    async def answer(_: Request) -> Response:
        for each in PHASES[: PHASES.index(phase) + 1]:
            phases.enter(each)
            await clock.sleep(1e9 if each == phase else 0.5)
        return OK

    return answer


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("request_", [GET, POST], ids=["get", "post"])
async def test_stalled_exchange(rig, clock, phase, request_):
    """A call that stalls in the transport ends at its deadline, names the phase, and says if it may have been sent."""
    made = rig(stalling(clock, phase), clock=clock)
    call = made.caller.with_options(made.caller.options.but(timeout=5)).send(request_, idempotent=request_ is GET)

    error = await ended(asyncio.create_task(call), clock, 5)

    assert (error.phase, error.sent, error.seconds) == (phase, phase != "connect", 5)
    assert error.waterfall[-1].phase == phase
    assert sum(span.seconds for span in error.waterfall) == pytest.approx(5)
    assert "hunter2" not in str(error)
    assert ("the server may have acted on it" in str(error)) == error.sent


async def test_transport_that_does_not_tell(rig, clock):
    """Of a transport that says nothing of its phases, the request counts as sent."""
    made = rig(lambda _: asyncio.Future(), clock=clock)

    async with asyncio.TaskGroup() as group:
        call = group.create_task(_raised(deadline(5, clock=clock), made.caller.send(POST, idempotent=False)))
        await clock.advance(6)

    assert (call.result().phase, call.result().sent) == ("exchange", True)


async def _raised(block, call):
    with pytest.raises(DeadlineExceeded) as caught:
        async with block:
            await call
    return caught.value


async def test_stalled_refresh(rig, clock):
    """A call that waits for a token ends at its deadline; the refresh, shared with others, goes on."""
    made = rig(OK, OK, clock=clock)
    hold = asyncio.Event()
    answer = made.transport._otherwise

    async def slow(request: Request) -> Response:
        if request.url.endswith("/token"):
            await hold.wait()
        return await answer(request)

    made.transport._otherwise = slow
    patient = asyncio.create_task(made.caller.send(GET, idempotent=True))
    hasty = made.caller.with_options(made.caller.options.but(timeout=5)).send(GET, idempotent=True)

    error = await ended(asyncio.create_task(hasty), clock, 5)
    assert (error.phase, error.sent) == ("token", False)
    hold.set()
    assert await patient is OK
    assert made.tokens() == ["Bearer token-1"]


async def test_stalled_pause(rig, clock):
    """A pause between retries that fits into the deadline is cut by it only when the next try does not fit."""
    made = rig(ConnectionLost("reset"), ConnectionLost("reset"), OK, clock=clock, retry=RetryPolicy(base=2, cap=100))
    call = made.caller.with_options(made.caller.options.but(timeout=5)).send(GET, idempotent=True)

    task = asyncio.create_task(call)
    await clock.advance(2)
    with pytest.raises(ConnectionLost, match=r"reset. Not sent again: the next try would be in 4 s, .* in 3 s"):
        await task
    assert clock.monotonic() == 2


async def test_retry_after_beyond_the_deadline(rig, clock):
    """A Retry-After that passes the deadline ends the call at once, with the server's answer and the reason."""
    made = rig(json_response({}, 429, {"Retry-After": "30"}), OK, clock=clock)

    with pytest.raises(RateLimited, match=r"the server asks to wait 30 s, and the deadline is in 5 s") as caught:
        await made.caller.with_options(made.caller.options.but(timeout=5)).send(POST, idempotent=False)
    assert caught.value.retry_after == 30
    assert clock.monotonic() == 0


async def test_sent_in_an_earlier_try(rig, clock):
    """What an earlier try may have done counts as sent; what a 429 refused does not."""

    async def hang(_: Request) -> Response:
        phases.enter("connect")
        return await asyncio.Future()

    lost, refused = ConnectionLost("reset"), json_response({}, 429)
    for first, sent in ((lost, True), (refused, False)):
        made = rig(first, hang, clock=clock, retry=RetryPolicy(base=0))
        call = made.caller.with_options(made.caller.options.but(timeout=5)).send(GET, idempotent=True)
        error = await ended(asyncio.create_task(call), clock, 5)
        assert (error.phase, error.sent) == ("connect", sent)


@pytest.mark.parametrize(("outer", "inner", "seconds"), [(3, 5, 3), (5, 3, 3)])
async def test_nearest_counts(rig, clock, outer, inner, seconds):
    """Of nested blocks, and of a block and a timeout, the nearest ends the call."""
    made = rig(otherwise_hangs := (lambda _: asyncio.Future()), otherwise_hangs, clock=clock)
    timed = made.caller.with_options(made.caller.options.but(timeout=inner))

    async def nested() -> None:
        async with deadline(outer, clock=clock), deadline(inner, clock=clock):
            await made.caller.send(GET, idempotent=True)

    async def mixed() -> None:
        async with deadline(outer, clock=clock):
            await timed.send(GET, idempotent=True)

    for block in (nested, mixed):
        error = await ended(asyncio.create_task(block()), clock, seconds)
        assert error.seconds == seconds


async def test_call_after_the_deadline(rig, clock):
    """A call begun after the deadline of its block fails at once, and nothing is sent."""
    made = rig(clock=clock)

    async def late() -> None:
        async with deadline(5, clock=clock):
            clock._now = 6
            await made.caller.send(GET, idempotent=True)

    with pytest.raises(DeadlineExceeded) as caught:
        await late()
    assert (caught.value.sent, made.transport.requests) == (False, [])


async def test_between_calls(rig, clock):
    """A block that awaits something else is ended as well, and the waterfall has its calls and the rest."""
    made = rig(OK, clock=clock)

    async def block() -> None:
        async with deadline(5, clock=clock):
            await clock.sleep(1)
            await made.caller.send(GET, idempotent=True)
            await asyncio.Future()

    error = await ended(asyncio.create_task(block()), clock, 5)
    assert (error.phase, error.sent) == ("outside", False)
    assert [(span.phase, round(span.seconds, 2)) for span in error.waterfall] == [("outside", 1), ("outside", 4)]


async def test_call_tells_and_not_its_block(rig, clock):
    """A call under way in its block raises the error itself, so that whoever handles it there knows if it was sent."""
    made = rig(stalling(clock, "headers"), clock=clock)
    handled: list[DeadlineExceeded] = []

    async def block() -> str:
        async with deadline(5, clock=clock):
            try:
                await made.caller.send(POST, idempotent=False)
            except DeadlineExceeded as error:
                handled.append(error)
                await clock.sleep(0)
        return "went on"

    task = asyncio.create_task(block())
    await clock.advance(6)
    assert await task == "went on"
    assert [error.sent for error in handled] == [True]


async def test_batch_in_a_block(rig, clock):
    """A batch in a block ends with it; what was done is in its report, and no task is left."""
    made = rig(*[OK] * 3, *[lambda _: asyncio.Future()] * 100, clock=clock)
    report = await run_batch(lambda _: asyncio.sleep(0), [], concurrency=1)

    async def block() -> None:
        async with deadline(5, clock=clock):
            await run_batch(
                lambda _: made.caller.send(GET, idempotent=True),
                range(1000),
                concurrency=2,
                on_error="collect",
                report=report,
            )

    await ended(asyncio.create_task(block()), clock, 5)
    assert report.succeeded == 3


async def test_cancellation_from_outside(rig, clock):
    """Somebody's cancellation stays one, also where the deadline passes at the same moment."""
    made = rig(*[lambda _: asyncio.Future()] * 2, clock=clock)

    async def block() -> None:
        async with deadline(5, clock=clock):
            await made.caller.send(GET, idempotent=True)

    for seconds in (1, 5):
        task = asyncio.create_task(block())
        await clock.settle()
        clock.call_later(seconds, task.cancel)
        await clock.advance(6)
        with pytest.raises((asyncio.CancelledError, DeadlineExceeded)) as caught:
            await task
        assert seconds == 5 or isinstance(caught.value, asyncio.CancelledError)


async def test_timeout_of_the_body_is_not_ours(clock):
    """A `TimeoutError` raised inside a block comes out as it is."""
    with pytest.raises(TimeoutError, match="theirs"):
        async with deadline(5, clock=clock):
            raise TimeoutError("theirs")


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
async def test_no_deadline(seconds):
    """What is no number of seconds is refused."""
    with pytest.raises(ValueError, match="number of seconds"):
        async with deadline(seconds):
            pytest.fail("it was entered")


async def test_left_over_when_done(rig, clock):
    """Neither a call nor a block that ends in time leaves a timer behind, and the next call has no deadline."""
    made = rig(OK, OK, clock=clock)

    async with deadline(5, clock=clock) as limit:
        await made.caller.with_options(made.caller.options.but(timeout=2)).send(GET, idempotent=True)
        assert limit.left == 5
    assert clock.sleepers == 0
    await clock.advance(100)
    assert await made.caller.send(GET, idempotent=True) is OK


async def test_system_clock(rig):
    """On the machine's clock it works the same: a call that hangs is ended."""
    made = rig(lambda _: asyncio.Future())
    with pytest.raises(DeadlineExceeded):
        async with deadline(0.01):
            await asyncio.gather(partial(made.caller.send, GET, idempotent=True)())


async def test_refresh_is_no_part_of_a_call(rig, clock):
    """What the shared refresh does is not counted as the call's, so a call that waits for it was not sent."""
    made = rig(OK, clock=clock)
    route = made.transport._otherwise

    async def slow(request: Request) -> Response:
        if request.url.endswith("/token"):
            phases.enter("headers")
            await clock.sleep(7)
        return await route(request)

    made.transport._otherwise = slow
    call = made.caller.with_options(made.caller.options.but(timeout=5)).send(POST, idempotent=False)

    error = await ended(asyncio.create_task(call), clock, 5)
    assert (error.phase, error.sent) == ("token", False)
    await clock.advance(2)
    assert await made.caller.send(POST, idempotent=False) is OK, "the refresh had no deadline"


@pytest.mark.parametrize("calling", [True, False])
async def test_ends_are_reached(rig, clock, calling):
    """What must be brought to an end is, though the deadline has passed; and what is noted there is not lost."""
    made = rig(*([OK, lambda _: asyncio.Future(), OK] if calling else [OK, OK]), clock=clock)

    async def begin() -> str:
        await made.caller.send(POST, idempotent=False)
        return "thing"

    async def fail(_: str) -> None:
        await made.caller.send(POST, idempotent=False)
        raise RuntimeError("this is left")

    async def block() -> None:
        async with deadline(5, clock=clock), two_ends(begin, succeed=fail, fail=fail):
            await (made.caller.send(GET, idempotent=True) if calling else asyncio.Future())

    error = await ended(asyncio.create_task(block()), clock, 5)
    assert error.__notes__ == ["this is left"]
    assert len(made.tokens()) == (3 if calling else 2)
