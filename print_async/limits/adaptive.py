"""How many requests a server takes at a time: a pure algorithm over what became of requests, and when.

It begins at the maximum, so a server that never complains is made full use of at once. A refusal (429, 503) takes the
limit down at once, by a factor or to the last level that is known to work, and once a round trip: what was sent before
the last decrease says nothing about the limit of after it. Then, as BIC and CUBIC do for TCP, it goes up again, a step
as soon as a request that made full use of the limit is answered:

- below the level that was refused it halves the distance each time, and stops right beneath;
- there it stays, and tries the refused level once in a while, with one request. So in the steady state less than one
  request in 200 is refused, where plain AIMD would have one refused every few round trips;
- when that request is taken, or nothing was ever refused, the steps double: 1, 2, 4, ...

What may have other reasons than the limit is put to a trial before it is believed: a few refusals among many answers
of a level that works (`RefusalWatch`), and rising latency (`LatencyWatch`).
"""

from math import inf

import attrs

from print_async.limits.latency import LatencyWatch
from print_async.limits.refusals import RefusalWatch
from print_async.limits.verdict import Verdict

BACKOFF = 0.5
"""What a refusal leaves of the limit, where no level is known to work."""
PROBE_SECONDS = 1.0
"""The level that was refused is tried again no sooner than this, nor than the server's Retry-After..."""
PROBE_ANSWERS = 200
"""... and not before so many requests were answered in between."""
_PATIENCE, _MAX_PATIENCE = 1.25, 1.0
_TRIAL = 0.75  # what is left of the limit while a few refusals are looked into
_COST, _CREDIT, _KEPT = 10, 100, 20  # answers: a refusal of a level that works takes 10 of at most 100


@attrs.define
class AdaptiveLimit:
    """The limit of one server. Times are readings of a monotonic clock in seconds; nothing here waits.

    Of each request it wants to know when it was sent, and its load: how many were in flight then, itself included.
    """

    maximum: int
    limit: int = attrs.field(init=False)
    """How many may be in flight: from 1 to the maximum."""
    _latency: LatencyWatch = attrs.field(init=False, factory=LatencyWatch)
    _refusals: RefusalWatch = attrs.field(init=False, factory=RefusalWatch)
    _decreased_at: float = attrs.field(init=False, default=-inf)
    _changed_at: float = attrs.field(init=False, default=-inf)
    _patience: float = attrs.field(init=False, default=0)
    _proven: int = attrs.field(init=False, default=0)  # the highest load that was taken
    _refused: int | None = attrs.field(init=False, default=None)  # the load that was not, unless it was later
    _step: int = attrs.field(init=False, default=1)
    _credit: int = attrs.field(init=False, default=0)
    _probe_at: float = attrs.field(init=False, default=-inf)
    _before: tuple[int, int | None] | None = attrs.field(init=False, default=None)  # limit and refused level, on trial

    def __attrs_post_init__(self) -> None:
        self.limit = self.maximum

    def answered(self, sent: float, now: float, load: int) -> None:
        """Take note of a request that the server took and answered."""
        if sent <= self._decreased_at:
            return
        if self._credit < _CREDIT:
            self._credit += 1
        verdict = self._refusals.answered()
        if load < self.limit:
            if load > self._proven:
                self._proven = load
            self._latency.uncrowded(now - sent)
        elif verdict is Verdict.NOTHING:
            verdict = self._latency.crowded(now - sent, self.limit, now)
            if verdict is Verdict.NOTHING and now >= self._changed_at + self._patience:
                self._proven = max(self._proven, load)
                if self._before is None and self.limit < self.maximum:
                    self._grow(sent, now, load)
        if verdict is not Verdict.NOTHING:
            self._follow(verdict, int(self.limit * self._latency.factor), now)

    def refused(self, sent: float, now: float, load: int, retry_after: float = 0.0) -> None:
        """Take note of a request that the server refused, and for how long it asked not to be tried again."""
        if sent <= self._decreased_at:
            return
        self._patience = max(min(_PATIENCE * (now - sent), _MAX_PATIENCE), 0.9 * self._patience)
        level = min(load, self.limit)
        noisy = self._refusals.noisy(now)
        if level > self._proven and not noisy:
            self._decrease(max(1, int(level * BACKOFF), self._proven), level, now, retry_after)
            return
        self._credit -= _COST
        if self._credit < 0:
            self._proven = 0
            # self._refusals.no_noise()
            self._decrease(max(1, int(level * BACKOFF)), level, now, retry_after)
            return
        verdict = self._refusals.refused(now)
        if verdict is not Verdict.NOTHING:
            self._follow(verdict, int(level * _TRIAL), now)

    def _decrease(self, limit: int, refused: int, now: float, retry_after: float = 0.0) -> None:
        self.limit = limit
        self._decreased_at = self._changed_at = now
        self._refused = refused
        self._before = None
        self._step = 1
        self._credit = min(max(self._credit, 0), _KEPT)
        self._probe_at = now + max(PROBE_SECONDS, retry_after)
        self._latency.restart()
        self._refusals.restart()

    def _grow(self, sent: float, now: float, load: int) -> None:
        if not self._latency.has_room(now - sent, now):
            return
        before = self.limit
        if self._refused is not None and load >= self._refused:
            self._refused = None
        if self._refused is None:
            self.limit = min(self.maximum, self.limit + self._step)
            self._step *= 2
        elif self._refused - self.limit > 1:
            self.limit = (self.limit + self._refused) // 2
        elif now >= self._probe_at and self._refusals.answers >= PROBE_ANSWERS:
            self.limit = self._refused
        if self.limit != before:
            self._changed_at = now

    def _follow(self, verdict: Verdict, trial: int, now: float) -> None:
        if verdict is Verdict.TRY and self._before is None:
            self._before = (self.limit, self._refused)
            self.limit = max(1, trial)
            self._decreased_at = now
        elif verdict is Verdict.RESTORE and self._before is not None:
            self.limit, self._refused = self._before
            self._before = None
        elif self._before is not None:
            self._decrease(self.limit, self._before[0], now)
