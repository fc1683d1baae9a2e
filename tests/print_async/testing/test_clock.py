"""Time under the test's control."""

import asyncio

import pytest

from print_async.testing import VirtualClock


@pytest.fixture
def clock():
    """Make a clock that stands at zero."""
    return VirtualClock(time=1000.0)


def nap(clock, seconds, woken):
    """Start a task that sleeps and then notes the length and the time."""

    async def run():
        await clock.sleep(seconds)
        woken.append((seconds, clock.monotonic()))

    return asyncio.create_task(run())


async def test_time_stands_still_until_it_is_advanced(clock):
    """Neither clock moves by itself; advancing moves both."""
    await asyncio.sleep(0.002)
    assert (clock.time(), clock.monotonic()) == (1000.0, 0.0)
    await clock.advance(2.5)
    assert (clock.time(), clock.monotonic()) == (1002.5, 2.5)


async def test_timers_fire_in_their_order_at_their_time(clock):
    """Sleepers wake by their time, equal times by who came first, and each sees the time it asked for."""
    woken = []
    for seconds in (3, 1, 2, 1):
        nap(clock, seconds, woken)
    await clock.advance(2)
    assert woken == [(1, 1.0), (1, 1.0), (2, 2.0)]
    await clock.advance(0.5)
    assert len(woken) == 3
    await clock.advance(0.5)
    assert woken[-1] == (3, 3.0)


async def test_a_sleeper_that_sleeps_again_is_woken_on_the_way(clock):
    """One long advance wakes a loop of sleeps as often as many short ones would."""
    times = []

    async def tick():
        while True:
            await clock.sleep(10)
            times.append(clock.monotonic())

    task = asyncio.create_task(tick())
    await clock.advance(35)
    assert (times, clock.monotonic()) == ([10, 20, 30], 35)
    task.cancel()


async def test_what_a_sleeper_wakes_has_run_before_advance_returns(clock):
    """After `advance` the chain of tasks behind a timer has run to where it waits again."""
    done = []

    async def last():
        await asyncio.sleep(0)
        done.append("last")

    async def first():
        await clock.sleep(1)
        await asyncio.create_task(last())

    task = asyncio.create_task(first())
    await clock.advance(1)
    assert (done, task.done()) == (["last"], True)


async def test_a_cancelled_sleeper_is_gone(clock):
    """A cancelled sleep wakes nobody, counts no more, and stops no later timer."""
    woken = []
    cancelled, other = nap(clock, 1, woken), nap(clock, 2, woken)
    await clock.settle()
    assert clock.sleepers == 2
    cancelled.cancel()
    await clock.settle()
    assert clock.sleepers == 1
    await clock.advance(2)
    assert (woken, clock.sleepers, other.done()) == ([(2, 2.0)], 0, True)


@pytest.mark.parametrize("seconds", [0, -1])
async def test_a_sleep_of_nothing_lets_others_run(clock, seconds):
    """A sleep of zero or less returns at the next turn of the loop, without an advance."""
    ran = []
    asyncio.get_running_loop().call_soon(ran.append, 1)
    await clock.sleep(seconds)
    assert (ran, clock.monotonic()) == ([1], 0.0)


async def test_the_wall_clock_can_be_set(clock):
    """Setting the wall clock moves neither the monotonic clock nor a timer, and both go on from there."""
    woken = []
    nap(clock, 5, woken)
    await clock.advance(4)
    clock.set_wall_clock(50.0)
    assert (clock.time(), clock.monotonic(), woken) == (50.0, 4.0, [])
    await clock.advance(1)
    assert (clock.time(), woken) == (51.0, [(5, 5.0)])


async def test_settling_passes_no_time(clock):
    """`settle` runs what is ready, and wakes nobody."""
    woken = []
    task = nap(clock, 0.001, woken)
    await clock.settle()
    assert (clock.monotonic(), clock.sleepers, woken) == (0.0, 1, [])
    task.cancel()


async def test_a_clock_may_be_advanced_by_nothing(clock):
    """An advance of zero fires what is due now, and goes back never."""
    await clock.advance(1)
    await clock.advance(0)
    assert clock.monotonic() == 1.0
