"""One piece of work at a time, shared by all who want it."""

import asyncio
import gc

import pytest

from print_async.auth.flight import SingleFlight
from print_async.errors import ClientClosed, LoginRequired, TransportError


class Work:
    """Counts how often it ran; ends when it is told, with an error if it has one."""

    def __init__(self, error: Exception | None = None) -> None:
        self.runs = 0
        self.done = asyncio.Event()
        self.error = error

    async def __call__(self) -> None:
        """Run."""
        self.runs += 1
        await self.done.wait()
        if self.error is not None:
            raise self.error


async def join_many(flight, work, count):
    """Return tasks that all wait for the work."""
    tasks = [asyncio.create_task(flight.join(work)) for _ in range(count)]
    await asyncio.sleep(0.0)
    return tasks


async def test_shared():
    """All who come while it runs wait for the same run, and who comes after it starts another."""
    flight, work = SingleFlight(), Work()
    tasks = await join_many(flight, work, 10)
    assert flight.active
    work.done.set()
    await asyncio.gather(*tasks)
    assert (work.runs, flight.active) == (1, False)
    await flight.join(work)
    assert work.runs == 2


@pytest.mark.parametrize("victims", [{0}, {4}, {9}, {0, 1, 2}, set(range(10))], ids=str)
async def test_cancelling_a_waiter(victims):
    """Cancelling waiters, the one that started the work included, neither stops it nor harms the others."""
    flight, work = SingleFlight(), Work()
    tasks = await join_many(flight, work, 10)
    running = flight.start(work)
    for victim in victims:
        tasks[victim].cancel()
    await asyncio.sleep(0)
    assert flight.active
    work.done.set()
    await running
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert {place for place, outcome in enumerate(outcomes) if outcome is not None} == victims
    assert all(isinstance(outcomes[victim], asyncio.CancelledError) for victim in victims)
    assert work.runs == 1


async def test_a_waiter_may_time_out():
    """A waiter's own deadline ends its wait as a `TimeoutError`, and the work goes on."""
    flight, work = SingleFlight(), Work()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await flight.join(work)
    assert flight.active
    work.done.set()
    await flight.drain()


async def test_each_waiter_has_its_own_error():
    """The waiters get equal errors with the same cause, but no two the same object and so the same traceback."""
    cause = TransportError("gone", method="POST", sent=False)
    error = LoginRequired("no", error="invalid_grant", description="revoked")
    error.__cause__ = cause
    flight, work = SingleFlight(), Work(error)
    tasks = await join_many(flight, work, 10)
    work.done.set()
    errors = await asyncio.gather(*tasks, return_exceptions=True)
    assert len({id(each) for each in [error, *errors]}) == 11
    for each in errors:
        assert (type(each), str(each), each.error, each.description) == (
            LoginRequired,
            "no",
            "invalid_grant",
            "revoked",
        )
        assert each.__cause__ is cause


async def test_an_error_nobody_waits_for(caplog):
    """Work that fails with nobody waiting is not reported to the loop as lost."""
    flight, work = SingleFlight(), Work(LoginRequired("no"))
    flight.start(work)
    work.done.set()
    await flight.drain()
    del work
    flight = None
    gc.collect()
    assert not caplog.records


async def test_drain():
    """Draining waits for the end whatever it is, and returns at once where nothing runs."""
    flight, work = SingleFlight(), Work(LoginRequired("no"))
    await flight.drain()
    flight.start(work)
    draining = asyncio.create_task(flight.drain())
    await asyncio.sleep(0)
    assert not draining.done()
    work.done.set()
    await draining
    assert not flight.active


async def test_cancelled_work():
    """If the work itself is cancelled, as a dying loop does, waiters get a `ClientClosed` and not a cancellation."""
    flight, work = SingleFlight(), Work()
    tasks = await join_many(flight, work, 2)
    flight.start(work).cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ClientClosed, ClientClosed]


def test_two_loops():
    """Work on a loop that still lives is not shared with another loop, which is told; a dead one is in nobody's way."""
    flight = SingleFlight()
    first, second = asyncio.new_event_loop(), asyncio.new_event_loop()

    async def sleep() -> None:
        await asyncio.get_running_loop().create_future()

    async def start() -> asyncio.Task[None]:
        return flight.start(sleep)

    running = first.run_until_complete(start())
    with pytest.raises(RuntimeError, match="another running event loop"):
        second.run_until_complete(start())
    running.cancel()
    first.run_until_complete(asyncio.wait({running}))
    first.close()
    again = second.run_until_complete(start())
    assert again is not running
    again.cancel()
    second.run_until_complete(asyncio.wait({again}))
    second.close()
