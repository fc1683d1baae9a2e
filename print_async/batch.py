"""Doing one thing to many items, a bounded number at a time.

The items may be any iterable or async iterable, also an endless one. They are pulled only as fast as results are taken:
at most `concurrency` are being worked on, and at most as many results wait for the caller. So memory is flat, however
many items there are.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Iterator
from contextlib import aclosing
from typing import Any, Generic, Literal, TypeVar

import attrs

from print_async.limits.lanes import enter_bulk_lane
from print_async.model import model

I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")

KEPT_FAILURES = 1_000
"""How many failures a report keeps in full; further ones are only counted."""


_END: Any = object()
"""Comes from an input that has no more."""


@model
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
    work = _Work(fn, items, concurrency, ordered)
    workers = [asyncio.get_running_loop().create_task(work.run()) for _ in range(concurrency)]
    try:
        while work.done or await work.more():
            yield work.take()
    finally:
        work.stop()
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


class _Work(Generic[I, R]):
    """What the workers and the consumer of one run share.

    Every item comes by here, so its way is short: no coroutine but the call's, and nobody is woken for nothing.
    """

    def __init__(
        self, fn: Callable[[I], Awaitable[R]], items: Iterable[I] | AsyncIterable[I], concurrency: int, ordered: bool
    ) -> None:
        self._fn = fn
        self._turns = _Turns(items) if isinstance(items, AsyncIterable) else None
        self._items: Iterator[I] = iter(()) if isinstance(items, AsyncIterable) else iter(items)
        self._index = 0  # of the item that is pulled next
        self._ahead = 0  # pulled and not yet taken: what is worked on, and what waits
        self._window = 2 * concurrency
        self._running = concurrency
        self._over = False
        self._error: BaseException | None = None
        self.done: deque[Outcome[I, R]] = deque()
        self._early: dict[int, Outcome[I, R]] | None = {} if ordered else None
        self._next = 0  # the index to yield next, if in order
        self._consumer: asyncio.Future[None] | None = None
        self._paused: deque[asyncio.Future[None]] = deque()
        self._resuming = 0

    async def run(self) -> None:
        """Work as one of the workers, until there are no more items."""
        enter_bulk_lane()
        fn, items, turns = self._fn, self._items, self._turns
        try:
            while not self._over:
                if self._ahead >= self._window:
                    await self._pause()
                    continue
                self._ahead += 1
                item = next(items, _END) if turns is None else await turns.next()
                if item is _END:
                    self._over = True
                    return
                index = self._index
                self._index += 1
                try:
                    self._put(Outcome(index, item, await fn(item)))
                except Exception as error:  # noqa: BLE001 - whatever it is, it is the outcome
                    self._put(Outcome(index, item, None, error))
                except asyncio.CancelledError as error:
                    if _is_cancelled():
                        raise
                    # Something inside was cancelled, not we: that item's failure.
                    self._put(Outcome(index, item, None, error))
        except (Exception, asyncio.CancelledError) as error:
            if _is_cancelled():
                raise
            # The input raised it, and the consumer is to have it.
            self._error, self._over = error, True
        finally:
            self._running -= 1
            if self._over:
                self._resume(self._window)
            self._signal()

    def stop(self) -> None:
        """Start no more calls, also where a call swallows its cancellation."""
        self._over = True

    async def more(self) -> bool:
        """Wait for an outcome, and tell whether there is one; raise what the input raised."""
        while not self.done:
            if not self._running:
                if self._error is not None:
                    raise self._error
                return False
            self._consumer = asyncio.get_running_loop().create_future()
            await self._consumer
        return True

    def take(self) -> Outcome[I, R]:
        """Return the next outcome, which is there."""
        self._ahead -= 1
        if self._paused:
            self._resume(1)
        return self.done.popleft()

    def _put(self, outcome: Outcome[I, R]) -> None:
        if self._early is None:
            self.done.append(outcome)
        else:
            self._early[outcome.index] = outcome
            while self._next in self._early:
                self.done.append(self._early.pop(self._next))
                self._next += 1
        if self._consumer is not None:
            self._signal()

    def _signal(self) -> None:
        if self._consumer is not None:
            _wake(self._consumer)
            self._consumer = None

    async def _pause(self) -> None:
        """Wait for room; then let others go on, if there is room for more than one.

        Each resumes two, so that all are soon at work after a long pause; where calls never suspend, the first takes
        all the room, and no more than two are woken for nothing.
        """
        resumed = asyncio.get_running_loop().create_future()
        self._paused.append(resumed)
        try:
            await resumed
        finally:
            self._resuming -= not resumed.cancelled()
        self._resume(min(self._resuming + 2, self._window - self._ahead - 1))

    def _resume(self, count: int) -> None:
        """Have at least that many paused workers about to go on, if there are so many."""
        while self._resuming < count and self._paused:
            self._resuming += _wake(self._paused.popleft())


class _Turns(Generic[I]):
    """An async iterable, asked by one worker at a time, and no more once it has ended or raised."""

    def __init__(self, items: AsyncIterable[I]) -> None:
        self._items = aiter(items)
        self._turn = asyncio.Lock()
        self._ended = False

    async def next(self) -> Any:
        """Return the next item, `_END` at the end."""
        async with self._turn:
            if self._ended:
                return _END
            self._ended = True  # unless it gives one more
            item = await anext(self._items, _END)
            self._ended = item is _END
            return item


def _is_cancelled() -> bool:
    """Tell whether this worker is being cancelled, and not something that it called."""
    worker = asyncio.current_task()
    return worker is not None and worker.cancelling() > 0


def _wake(waiter: "asyncio.Future[None]") -> bool:
    """Wake who waits, and tell whether anybody did."""
    if waiter.done():
        return False
    waiter.set_result(None)
    return True


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

    def count(self, outcome: Outcome[I, R]) -> None:
        """Count one more item."""
        if outcome.error is None:
            self.succeeded += 1
            return
        self.failed += 1
        if len(self.failures) < KEPT_FAILURES:
            self.failures.append(outcome)


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
            tally.count(outcome)
            if progress is not None:
                progress(tally, outcome)
            if outcome.error is not None and on_error == "raise":
                raise outcome.error
    tally.finished = True
    return tally
