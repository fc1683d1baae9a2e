"""One rate for many processes, on a real Redis server."""

import asyncio
import time
from functools import partial

import pytest
import worker_jobs
from redis.asyncio import Redis

from print_async.cluster import RedisPacer, Workers, map_on
from print_async.errors import ClientClosed, PacingFailed
from print_async.testing import VirtualClock


class Sleeps:
    """A clock that writes down for how long it was to sleep, and does not."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    async def sleep(self, seconds: float) -> None:
        """Write it down."""
        self.asked.append(seconds)


@pytest.fixture
async def make_pacer(redis_server):
    """Make pacers of one rate; each keeps connections of its own, as a process does."""
    made = []

    def make(per_second: float = 1.0, name: str = "ezeep", **options) -> RedisPacer:
        made.append(RedisPacer(redis_server.url, name, per_second, **options))
        return made[-1]

    yield make
    for pacer in made:
        await pacer.aclose()


async def test_turns_are_at_even_distances(make_pacer):
    """The first caller goes at once, each further one waits a turn longer, whichever pacer it asks."""
    clock = Sleeps()
    pacers = [make_pacer(0.1, clock=clock) for _ in range(3)]

    began = time.monotonic()
    for number in range(12):
        await pacers[number % 3].turn()
    took = time.monotonic() - began

    due = [10.0 * number for number in range(1, 12)]
    assert len(clock.asked) == 11
    assert all(wanted - took - 0.1 <= asked <= wanted for asked, wanted in zip(clock.asked, due, strict=True))


async def test_fractions_add_up(make_pacer):
    """A distance that is no whole number of microseconds is not rounded: a thousand turns are exactly as long."""
    clock = Sleeps()
    pacer = make_pacer(0.003, clock=clock)

    began = time.monotonic()
    for _ in range(100):
        await pacer.turn()

    assert clock.asked[-1] == pytest.approx(99 / 0.003, abs=time.monotonic() - began + 0.1)


async def test_a_pause_is_not_made_up_for(make_pacer, redis_server):
    """Turns that nobody took are gone: after a pause callers go one by one again, not all at once."""
    clock = Sleeps()
    pacer = make_pacer(0.1, clock=clock)
    async with Redis.from_url(redis_server.url) as redis:
        await redis.set("print-async:pace:ezeep", (time.time() - 60) * 1e6)  # the turn after the last one taken

    for _ in range(4):
        await pacer.turn()

    assert [round(asked, -1) for asked in clock.asked] == [10, 20, 30]


async def test_names_are_apart(make_pacer):
    """Another name is another rate."""
    clock = Sleeps()
    for name in ("ezeep", "myqx"):
        await make_pacer(0.01, name, clock=clock).turn()

    assert clock.asked == []


async def test_the_rate_of_a_cluster(scheduler, redis_server):
    """Over all workers of a cluster together, no more calls go than the rate has, in any stretch of time."""
    opener = partial(worker_jobs.open_pacers, redis_server.url, 100.0)
    async with Workers(scheduler, opener) as workers:
        outcomes = map_on(workers, worker_jobs.take_turns, range(150), concurrency=10, once=None, partition_size=5)
        times = sorted([outcome.unwrap() async for outcome in outcomes])

    # The monotonic clock is one for all processes of a machine. A sleep may end late, and so closer to the next turn.
    assert times[-1] - times[0] >= 1.49 - 0.1
    assert all(times[n + 50] - times[n] >= 0.5 - 0.1 for n in range(100))


@pytest.mark.slow
async def test_without_redis(redis_server, make_pacer):
    """A server that cannot be used is an error that says that nothing was sent, and may be retried; it goes on then."""
    pacer = make_pacer(1000.0)
    await pacer.turn()

    broken = RedisPacer("redis://127.0.0.1:1/0", "ezeep", 1.0)
    with pytest.raises(PacingFailed, match="nothing was sent") as failure:
        await broken.turn()
    await broken.aclose()

    assert failure.value.retryable
    await pacer.turn()


async def test_after_closing(make_pacer):
    """A closed pacer says so, and closing is safe to repeat."""
    pacer = make_pacer()
    await pacer.aclose()
    await pacer.aclose()

    with pytest.raises(ClientClosed, match="the pacer is closed"):
        await pacer.turn()


def test_one_loop_after_another(redis_server):
    """It works in one event loop after another, and leaves nothing open behind."""
    pacer = RedisPacer(redis_server.url, "ezeep", 1e6)
    for _ in range(2):
        asyncio.run(pacer.turn())


@pytest.mark.parametrize(
    ("url", "name", "per_second"),
    [
        ("http://127.0.0.1", "a", 1.0),
        ("redis://127.0.0.1", "", 1.0),
        ("redis://127.0.0.1", "a", 0.0),
        ("redis://127.0.0.1", "a", float("nan")),
        ("redis://127.0.0.1", "a", float("inf")),
    ],
)
def test_arguments_that_make_no_sense(url, name, per_second):
    """They are refused before any I/O."""
    with pytest.raises(ValueError, match=r"Redis|name|above 0"):
        RedisPacer(url, name, per_second)


def test_no_password_is_shown():
    """Its repr has the server, and not the password."""
    said = repr(RedisPacer("redis://me:hunter2@cache.example/0", "ezeep", 50))

    assert "hunter2" not in said
    assert "cache.example" in said


async def test_cancelled_while_it_waits(make_pacer, until):
    """A caller that is cancelled while it waits for its turn leaves the pacer usable."""
    clock = VirtualClock()
    pacer = make_pacer(0.5, clock=clock)
    await pacer.turn()
    waiting = asyncio.ensure_future(pacer.turn())
    await until(lambda: clock.sleepers)
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    await make_pacer(0.5, clock=Sleeps()).turn()
