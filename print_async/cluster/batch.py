"""A batch over many machines: `map_bounded` and `run_batch`, on the workers of a cluster.

The input is cut into partitions, each of which one worker works through. Only so many partitions are handed out at a
time as keep the workers busy, and the input is pulled only as fast as results are taken, so memory is flat here,
however many items there are.

If a worker dies, its partitions are done by others. Each partition is reported once, so nothing is counted twice. But
what the dead worker had done of a partition already is *done again*: that does no harm where doing it twice is like
doing it once (reading; putting a user into a group), and it does where it is not (printing, paying). For those there is
`once`: no item is begun twice, and one whose outcome died with its worker fails with `ItemOutcomeUnknown`.
"""

import uuid
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable
from contextlib import aclosing
from typing import Generic, Literal, TypeVar

from print_async.batch import BatchReport, Outcome, map_bounded
from print_async.cluster.once import RedisOnce
from print_async.cluster.work import Job, unpacked
from print_async.cluster.workers import Workers, sendable
from print_async.errors import WorkersLost

C = TypeVar("C")
I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")

PARTITION_SIZE = 100
"""Items in a partition, unless told."""


async def map_on(
    workers: Workers[C],
    fn: Callable[[C, I], Awaitable[R]],
    items: Iterable[I] | AsyncIterable[I],
    *,
    concurrency: int,
    once: Callable[[], RedisOnce] | None,
    partition_size: int = PARTITION_SIZE,
    outstanding: int | None = None,
) -> AsyncGenerator[Outcome[I, R], None]:
    """Call an async function for each item, on the workers of a cluster, and yield what becomes of each.

    The same function runs here with `map_bounded(functools.partial(fn, client), items, concurrency=...)`.

    Args:
        workers: The workers, open.
        fn: Called with the worker's client and one item. It, the items and what it returns are sent by pickle. What it
            raises is in the outcome, without the worker's traceback; it ends nothing else.
        items: Any iterable or async iterable, pulled here. What *it* raises is raised here, after the outcomes of what
            it gave.
        concurrency: How many calls run at a time on each worker.
        once: `None` if an item may be done twice, as happens where a worker dies. Else a function that is called on
            each worker, sent there as `fn` is, and opens the record that keeps items from that: see the module. What an
            item that was done before has returned is not known any more: its value is `None`.
        partition_size: How many items a worker gets at a time, and at most does again if another one dies. An item of a
            slow input waits until its partition is full.
        outstanding: How many partitions are handed out at a time; by default twice as many as the workers there are now
            run at once. Give more where workers are to join later.

    Outcomes come partition by partition, as these are done. Leaving the loop early, or cancelling it, cancels the calls
    that run, as with `map_bounded`.

    Raises:
        ValueError: A number is less than 1.
        TypeError: The function, or an item, cannot be sent to the workers.
        WorkersLost: Workers died over one partition again and again.
        ClusterError: The cluster has lost the work.
    """
    run: _Run[C, I, R] = _Run(workers, Job(fn, concurrency, open_once=once), partition_size, outstanding)
    async with aclosing(run.outcomes(items)) as outcomes:
        async for outcome in outcomes:
            yield outcome


async def run_batch_on(
    workers: Workers[C],
    fn: Callable[[C, I], Awaitable[R]],
    items: Iterable[I] | AsyncIterable[I],
    *,
    concurrency: int,
    once: Callable[[], RedisOnce] | None,
    partition_size: int = PARTITION_SIZE,
    outstanding: int | None = None,
    on_error: Literal["raise", "collect"] = "raise",
    progress: Callable[[BatchReport[I, R], Outcome[I, R]], None] | None = None,
    report: BatchReport[I, R] | None = None,
) -> BatchReport[I, R]:
    """Call an async function for each item, on the workers of a cluster, and report.

    The same function runs here with `run_batch(functools.partial(fn, client), items, concurrency=...)`.

    Args:
        workers, fn, items, concurrency, once, partition_size, outstanding: As for `map_on`, which see for what happens
            where a worker dies.
        on_error: `raise` stops at the first failure, cancels the calls that run, and raises it. `collect` goes on.
        progress: Called for each item, when its partition is back, with the report so far and the item's outcome.
        report: A report of yours to be filled in. If the batch is cancelled, or raises, it tells what was done: items
            counted there are done, also those that workers had done of partitions that were cut off; what was running
            has been cancelled. What a worker could not tell any more is not counted.

    Returns:
        The report, finished.

    Raises:
        ValueError: `on_error`, or a number, is none that makes sense.
        TypeError, WorkersLost, ClusterError: As for `map_on`.
        Exception: With `raise`, what the function raised; in any case, what the input raised.
    """
    if on_error not in ("raise", "collect"):
        raise ValueError(f"on_error is 'raise' or 'collect', not {on_error!r}")
    tally: BatchReport[I, R] = BatchReport() if report is None else report
    job = Job(fn, concurrency, stop_at_failure=on_error == "raise", open_once=once)
    run: _Run[C, I, R] = _Run(workers, job, partition_size, outstanding)
    try:
        async with aclosing(run.outcomes(items)) as outcomes:
            async for outcome in outcomes:
                tally.count(outcome)
                if progress is not None:
                    progress(tally, outcome)
                if outcome.error is not None and on_error == "raise":
                    raise outcome.error
    finally:
        for outcome in run.cut_off:
            tally.count(outcome)
    tally.finished = True
    return tally


class _Run(Generic[C, I, R]):
    """One batch on the cluster."""

    def __init__(self, workers: Workers[C], job: Job[C], size: int, outstanding: int | None) -> None:
        if min(job.concurrency, size, 1 if outstanding is None else outstanding) < 1:
            raise ValueError("concurrency, partition_size and outstanding must be at least 1")
        self.cut_off: list[Outcome[I, R]] = []
        """What was done and not yielded, once `outcomes` is closed."""
        self._workers = workers
        self._job = sendable(job, "the function")
        self._size = size
        self._outstanding = outstanding
        self._name = f"print-async-run-{uuid.uuid4().hex}"
        self._items: dict[int, list[I]] = {}  # of the partitions that are out, by the place of the first one
        self._back: dict[int, bytes] = {}  # the results of those that are back; packed, for they take less memory so
        self._next: deque[Outcome[I, R]] = deque()

    async def outcomes(self, items: Iterable[I] | AsyncIterable[I]) -> AsyncGenerator[Outcome[I, R], None]:
        """Yield what becomes of each item."""
        at_a_time = self._outstanding or 2 * max(1, sum(await self._workers.threads()))
        try:
            async with (
                aclosing(_partitions(items, self._size)) as partitions,
                aclosing(map_bounded(self._partition, partitions, concurrency=at_a_time)) as done,
            ):
                async for partition in done:
                    first = partition.unwrap()
                    self._next.extend(self._outcome(*result) for result in unpacked(self._back.pop(first)))
                    del self._items[first]
                    while self._next:
                        yield self._next.popleft()
        finally:
            self._cut_off(await self._workers.stop(self._name))

    async def _partition(self, numbered: tuple[int, list[I]]) -> int:
        first, items = numbered
        sent = sendable(items, f"items {first} to {first + len(items) - 1}")
        self._items[first] = items
        try:
            self._back[first] = await self._workers.partition(self._name, self._job, first, sent)
        except WorkersLost as error:
            error.first, error.last = first, first + len(items) - 1
            error.add_note(f"The partition has the items {error.first} to {error.last} of the input, from 0")
            raise
        return first

    def _outcome(self, index: int, value: R, error: BaseException | None) -> Outcome[I, R]:
        place = index % self._size
        return Outcome(index, self._items[index - place][place], value, error)

    def _cut_off(self, contents: list[bytes]) -> None:
        # By index: a worker that was given up for dead may still be at what another one does as well.
        told = {result[0]: result for content in (*contents, *self._back.values()) for result in unpacked(content)}
        known = [self._outcome(*told[index]) for index in told if index - index % self._size in self._items]
        self.cut_off = [*self._next, *known]


async def _partitions(items: Iterable[I] | AsyncIterable[I], size: int) -> AsyncGenerator[tuple[int, list[I]], None]:
    first = 0
    partition: list[I] = []
    try:
        async with aclosing(_each(items)) as each:
            async for item in each:
                partition.append(item)
                if len(partition) == size:
                    yield first, partition
                    first, partition = first + size, []
    except Exception:
        if partition:
            yield first, partition  # what the input gave before it failed
        raise
    if partition:
        yield first, partition


async def _each(items: Iterable[I] | AsyncIterable[I]) -> AsyncGenerator[I, None]:
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item
