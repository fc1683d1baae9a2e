"""What surrounds a release: a lost answer, and the wait until the jobs are out (source: rad/v4/release-job-on-printer).

MyQ answers a release before anything is printed, and has the caller look at the jobs' states.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from contextlib import aclosing, asynccontextmanager

from myqx_async.errors import ReleaseTimeout
from myqx_async.models.jobs import JobState
from print_async.batch import map_bounded
from print_async.clock import Clock
from print_async.errors import NotFound, PrintAsyncError, PrintOutcomeUnknown, ServerError, TransportError
from print_async.polling import Intervals, poll

PENDING_STATES: frozenset[str] = frozenset({"processing", "printing", "released", "queued", "waiting", "ready"})
"""States of jobs that are not out yet. MyQ documents `processing`; the others are inferred from what it calls them."""

_CONCURRENCY = 8


def job_numbers(job_ids: Iterable[int]) -> tuple[int, ...]:
    """Return the ids of jobs; `ValueError` where there are none, or one comes twice."""
    found = tuple(job_ids)
    if not found:
        raise ValueError("there must be at least one job")
    if len(set(found)) != len(found):
        raise ValueError(f"each job may be named once: {_named(found)}")
    return found


@asynccontextmanager
async def handed_over(printer_id: int, job_ids: tuple[int, ...], clock: Clock) -> AsyncIterator[None]:
    """Raise `PrintOutcomeUnknown` for a failure inside after which the jobs may be on their way to the printer."""
    failure: PrintAsyncError
    at = clock.time()
    try:
        yield
        return
    except TransportError as error:
        if not error.sent:
            raise
        failure = error
    except ServerError as error:
        failure = error
    raise PrintOutcomeUnknown(
        f"the release of jobs {_named(job_ids)} on printer {printer_id} may have happened: {failure}. It was not sent "
        "again. Look at the jobs' states (jobs.state), or at the printer, before releasing them again",
        printer=str(printer_id),
        document=f"jobs {_named(job_ids)}",
        submitted_at=at,
    ) from failure


class Waiting:
    """Looks at jobs until none of them is pending.

    Args:
        state: Returns the state of a job.
        job_ids: The jobs.
        pending: The states in which a job is not out yet, whatever their case.
    """

    def __init__(
        self, state: Callable[[int], Awaitable[JobState]], job_ids: tuple[int, ...], pending: Collection[str]
    ) -> None:
        self._state = state
        self._pending = {name.casefold() for name in pending}
        self._left = dict.fromkeys(job_ids)
        self._states: dict[int, JobState | None] = dict.fromkeys(job_ids)

    async def until_done(
        self,
        clock: Clock,
        timeout: float | None,  # noqa: ASYNC109 - it is counted on that clock
        intervals: Intervals | None,
    ) -> dict[int, JobState | None]:
        """Return the state in which each job was seen when it was no longer pending; `None` where it is gone."""
        try:
            done = await poll(self._look, clock=clock, timeout=timeout, intervals=intervals)
        except PrintAsyncError as error:
            error.add_note(f"not known to be done: jobs {_named(self._left)}")
            raise
        if not done:
            left = tuple(self._left)
            seen = ", ".join(f"{job} ({self._states[job]})" for job in left)
            raise ReleaseTimeout(
                f"after {timeout:g} seconds these jobs are still pending: {seen}. Nothing was called off: wait for "
                "them again, or look at the printer",
                pending=left,
            )
        return self._states

    async def _look(self) -> bool:
        async with aclosing(map_bounded(self._seen, tuple(self._left), concurrency=_CONCURRENCY)) as outcomes:
            async for outcome in outcomes:
                state = outcome.unwrap()
                self._states[outcome.item] = state
                if state is None or state.casefold() not in self._pending:
                    del self._left[outcome.item]
        return not self._left

    async def _seen(self, job_id: int) -> JobState | None:
        try:
            return await self._state(job_id)
        except NotFound:
            return None


def _named(job_ids: Iterable[int]) -> str:
    return ", ".join(map(str, job_ids))
