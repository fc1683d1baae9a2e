"""Doing one thing to many items, a bounded number at a time.

The items may be any iterable or async iterable, also an endless one. They are pulled only as fast as results are taken:
at most `concurrency` are being worked on, and at most as many results wait for the caller. So memory is flat, however
many items there are.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import aclosing
from typing import Generic, Literal, TypeVar

import attrs

from print_async.limits.lanes import enter_bulk_lane

I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")

KEPT_FAILURES = 1_000
"""How many failures a report keeps in full; further ones are only counted."""


@attrs.frozen
class Outcome(Generic[I, R]):
    """What became of one item."""

    index: int
    """Its place in the input, from 0."""
    item: I
    value: R | None = None
    """What the function returned; `None` where it failed."""
    error: BaseException | None = None
    """What it raised; `None` where it succeeded."""

    def unwrap(self) -> R:
        """Return the value, or raise the error."""
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]  # set, because there is no error


async def map_bounded(
    fn: Callable[[I], Awaitable[R]],
    items: Iterable[I] | AsyncIterable[I],
    *,
    concurrency: int,
    ordered: bool = False,
) -> AsyncGenerator[Outcome[I, R], None]:
    """Call an async function for each item and yield what becomes of each.

    Args:
        fn: Called with one item. What it raises is in the outcome; it ends nothing else.
        items: Any iterable or async iterable. What *it* raises is raised here, after the outcomes of what it gave.
        concurrency: How many calls run at a time.
        ordered: Yield in the order of the items, instead of as they are done. One slow item then holds up the rest.

    Leaving the loop early, or cancelling it, cancels the calls that run. To have that done before going on, wrap the
    iterator in `contextlib.aclosing`; a plain `break` leaves it to the event loop, a moment later.

    Raises:
        ValueError: `concurrency` is less than 1.
    """
    if concurrency < 1:
        raise ValueError("concurrency must be at least 1")
    work = _Work(fn, _puller(items), concurrency, ordered)
    workers = [asyncio.get_running_loop().create_task(work.run()) for _ in range(concurrency)]
    try:
        while (outcome := await work.take()) is not None:
            yield outcome
    finally:
        work.stop()
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


class _Work(Generic[I, R]):
    """What the workers and the consumer of one run share."""

    def __init__(self, fn: Callable[[I], Awaitable[R]], pull: "_Pull[I]", concurrency: int, ordered: bool) -> None:
        self._fn = fn
        self._pull = pull
        self._limit = concurrency
        self._ordered = ordered
        self._done: deque[Outcome[I, R]] = deque()
        self._early: dict[int, Outcome[I, R]] = {}
        self._next = 0  # the index to yield next, if in order
        self._taken = 0
        self._pulled = 0
        self._running = concurrency
        self._error: BaseException | None = None
        self._stopped = False
        self._wake_consumer: asyncio.Future[None] | None = None
        self._paused: deque[asyncio.Future[None]] = deque()

    async def run(self) -> None:
        """Work as one of the workers, until there are no more items."""
        enter_bulk_lane()
        try:
            while self._error is None and not self._stopped:
                # Pulled and not yet taken: what is worked on, and what waits.
                if self._pulled - self._taken >= 2 * self._limit:
                    await self._pause()
                    continue
                self._pulled += 1
                pulled = self._pull.now() or await self._pull.later()
                if pulled is None:
                    self._pulled -= 1
                    return
                self._put(await self._call(*pulled))
        except (Exception, asyncio.CancelledError) as error:
            if _is_cancelled():
                raise
            # The input raised it, and the consumer is to have it.
            self._error = error
        finally:
            self._running -= 1
            self._signal()

    def stop(self) -> None:
        """Start no more calls, also where a call swallows its cancellation."""
        self._stopped = True

    async def take(self) -> Outcome[I, R] | None:
        """Return the next outcome, `None` at the end; raise what the input raised."""
        while not self._done:
            if not self._running:
                if self._error is not None:
                    raise self._error
                return None
            self._wake_consumer = asyncio.get_running_loop().create_future()
            await self._wake_consumer
        self._taken += 1
        if self._paused:
            _wake(self._paused.popleft())
        return self._done.popleft()

    async def _call(self, index: int, item: I) -> Outcome[I, R]:
        try:
            return Outcome(index, item, await self._fn(item))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the outcome
            return Outcome(index, item, error=error)
        except asyncio.CancelledError as error:
            if _is_cancelled():
                raise
            # Something inside was cancelled, not we: that item's failure.
            return Outcome(index, item, error=error)

    def _put(self, outcome: Outcome[I, R]) -> None:
        if not self._ordered:
            self._done.append(outcome)
        else:
            self._early[outcome.index] = outcome
            while self._next in self._early:
                self._done.append(self._early.pop(self._next))
                self._next += 1
        self._signal()

    def _signal(self) -> None:
        if self._wake_consumer is not None:
            _wake(self._wake_consumer)

    async def _pause(self) -> None:
        resumed = asyncio.get_running_loop().create_future()
        self._paused.append(resumed)
        await resumed


def _is_cancelled() -> bool:
    """Tell whether this worker is being cancelled, and not something that it called."""
    worker = asyncio.current_task()
    return worker is not None and worker.cancelling() > 0


def _wake(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)


class _Pull(Generic[I]):
    """The input, numbered, and pulled by one worker at a time."""

    def __init__(self, sync: Iterator[I] | None, asynchronous: AsyncIterator[I] | None) -> None:
        self._sync = sync
        self._async = asynchronous
        self._turn = asyncio.Lock()
        self._index = -1
        self._ended = False

    def now(self) -> tuple[int, I] | None:
        """Return the next item of a plain iterable, without a turn of the loop; `None` if there is none so."""
        if self._sync is None or self._ended:
            return None
        self._ended = True  # unless it gives one more: an input that raises is not asked again
        for item in self._sync:
            self._ended = False
            self._index += 1
            return self._index, item
        return None

    async def later(self) -> tuple[int, I] | None:
        """Return the next item of an async iterable; `None` at the end."""
        if self._async is None:
            return None
        async with self._turn:
            if self._ended:
                return None
            self._ended = True
            async for item in self._async:
                self._ended = False
                self._index += 1
                return self._index, item
            return None


def _puller(items: Iterable[I] | AsyncIterable[I]) -> _Pull[I]:
    if isinstance(items, AsyncIterable):
        return _Pull(None, aiter(items))
    return _Pull(iter(items), None)


@attrs.define
class BatchReport(Generic[I, R]):
    """What a batch has done so far, and in the end. It grows while the batch runs."""

    succeeded: int = 0
    failed: int = 0
    finished: bool = False
    """Whether the input was worked through to its end; not so after an error or a cancellation."""
    failures: list[Outcome[I, R]] = attrs.field(factory=list[Outcome[I, R]])
    """The failed items with their errors: the first `KEPT_FAILURES` of them."""

    @property
    def done(self) -> int:
        """How many items have been worked on, with whatever outcome."""
        return self.succeeded + self.failed


async def run_batch(
    fn: Callable[[I], Awaitable[R]],
    items: Iterable[I] | AsyncIterable[I],
    *,
    concurrency: int,
    on_error: Literal["raise", "collect"] = "raise",
    progress: Callable[[BatchReport[I, R], Outcome[I, R]], None] | None = None,
    report: BatchReport[I, R] | None = None,
) -> BatchReport[I, R]:
    """Call an async function for each item, and report.

    Args:
        fn, items, concurrency: As for `map_bounded`, which see for what is held in memory.
        on_error: `raise` stops at the first failure, cancels the calls that run, and raises it. `collect` goes on.
        progress: Called after each item with the report so far and the item's outcome.
        report: A report of yours to be filled in. If the batch is cancelled, or raises, it tells what was done: items
            counted there are done, and what was running has been cancelled.

    Returns:
        The report, finished.

    Raises:
        ValueError: `on_error` or `concurrency` is neither.
        Exception: With `raise`, what the function raised; in any case, what the input raised.
    """
    if on_error not in ("raise", "collect"):
        raise ValueError(f"on_error is 'raise' or 'collect', not {on_error!r}")
    tally: BatchReport[I, R] = BatchReport() if report is None else report
    async with aclosing(map_bounded(fn, items, concurrency=concurrency)) as outcomes:
        async for outcome in outcomes:
            _count(tally, outcome)
            if progress is not None:
                progress(tally, outcome)
            if outcome.error is not None and on_error == "raise":
                raise outcome.error
    tally.finished = True
    return tally


def _count(report: BatchReport[I, R], outcome: Outcome[I, R]) -> None:
    if outcome.error is None:
        report.succeeded += 1
        return
    report.failed += 1
    if len(report.failures) < KEPT_FAILURES:
        report.failures.append(outcome)
