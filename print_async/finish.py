"""Work that must not be left halfway, and what is said of it when something else goes wrong at the same time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from print_async.detached import detached

T = TypeVar("T")


async def uninterrupted(work: Awaitable[T]) -> tuple[asyncio.Future[T], asyncio.CancelledError | None]:
    """Wait until a piece of work is done, however often the caller is cancelled meanwhile.

    Returns the work, done, and the first cancellation that came. Whoever gets one has to raise it in the end.
    """
    running = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not running.done():
        try:
            await asyncio.wait({running})
        except asyncio.CancelledError as error:
            cancelled = cancelled or error
    return running, cancelled


async def to_the_end(work: Awaitable[T]) -> T:
    """Wait for a piece of work, and do not leave before it is done, not even when cancelled.

    Left earlier, a lock around it would be released while it still goes on.
    """
    done, cancelled = await uninterrupted(work)
    if cancelled is None:
        return done.result()
    if not done.cancelled():
        done.exception()
    raise cancelled


@asynccontextmanager
async def two_ends(
    begin: Callable[[], Awaitable[T]], *, succeed: Callable[[T], Awaitable[None]], fail: Callable[[T], Awaitable[None]]
) -> AsyncIterator[T]:
    """Begin something that must be brought to one of two ends, whatever happens: one for success, one for failure.

    Neither beginning nor ending it is left halfway when the caller is cancelled: the cancellation goes on afterwards.
    Nor is an end cut by a deadline: what was begun is ended, however late.
    What was begun in spite of a cancellation is brought to its failure at once. Where an end does not work out while
    an error is on its way, the error goes on, with a note.

    Args:
        begin: Begins it; nothing is to be ended if that raises.
        succeed: The end after a body that raises nothing. What it raises is raised.
        fail: The end after one that is cancelled, or raises.
    """
    begun, cancelled = await uninterrupted(begin())
    if cancelled is not None:
        failure = _failure(begun)
        if failure is None:
            await _note_failure(fail(begun.result()), cancelled)
        raise cancelled from failure
    thing = begun.result()
    try:
        yield thing
    except GeneratorExit:
        raise  # the loop is gone: nothing can be waited for any more
    except BaseException as error:
        cancelled = await _note_failure(fail(thing), error)
        if cancelled is not None and isinstance(error, Exception):
            raise cancelled from error
        raise
    await _end(succeed(thing), thing)


async def _end(work: Awaitable[None], thing: object) -> None:
    ended, cancelled = await uninterrupted(_lifted(work))
    if cancelled is None:
        return ended.result()
    failure = _failure(ended)
    cancelled.add_note(f"by then: {thing if failure is None else failure}")
    raise cancelled from failure


async def _note_failure(work: Awaitable[None], error: BaseException) -> asyncio.CancelledError | None:
    ended, cancelled = await uninterrupted(_lifted(work))
    failure = _failure(ended)
    if failure is not None:
        error.add_note(str(failure))
        if cancelled is not None:
            cancelled.add_note(str(failure))
    return cancelled


def _lifted(work: Awaitable[None]) -> "asyncio.Task[None]":
    async def run() -> None:
        await work

    return detached(run())


def _failure(done: "asyncio.Future[T]") -> BaseException | None:
    return asyncio.CancelledError("cut off") if done.cancelled() else done.exception()
