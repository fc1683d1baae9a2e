"""What a worker does of a batch: partitions of its items, with the worker's own client."""

import asyncio
import pickle
import secrets
from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing, suppress
from typing import Any, Generic, TypeVar

import attrs

from print_async.batch import map_bounded
from print_async.cluster.once import Before, RedisOnce
from print_async.errors import ClusterError, ItemOutcomeUnknown

C = TypeVar("C")

Result = tuple[int, Any, BaseException | None]
"""What became of one item: its place in the input, its value, its error."""


@attrs.frozen
class Job(Generic[C]):
    """What a batch does, as its workers are told."""

    fn: Callable[[C, Any], Awaitable[Any]]
    concurrency: int
    stop_at_failure: bool = False
    open_once: Callable[[], RedisOnce] | None = None


class Run(Generic[C]):
    """One batch on one worker. Its partitions share the worker's client, and one limit of calls at a time."""

    def __init__(self, job: Job[C], client: C) -> None:
        self._job = job
        self._client = client
        self._slots = asyncio.Semaphore(job.concurrency)
        self._once = None if job.open_once is None else job.open_once()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._results: dict[int, list[Result]] = {}
        self._stopped = False

    async def partition(self, first: int, items: Iterable[Any]) -> bytes:
        """Work through some items, the first of which has that place in the input, and return packed results."""
        results: list[Result] = []
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in one
        self._tasks.add(task)
        self._results[first] = results
        try:
            await self._work_through(first, items, results)
        except asyncio.CancelledError:
            if not self._stopped:
                raise  # the worker closes, and the partition is another one's to do
        finally:
            self._tasks.discard(task)
            del self._results[first]
        return packed(results)

    async def stop(self) -> bytes:
        """Cancel what runs, and return the packed results of the partitions that will never return theirs."""
        self._stopped = True
        tasks, results = list(self._tasks), [each for part in self._results.values() for each in part]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self.aclose()
        return packed(results)

    async def aclose(self) -> None:
        """Close what the run has open besides the client."""
        if self._once is not None:
            await self._once.aclose()

    async def _work_through(self, first: int, items: Iterable[Any], results: list[Result]) -> None:
        calls = map_bounded(self._call, enumerate(items, first), concurrency=self._job.concurrency)
        async with aclosing(calls) as outcomes:
            async for outcome in outcomes:
                error = None if outcome.error is None else portable(outcome.error)
                results.append((outcome.item[0], outcome.value, error))
                if error is not None and self._job.stop_at_failure:
                    return

    async def _call(self, numbered: tuple[int, Any]) -> Any:
        async with self._slots:
            if self._once is None:
                return await self._job.fn(self._client, numbered[1])
            return await self._call_once(self._once, *numbered)

    async def _call_once(self, once: RedisOnce, index: int, item: Any) -> Any:
        before = await once.begin(index, secrets.token_hex(8))
        if before is Before.DONE:
            return None
        if before is Before.BEGUN:
            raise ItemOutcomeUnknown(
                "it was begun before, and whoever began it died, or did not succeed: nobody knows whether it took "
                "effect. It was not done again; look first",
                index=index,
            )
        value = await self._job.fn(self._client, item)
        with suppress(ClusterError):  # it is done, and that is what the report is to say; at the worst it stays begun
            await once.finish(index)
        return value


def packed(results: list[Result]) -> bytes:
    """Pickle results; a value that cannot be is an error in its place."""
    try:
        return pickle.dumps(results)
    except Exception:  # noqa: BLE001 - a value may raise anything when it is pickled
        return pickle.dumps([_sendable(result) for result in results])


def unpacked(content: bytes) -> list[Result]:
    """Read packed results."""
    found: list[Result] = pickle.loads(content)  # noqa: S301 - from a worker, which runs whatever we tell it to
    return found


def portable(error: BaseException) -> BaseException:
    """Return an error as it can be sent: itself, or where it does not survive pickling, one that tells what it was."""
    try:
        same = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - an error of anybody's may raise anything here
        same = None
    return error if type(same) is type(error) else ClusterError(f"{type(error).__name__}: {error}")


def _sendable(result: Result) -> Result:
    index, value, error = result
    try:
        pickle.dumps(value)
    except Exception as failure:  # noqa: BLE001 - whatever a value raises when it is pickled
        text = f"done, but what the function returned cannot be sent back ({type(failure).__name__}: {failure})"
        return index, None, ClusterError(text)
    return index, value, error
