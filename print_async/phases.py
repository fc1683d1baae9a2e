"""How far a call is: the phases it goes through, and how long each of them took.

    queue    waiting for its turn (`print_async.limits`)
    token    waiting for a token
    connect  a place in the pool, TCP and TLS; nothing has been sent
    send     the request, up to its last byte
    headers  waiting for the head of the answer
    body     reading the answer
    exchange connect to body, of a transport that does not tell
    pause    before the call is sent again
    outside  in a block with a deadline, whatever is no call

Whoever does the work says which phase begins, by `enter`; that costs next to nothing where nobody follows the call.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import attrs

from print_async.clock import Clock

_followed: ContextVar["Phases | None"] = ContextVar("print_async_phases", default=None)


@attrs.frozen
class Span:
    """One phase that a call was in."""

    phase: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.phase} {self.seconds:.3f} s"


class Phases:
    """The phases of one call, or of the calls in one block, in their order."""

    def __init__(self, clock: Clock, first: str) -> None:
        self._clock = clock
        self._spans: list[Span] = []
        self._entered_at = clock.monotonic()
        self._acted = False
        self.now: str = first
        """The phase that is going on."""

    def enter(self, phase: str) -> None:
        """End the phase that goes on, and begin another."""
        now = self._clock.monotonic()
        self._append(Span(self.now, now - self._entered_at))
        self.now, self._entered_at = phase, now

    def add(self, spans: tuple[Span, ...], then: str) -> None:
        """Put what was seen elsewhere since the last `enter` in the place of that phase, and go on in another."""
        for span in spans:
            self._append(span)
        self.now, self._entered_at = then, self._clock.monotonic()

    def attempt_over(self, *, acted: bool) -> None:
        """One sending of the call is over, and the server may have acted on it, or has not for certain."""
        self._acted = self._acted or acted

    @property
    def sent(self) -> bool:
        """Whether the server may have acted on the call."""
        return self._acted or self.now in _SENT

    @property
    def waterfall(self) -> tuple[Span, ...]:
        """All phases so far, the one that goes on included; those that took no time are left out."""
        last = Span(self.now, self._clock.monotonic() - self._entered_at)
        return (*self._spans, last) if last.seconds else tuple(self._spans)

    def _append(self, span: Span) -> None:
        if not span.seconds:
            return
        self._spans.append(span)
        if len(self._spans) > _KEPT:
            self._spans = list(_summed(self._spans))


_SENT = frozenset({"send", "headers", "body", "exchange"})
_KEPT = 64
"""Phases kept one by one. A block may last for hours and a million calls: then those of one name are added up."""


def _summed(spans: list[Span]) -> Iterator[Span]:
    for phase in dict.fromkeys(span.phase for span in spans):
        yield Span(phase, sum(span.seconds for span in spans if span.phase == phase))


def enter(phase: str) -> None:
    """Say that the call of this task begins a phase."""
    followed = _followed.get()
    if followed is not None:
        followed.enter(phase)


def attempt_over(*, acted: bool) -> None:
    """Say that one sending of the call of this task is over, and whether the server may have acted on it."""
    followed = _followed.get()
    if followed is not None:
        followed.attempt_over(acted=acted)


@contextmanager
def follow(phases: Phases) -> Iterator[Phases]:
    """Have the phases of the call made inside written down there."""
    reset = _followed.set(phases)
    try:
        yield phases
    finally:
        _followed.reset(reset)


def unfollow() -> None:
    """Write nothing down in this context any more."""
    _followed.set(None)
