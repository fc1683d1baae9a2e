"""A print job, and looking at it until it is over."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import attrs

from ezeep_async.models.print_jobs import JobState, JobStatus
from ezeep_async.services.print_api import PrintApi
from print_async.clock import Clock
from print_async.errors import PrintFailed, PrintTimeout
from print_async.polling import Intervals

_MEANINGS = {
    2: "the server does not know the job",
    87: "the server does not take the job's id",
    3011: "the job failed; print the document again",
    412: "the queue or Hub printer may have no driver",
    500: "the queue or Hub printer may have no driver",
    503: "the queue or Hub printer may have no driver",
    1048579: "the queue or Hub printer may have no driver",
}
STATUS_INTERVALS = Intervals(first=1.0, factor=1.5, longest=10.0)
"""The pauses between two questions for a status, by default. The vendor's own client asks every two seconds."""


@attrs.frozen(kw_only=True)
class PrintJob:
    """A document that the server has taken. There is no way to call it off: the API has none."""

    id: str | None
    """The job's id. `None` where a queue stores the document and makes no job yet."""
    printer_id: str | None = None
    """UUID."""
    file_id: str | None = None
    """The upload, which can be printed again unless it was to be deleted."""
    document: str | None = None
    """The name that the queue shows."""
    is_queue: bool = False
    """Whether the document is only stored until somebody releases it: there is nothing to watch."""
    _api: PrintApi = attrs.field(repr=False, eq=False, alias="api")
    _clock: Clock = attrs.field(repr=False, eq=False, alias="clock")

    async def status(self) -> JobStatus:
        """Ask for the status once.

        Raises:
            ValueError: There is no job id, as with some queues. Nothing was sent.
            StatusError, AuthError, TransportError, DecodeError: As for every call; asking again is safe.
        """
        if self.id is None:
            raise ValueError("a document that a queue stores has no job to ask about")
        return await self._api.status(self.id)

    async def watch(
        self,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - on the session's clock
        intervals: Intervals = STATUS_INTERVALS,
    ) -> AsyncGenerator[JobStatus, None]:
        """Yield the status again and again, the final one last; nothing at all for a queue.

        A failure of the job ends it as well; see `JobStatus.state`. Leaving early is fine.

        Args:
            timeout: Seconds from now; `None` for no end. A question under way is not cut off, and when they are over,
                one more is asked.
            intervals: The pauses in between.

        Raises:
            ValueError: `timeout` is negative.
            PrintTimeout: The time is over and the job is not. It goes on; watch it again.
            StatusError, AuthError, TransportError, DecodeError: As for every call. The job goes on; watch it again.
        """
        if timeout is not None and timeout < 0:
            raise ValueError("timeout is a number of seconds, 0 or more, or None for no end")
        if self.is_queue:
            return
        deadline = None if timeout is None else self._clock.monotonic() + timeout
        for pause in intervals:
            status = await self.status()
            yield status
            if status.is_final:
                return
            left = pause if deadline is None else deadline - self._clock.monotonic()
            if left <= 0:
                raise PrintTimeout(
                    f"the job is not over after {timeout:g} seconds (status {status.code}). It goes on: "
                    "wait for it again, or look at the printer; do not print the document again",
                    printer=self.printer_id,
                    file_id=self.file_id,
                    job_id=self.id,
                )
            await self._clock.sleep(min(pause, left))

    async def wait(
        self,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - on the session's clock
        intervals: Intervals = STATUS_INTERVALS,
    ) -> JobStatus | None:
        """Wait until the job is over, and return its final status; `None` at once for a queue, which only stores it.

        Args:
            timeout, intervals: As for `watch`.

        Raises:
            PrintFailed: The job has failed.
            PrintTimeout: The time is over and the job is not.
            ValueError, StatusError, AuthError, TransportError, DecodeError: As for `watch`.
        """
        status = None
        async with aclosing(self.watch(timeout=timeout, intervals=intervals)) as seen:
            async for each in seen:
                status = each
        if status is not None and status.state is JobState.FAILED:
            raise self._failure(status)
        return status

    def _failure(self, status: JobStatus) -> PrintFailed:
        meaning = _MEANINGS.get(status.code)
        said = f" ({status.text})" if status.text else ""
        return PrintFailed(
            f"the job ended with status {status.code}{said}" + (f": {meaning}" if meaning else ""),
            code=status.code,
            message=status.text,
            printer=self.printer_id,
            file_id=self.file_id,
            job_id=self.id,
        )
