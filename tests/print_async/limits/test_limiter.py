"""Who is let in, when, and in which order."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async import LimitPolicy, bulk, map_bounded
from print_async.limits.lanes import enter_bulk_lane
from print_async.limits.limiter import Limiter, Slot
from print_async.limits.pacing import SteadyPacer
from print_async.telemetry.events import LimitChange
from print_async.testing import VirtualClock
from print_async.wire import Headers, Response

A, B = "https://a.example", "https://b.example"


def limiter(connections: int | None = None, *, clock: VirtualClock | None = None, told=print, **policy) -> Limiter:
    """Make one."""
    return Limiter(LimitPolicy(**policy), connections=connections, clock=clock or VirtualClock(), on_limit=told)


async def enter(gate: Limiter, origin: str = A) -> Slot:
    """Come in as a session does."""
    return gate.enter_now(origin) or await gate.enter(origin)


async def visit(gate: Limiter, log: list[str], name: str, *, job: bool = False, origin: str = A) -> None:
    """Come in, write that down, and leave after a turn."""
    if job:
        enter_bulk_lane()
    slot = await enter(gate, origin)
    log.append(name)
    await asyncio.sleep(0)
    slot.leave()


async def test_no_wait_where_there_is_room():
    """The first one makes the door; from then on who finds room comes in without a turn of the loop."""
    gate = limiter(max_in_flight=3)
    slots = [await enter(gate)]
    slots += [gate.enter_now(A), gate.enter_now(A)]
    assert all(slots)
    assert gate.enter_now(A) is None
    slots[0].leave()
    slots[0].leave()
    assert gate.enter_now(A) is not None
    assert gate.enter_now(A) is None, "leaving twice makes room for one"


@pytest.mark.parametrize(
    ("max_in_flight", "connections", "places"), [(5, None, 5), (5, 3, 2), (2, 100, 2), (100, 1, 1), (7, 8, 7)]
)
async def test_never_more_than_the_pool(max_in_flight, connections, places):
    """No more come in than there are connections, one of which is left to token requests; over all servers together."""
    gate = limiter(connections, max_in_flight=max_in_flight)
    inside = 0
    for number in range(20):
        async with asyncio.timeout(30):
            task = asyncio.create_task(enter(gate, A if number % 2 else B))
            await asyncio.sleep(0)
            inside += task.done()
            task.cancel()
            await asyncio.wait({task})
    assert inside == places


async def test_first_come_first_served():
    """In one lane, who comes first is served first, and each of them is served."""
    gate, log = limiter(max_in_flight=2), []
    await asyncio.gather(*(visit(gate, log, str(number)) for number in range(20)))
    assert log == [str(number) for number in range(20)]


async def test_lanes():
    """Calls that somebody waits for go before those of a job, which still get one place in eight."""
    gate, log = limiter(max_in_flight=1), []
    held = await enter(gate)
    async with asyncio.TaskGroup() as group:
        for _ in range(30):
            group.create_task(visit(gate, log, "job", job=True))
        await asyncio.sleep(0)
        for _ in range(20):
            group.create_task(visit(gate, log, "call"))
        await asyncio.sleep(0)
        held.leave()
    assert "".join(name[0] for name in log) == "cccccccj" * 2 + "cccccc" + "j" * 28


async def test_batches_are_jobs():
    """What a batch calls is in the lane of jobs by itself, and what is called in a `bulk` block; nothing else is."""
    gate, log = limiter(max_in_flight=1), []
    held = await enter(gate)

    async def batch() -> None:
        async for _ in map_bounded(lambda number: visit(gate, log, f"batch {number}"), range(3), concurrency=3):
            pass

    async def block() -> None:
        with bulk():
            await visit(gate, log, "block")

    async with asyncio.TaskGroup() as group:
        group.create_task(batch())
        group.create_task(block())
        for _ in range(5):
            await asyncio.sleep(0)
        group.create_task(visit(gate, log, "call"))
        await asyncio.sleep(0)
        held.leave()
    assert log[0] == "call"
    assert len(log) == 5


async def test_other_servers_are_served():
    """Where all places are taken, a place that becomes free goes to those before the other doors first."""
    gate, log = limiter(max_in_flight=1), []
    held = await enter(gate)
    async with asyncio.TaskGroup() as group:
        for name, origin in (("a1", A), ("a2", A), ("b1", B), ("b2", B)):
            group.create_task(visit(gate, log, name, origin=origin))
        await asyncio.sleep(0)
        held.leave()
    assert sorted(log) == ["a1", "a2", "b1", "b2"]
    assert log[0] == "b1"


class Crowd:
    """Tasks that come in when they are told to, and stay until they are told to leave."""

    def __init__(self) -> None:
        self.gate = limiter(max_in_flight=3)
        self.tasks: list[asyncio.Task[None]] = []
        self.inside: list[Slot] = []

    async def come(self, *, job: bool) -> None:
        """Come in."""
        if job:
            enter_bulk_lane()
        self.inside.append(await enter(self.gate))

    async def follow(self, step: str, which: int) -> None:
        """Do one thing."""
        if step in ("call", "job"):
            self.tasks.append(asyncio.create_task(self.come(job=step == "job")))
        elif step == "leave" and self.inside:
            self.inside.pop(which % len(self.inside)).leave()
        elif step == "cancel" and self.tasks:
            self.tasks[which % len(self.tasks)].cancel()
        else:
            await asyncio.sleep(0)

    async def disperse(self) -> None:
        """Let all come in and leave."""
        for _ in range(len(self.tasks) + 1):
            await asyncio.sleep(0)
            while self.inside:
                self.inside.pop().leave()
        ended = await asyncio.gather(*self.tasks, return_exceptions=True)
        assert not [each for each in ended if each is not None and not isinstance(each, asyncio.CancelledError)]
        while self.inside:
            self.inside.pop().leave()


STEPS = st.tuples(st.sampled_from(["call", "job", "leave", "cancel", "turn"]), st.integers(0, 9))


@given(st.lists(STEPS, max_size=60))
def test_no_place_is_lost(steps):
    """Whatever is entered, left and cancelled in whatever order: never too many inside, and all leave in the end."""

    async def run() -> None:
        crowd = Crowd()
        for step in steps:
            await crowd.follow(*step)
            assert len(crowd.inside) <= 3
        async with asyncio.timeout(30):
            await crowd.disperse()
        await enter(crowd.gate)
        assert [crowd.gate.enter_now(A) is not None for _ in range(3)] == [True, True, False]

    asyncio.run(run())


async def test_cancelled_in_the_turn_it_is_let_in():
    """Who is let in and cancelled in the same turn gives the place to the next."""
    gate = limiter(max_in_flight=1)
    held = await enter(gate)
    first, second = (asyncio.create_task(enter(gate)) for _ in range(2))
    await asyncio.sleep(0)
    held.leave()
    first.cancel()
    async with asyncio.timeout(30):
        assert (await second).leave() is None


def test_another_loop():
    """A loop that ended with places taken does not keep them from the next one; what was learned stays."""
    told: list[LimitChange] = []
    gate = limiter(max_in_flight=4, told=told.append)

    async def leave_behind() -> None:
        slots = [await enter(gate) for _ in range(4)]
        slots[3].answered(Response(503))

    async def count() -> int:
        await enter(gate)
        taken = 1
        while gate.enter_now(A):
            taken += 1
        return taken

    asyncio.run(leave_behind())
    assert asyncio.run(count()) == told[-1].limit < 4


@pytest.mark.parametrize("status", [429, 503])
async def test_refusals_lower_the_limit(status):
    """A refusal lowers the limit of its server, tells so, and lets the others' be."""
    told: list[LimitChange] = []
    clock = VirtualClock()
    gate = limiter(max_in_flight=16, told=told.append, clock=clock)
    slots = [await enter(gate) for _ in range(16)]
    await clock.advance(0.1)
    for slot in slots:
        slot.answered(Response(status, Headers([("Retry-After", "1")])))
        slot.leave()
    assert [(each.origin, each.previous, each.reason) for each in told] == [(A, 16, str(status))]
    assert told[0].limit < 16
    assert told[0].in_flight == 16
    assert [gate.enter_now(A) is not None for _ in range(17)].count(True) == told[0].limit
    assert await enter(gate, B)


async def test_not_adaptive():
    """With `adaptive=False` the limit stays what it is."""
    gate = limiter(max_in_flight=2, adaptive=False, told=lambda _: pytest.fail("it changed"))
    for _ in range(10):
        slot = await enter(gate)
        slot.answered(Response(429))
        slot.leave()
    assert [gate.enter_now(A) is not None for _ in range(3)] == [True, True, False]


async def at_times(gate: Limiter, clock: VirtualClock, times: list[tuple[float, str]], name: str, *, job: bool) -> None:
    """Come in once, and write down when."""
    if job:
        enter_bulk_lane()
    slot = await enter(gate)
    times.append((clock.monotonic(), name))
    slot.leave()


async def test_rate():
    """Requests of all lanes go at equal distances, and a call waits behind one of a job, not behind all that wait."""
    clock, times = VirtualClock(), []
    gate = limiter(clock=clock, per_second=2)
    tasks = [asyncio.create_task(at_times(gate, clock, times, "job", job=True)) for _ in range(6)]
    await clock.advance(0.6)
    tasks.append(asyncio.create_task(at_times(gate, clock, times, "call", job=False)))
    await clock.advance(10)
    await asyncio.gather(*tasks)
    assert [time for time, _ in times] == [0, 0.5, 1, 1.5, 2, 2.5, 3]
    assert [name for _, name in times].index("call") == 3


async def test_rate_after_a_rest():
    """A rate that was not used is not made up for by a burst."""
    clock, times = VirtualClock(), []
    gate = limiter(clock=clock, per_second=2)
    for pause in (0, 100):
        await clock.advance(pause)
        tasks = [asyncio.create_task(at_times(gate, clock, times, "x", job=False)) for _ in range(3)]
        await clock.advance(2)
        await asyncio.gather(*tasks)
    assert [time for time, _ in times] == [0, 0.5, 1, 102, 102.5, 103]


async def test_rate_where_there_was_no_place():
    """Calls that had to wait for a place go at equal distances when there is one, and not all at once."""
    clock, times = VirtualClock(), []
    gate = limiter(clock=clock, per_second=2, max_in_flight=2)
    held = [await enter(gate)]
    await clock.advance(0.5)
    held.append(await enter(gate))
    tasks = [asyncio.create_task(at_times(gate, clock, times, "job", job=True)) for _ in range(5)]
    await clock.advance(20)
    tasks.append(asyncio.create_task(at_times(gate, clock, times, "call", job=False)))
    await clock.advance(0)
    assert times == []
    for slot in held:
        slot.leave()
    await clock.advance(10)
    await asyncio.gather(*tasks)
    assert [time for time, _ in times] == [20.5, 21, 21.5, 22, 22.5, 23]
    assert [name for _, name in times].index("call") == 1


async def test_latency_begins_when_the_turn_comes():
    """The time that a call waits for its turn, with its place, is not taken for latency of the server."""
    clock = VirtualClock()
    gate = limiter(clock=clock, per_second=2)
    waits: list[float] = []

    async def call() -> None:
        slot = await enter(gate)
        waits.append(clock.monotonic() - slot._sent_at)
        slot.leave()

    tasks = [asyncio.create_task(call()) for _ in range(5)]
    await clock.advance(10)
    await asyncio.gather(*tasks)
    assert waits == [0.0] * 5


async def test_cancelled_while_it_waits_for_its_turn():
    """Who gives up while waiting for the rate holds up nobody."""
    clock, times = VirtualClock(), []
    gate = limiter(clock=clock, per_second=1)
    tasks = [asyncio.create_task(at_times(gate, clock, times, str(number), job=False)) for number in range(4)]
    await clock.advance(0.5)
    tasks[1].cancel()
    tasks[2].cancel()
    await clock.advance(5)
    await asyncio.gather(*tasks, return_exceptions=True)
    assert [name for _, name in times] == ["0", "3"]
    assert times[1][0] <= 2


async def test_a_pacer_of_ones_own():
    """A shared pacer is asked once for each request, by one at a time."""
    turns: list[int] = []

    class Counting:
        busy = 0

        async def turn(self) -> None:
            self.busy += 1
            turns.append(self.busy)
            await asyncio.sleep(0)
            self.busy -= 1

    gate, log = limiter(pacer=Counting()), []
    await asyncio.gather(*(visit(gate, log, str(number)) for number in range(10)))
    assert turns == [1] * 10


async def test_a_pacer_that_fails():
    """A pacer that raises costs the call that asked it, and no place."""

    class Broken:
        asked = 0

        async def turn(self) -> None:
            self.asked += 1
            await asyncio.sleep(0)
            if self.asked % 2:
                raise LookupError(self.asked)

    gate, log = limiter(pacer=Broken(), max_in_flight=1), []
    ended = await asyncio.gather(*(visit(gate, log, str(number)) for number in range(6)), return_exceptions=True)
    assert [type(each).__name__ for each in ended] == ["LookupError", "NoneType"] * 3
    assert log == ["1", "3", "5"]


class LateClock(VirtualClock):
    """A clock whose sleepers wake a little late."""

    slept = 0.0

    def monotonic(self) -> float:
        """Return the time slept so far."""
        return self.slept

    async def sleep(self, seconds: float) -> None:
        """Oversleep."""
        self.slept += seconds + 0.003


async def test_a_rate_on_a_loop_that_is_late():
    """A loop that wakes every sleeper late keeps the rate all the same, and does not go beyond it."""
    clock = LateClock()
    pacer = SteadyPacer(500, clock)
    for _ in range(1001):
        await pacer.turn()
    assert clock.slept == pytest.approx(2.0, abs=0.01)


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_other_errors_say_nothing(status):
    """Errors that are neither a refusal nor an answer neither lower a limit nor raise one that was lowered."""
    told: list[LimitChange] = []
    clock = VirtualClock()
    gate = limiter(max_in_flight=4, told=told.append, clock=clock)
    for each in (503, *[status] * 50):
        slots = [await enter(gate)]
        while slot := gate.enter_now(A):
            slots.append(slot)
        await clock.advance(0.1)
        for slot in slots:
            slot.answered(Response(each))
            slot.leave()
    assert [change.reason for change in told] == ["503"]


@pytest.mark.parametrize(
    "policy", [{"max_in_flight": 0}, {"per_second": 0}, {"per_second": -1}, {"per_second": 1, "pacer": object()}]
)
def test_no_policy(policy):
    """What is no limit is refused at once."""
    make: Callable[..., LimitPolicy] = LimitPolicy
    with pytest.raises(ValueError, match=r"max_in_flight|per_second"):
        make(**policy)
