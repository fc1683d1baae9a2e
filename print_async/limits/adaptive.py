"""How many requests a server takes at a time: a pure algorithm over what became of requests, and when.

It begins at the maximum, so a server that never complains is made full use of at once. A refusal (429, 503) takes the
limit down at once, by half or to the last level that is known to work, and once a round trip: what was sent before the
last decrease says nothing about the limit of after it. Then, as BIC and CUBIC do for TCP, it goes up again, a step as
soon as a request that made full use of the limit is answered:

- below the level that was refused it halves the distance each time, and stops right beneath;
- there it stays, and tries the refused level once in a while, with one request. So in the steady state less than one
  request in 150 is refused, where plain AIMD would have one refused every few round trips;
- when that request is taken, or nothing was refused, the steps double: 1, 2, 4, ...

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
PROBE_SECONDS = 0.75
"""The level that was refused is tried again no sooner than this, nor than the server's Retry-After..."""
PROBE_ANSWERS = 150
"""... and not before so many requests were answered in between."""
_TRIAL = 0.75  # what is left of the limit while a few refusals are looked into
_CREDIT, _CREDIT_KEPT, _COST = 100, 20, 10  # answers: a refusal of a level that works takes 10 of at most 100
_PATIENCE, _MOST_PATIENCE = 1.25, 1.0  # how many times a refusal's latency, and seconds


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
    _proven: int = attrs.field(init=False, default=0)  # the highest load that was taken
    _refused: int | None = attrs.field(init=False, default=None)  # the load that was refused, unless it was taken later
    _step: int = attrs.field(init=False, default=1)
    _answers: int = attrs.field(init=False, default=0)
    _decreased_after: int = attrs.field(init=False, default=0)  # answers
    _credit: int = attrs.field(init=False, default=0)
    _credited: int = attrs.field(init=False, default=0)  # answers
    _patience: float = attrs.field(init=False, default=0.0)
    _probe_at: float = attrs.field(init=False, default=-inf)
    _before: tuple[int, int | None] | None = attrs.field(init=False, default=None)  # limit and refused level, on trial

    def __attrs_post_init__(self) -> None:
        self.limit = self.maximum

    def answered(self, sent: float, now: float, load: int) -> None:
        """Take note of a request that the server took and answered."""
        if sent <= self._decreased_at:
            return
        self._answers += 1
        if load < self.limit and self._answers < self._refusals.trial_ends:
            # The way of every call while there is room for more, so without a call that can be spared.
            if load > self._proven:
                self._proven = load
            if now - sent < self._latency.baseline:
                self._latency.baseline = now - sent
        else:
            self._took_all(sent, now, load)

    def refused(self, sent: float, now: float, load: int, retry_after: float = 0.0) -> None:
        """Take note of a request that the server refused, and for how many seconds it asked not to be tried again."""
        if sent <= self._decreased_at:
            return
        self._patience = max(min(_PATIENCE * (now - sent), _MOST_PATIENCE), 0.9 * self._patience)
        level = min(load, self.limit)
        if level > self._proven and not self._refusals.noisy(now):
            self._decrease(max(1, int(level * BACKOFF), self._proven), level, now, retry_after)
        elif not self._afford():
            self._proven = 0
            self._refusals.believe()
            self._decrease(max(1, int(level * BACKOFF)), level, now, retry_after)
        elif not self._latency.on_trial:
            self._follow(self._refusals.refused(self._answers, now), _TRIAL * level / self.limit, now)

    def _took_all(self, sent: float, now: float, load: int) -> None:
        """Take note of an answer to a request that was the last one to find room, or that ends a trial."""
        if self._answers >= self._refusals.trial_ends:
            self._refusals.end_trial(self._answers)
            self._follow(Verdict.KEEP, 1.0, now)
            return
        if not self._refusals.on_trial:
            verdict = self._latency.crowded(now - sent, self.limit, now)
            if verdict is not Verdict.NOTHING:
                self._follow(verdict, self._latency.factor, now)
                return
        if now >= self._changed_at + self._patience:
            # By now a refusal of this level would be here, so it is not only that others of the flight were refused.
            if load > self._proven:
                self._proven = load
            if self._before is None and self.limit < self.maximum and self._latency.has_room(now - sent, now):
                self._grow(now, load)

    def _afford(self) -> bool:
        """Pay for a refusal of a level that works, with what the answers since the last one have earned."""
        credit = min(_CREDIT, self._credit + self._answers - self._credited) - _COST
        self._credit, self._credited = max(0, credit), self._answers
        return credit >= 0

    def _grow(self, now: float, load: int) -> None:
        if self._refused is not None and load >= self._refused:
            self._refused = None
        if self._refused is None:
            self._change(min(self.maximum, self.limit + self._step), now)
            self._step *= 2
        elif self._refused - self.limit > 1:
            self._change((self.limit + self._refused) // 2, now)
        elif now >= self._probe_at and self._answers >= self._decreased_after + PROBE_ANSWERS:
            self._change(self._refused, now)

    def _decrease(self, limit: int, refused: int, now: float, retry_after: float = 0.0) -> None:
        if limit != self.limit:
            self._change(limit, now)
        self._decreased_at = now
        self._refused = refused
        self._before = None
        self._step = 1
        self._decreased_after = self._answers
        self._credit = min(self._credit + self._answers - self._credited, _CREDIT_KEPT)
        self._credited = self._answers
        self._probe_at = now + max(PROBE_SECONDS, retry_after)
        self._latency.restart()
        self._refusals.restart(self._answers)

    def _follow(self, verdict: Verdict, factor: float, now: float) -> None:
        """Begin a trial, or end the one that is on."""
        if verdict is Verdict.NOTHING:
            return
        if verdict is Verdict.TRY:
            self._before = (self.limit, self._refused)
            self._change(max(1, int(self.limit * factor)), now)
            self._decreased_at = now
        elif verdict is Verdict.RESTORE and self._before is not None:
            limit, self._refused = self._before
            self._before = None
            self._change(limit, now)
        elif verdict is Verdict.KEEP and self._before is not None:
            self._decrease(self.limit, self._before[0], now)

    def _change(self, limit: int, now: float) -> None:
        self.limit, self._changed_at = limit, now
