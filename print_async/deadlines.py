"""How long a call, or a block of calls, may take in all: its queue, refreshes, retries, pauses and bodies included.

    async with deadline(30):
        async for user in ezeep.users.list():
            ...

The clocks of a transport (`Timeouts`) limit one phase of one exchange; a deadline limits the whole. Of nested ones the
nearest counts, and a call's own `timeout` is one more. A call that meets its deadline is ended there, and raises
`DeadlineExceeded`, so whoever handles its errors, such as the printing of a document, knows whether it was sent.
Whatever else is awaited in the block at that moment is cancelled, and the block raises the same error.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import NoReturn

import attrs

from print_async.clock import Clock, SystemClock
from print_async.errors import DeadlineExceeded
from print_async.origin import presentable
from print_async.phases import Phases, Span, follow
from print_async.wire import Request

_current: ContextVar["Deadline | None"] = ContextVar("print_async_deadline", default=None)


@attrs.define(eq=False)
class Deadline:
    """A moment at which to be done."""

    seconds: float
    """How much time there was when it began, or was left of one around it."""
    clock: Clock = attrs.field(repr=False)
    expires_at: float = attrs.field(repr=False)
    """On that clock, monotonic."""
    around: "Deadline | None" = attrs.field(repr=False)
    owner: "asyncio.Task[object] | None" = attrs.field(repr=False)
    """The task whose block or call it is."""
    phases: Phases = attrs.field(repr=False)
    """Of its block."""
    calling: bool = attrs.field(default=False, init=False, repr=False)
    """Whether its owner waits for a call at the moment."""

    @classmethod
    def within(cls, seconds: float, clock: Clock) -> "Deadline":
        """Make one that many seconds from now, or at the nearest around it if that is sooner; `ValueError` for none."""
        if not seconds > 0 or math.isinf(seconds):
            raise ValueError(f"a deadline is a number of seconds from now, more than 0, not {seconds!r}")
        around = _current.get()
        if around is not None:
            seconds = min(seconds, around.left)
        until = clock.monotonic() + seconds
        return cls(seconds, clock, until, around, asyncio.current_task(), Phases(clock, "outside"))

    @property
    def left(self) -> float:
        """Seconds until it; 0 or less if it has passed."""
        return self.expires_at - self.clock.monotonic()

    @asynccontextmanager
    async def call(self, request: Request) -> AsyncIterator[None]:
        """End the call that is made inside at the deadline, at once if that has passed.

        Raises:
            DeadlineExceeded: It was ended.
        """
        phases = Phases(self.clock, "queue")
        if self.left <= 0:
            raise self._exceeded(phases, request)
        scope = asyncio.timeout(None)
        try:
            with self._told_by_the_call(phases), follow(phases):
                async with scope, _timer(self, scope, _end):
                    yield
        except TimeoutError:
            if not scope.expired():
                raise
        else:
            return
        # Here and not above: chained to the cancellation, it would bring along frames that hold the plain token.
        raise self._exceeded(phases, request)

    @contextmanager
    def _told_by_the_call(self, phases: Phases) -> Iterator[None]:
        """Leave it to a call to end, where the task that waits for it is the one that a block would cancel."""
        blocks = [each for each in self._and_around() if asyncio.current_task() is each.owner]
        for block in blocks:
            block.calling = True
            block.phases.enter("queue")
        try:
            yield
        finally:
            for block in blocks:
                block.calling = False
                block.phases.add(phases.waterfall, "outside")

    def _and_around(self) -> "Iterator[Deadline]":
        each: Deadline | None = self
        while each is not None:
            yield each
            each = each.around

    def end(self, scope: asyncio.Timeout) -> None:
        """End the block. A call of its own task that is under way has been ended by itself, and says more."""
        if not self.calling:
            _end(scope)

    def refuse(self, cut: BaseException | None) -> NoReturn:
        """Raise what a block says that was ended between its calls, with what was noted on the cancellation."""
        spans = self.phases.waterfall
        error = DeadlineExceeded(
            f"the deadline of {self.seconds:g} s has passed{_told(spans)}. What was awaited in its block is cancelled",
            sent=False,
            phase="outside",
            seconds=self.seconds,
            waterfall=spans,
        )
        for note in getattr(cut, "__notes__", ()):
            error.add_note(note)
        raise error from (None if cut is None else cut.__cause__)

    def _exceeded(self, phases: Phases, request: Request) -> DeadlineExceeded:
        spans = (self.phases if asyncio.current_task() is self.owner else phases).waterfall
        where, phase = presentable(request.url), phases.now
        state = "the server may have acted on it" if phases.sent else "nothing was sent that the server has acted on"
        return DeadlineExceeded(
            f"{request.method} {where}: the deadline of {self.seconds:g} s has passed in the phase {phase!r}"
            f"{_told(spans)}; {state}",
            method=request.method,
            url=where,
            sent=phases.sent,
            phase=phase,
            seconds=self.seconds,
            waterfall=spans,
        )


def nearest(timeout: float | None, clock: Clock) -> Deadline | None:
    """Return the deadline of a call: that of the block it is in, or a nearer one after `timeout` seconds."""
    around = _current.get()
    if timeout is None or (around is not None and around.left <= timeout):
        return around
    return Deadline.within(timeout, clock)


@asynccontextmanager
async def deadline(seconds: float, *, clock: Clock | None = None) -> AsyncIterator[Deadline]:
    """Give the calls made inside, and whatever else is awaited there, that many seconds in all.

    Tasks started inside have it too: their calls end at the deadline. What must not be left halfway is not cut: a
    payment is rolled back, a session ended, a token that has been asked for is saved, and the block ends after that.

    Args:
        seconds: From now on. One around this that is nearer counts instead.
        clock: What it is counted on; for tests.

    Raises:
        ValueError: `seconds` is no number of seconds above 0.
        DeadlineExceeded: It passed. From a call, it says whether the call was sent. Not to be retried within it.
    """
    own = Deadline.within(seconds, clock or SystemClock())
    reset = _current.set(own)
    scope = asyncio.timeout(None)
    try:
        async with scope, _timer(own, scope, own.end):
            yield own
    except TimeoutError as error:
        if isinstance(error, DeadlineExceeded) or not scope.expired():
            raise
        cut = error.__cause__
    else:
        return
    finally:
        _current.reset(reset)
    own.refuse(cut)


def lift() -> None:
    """Have no deadline in this context any more."""
    _current.set(None)


@asynccontextmanager
async def _timer(
    deadline: Deadline, scope: asyncio.Timeout, end: Callable[[asyncio.Timeout], None]
) -> AsyncIterator[None]:
    timer = deadline.clock.call_later(deadline.left, lambda: end(scope))
    try:
        yield
    finally:
        timer.cancel()


def _end(scope: asyncio.Timeout) -> None:
    if not scope.expired():
        scope.reschedule(asyncio.get_running_loop().time())


def _told(spans: tuple[Span, ...]) -> str:
    return f" ({', '.join(map(str, spans))})" if spans else ""
