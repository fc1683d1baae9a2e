"""Whether a server that does not refuse anything makes its requests queue: rising latency, and what is behind it.

Latency rises for many reasons, and most are no reason to send less: calls of another kind, a longer way, a slow
database. So a rise is only a suspicion, as in Vegas and in Netflix's gradient limits (the fastest answer of late beside
the fastest ever, with a tolerance), and the suspicion is put to a trial: fewer requests in flight for one window. By
Little's law throughput is what is in flight over the mean latency. If it stays, the rest had only been queueing, and
the lower limit is kept. If it falls with the limit, the server was not crowded: the limit is restored, the latency of
now is the new baseline, and the next suspicion has to wait.
"""

from math import inf

import attrs

from print_async.limits.verdict import FIRST_PAUSE, LAST_PAUSE, Verdict

TOLERANCE = 1.5
"""How many times the baseline the fastest answer of a window must take to be suspicious."""
_CALM = 1.25  # up to here, a server that was found to queue has room for more
_SAMPLES, _SAMPLES_EACH = 60, 3  # a window is at least that many answers, and so many for each place
_LOWEST, _HIGHEST = 0.5, 0.75  # what a trial leaves of the limit: enough of a difference to be told from chance
_PROOF = 0.75  # how much of the throughput that was at stake must be there still, for a queue to be believed
_HOLD = 60.0  # seconds for which it is believed


@attrs.define
class LatencyWatch:
    """Watches the latencies of requests that were answered. Times in seconds, on a monotonic clock."""

    factor: float = 1.0
    """What the trial that is on leaves of the limit."""
    baseline: float = inf
    """The fastest answer so far, or since the last trial in vain. Whoever sees a faster one while there is room for
    more sets it."""
    _count: int = 0
    _fastest: float = inf
    _total: float = 0.0
    _throughput: float | None = None  # before the trial that is on
    _trial_at: float = -inf
    _pause: float = FIRST_PAUSE
    _hold_until: float = -inf

    @property
    def on_trial(self) -> bool:
        """Whether a lower limit is on trial."""
        return self._throughput is not None

    def crowded(self, latency: float, limit: int, now: float) -> Verdict:
        """Take note of an answer to a request that was the last one to find room."""
        self._total += latency
        self._count += 1
        if latency < self._fastest:
            self._fastest = latency
        if self._count < _SAMPLES or self._count < _SAMPLES_EACH * limit:
            return Verdict.NOTHING
        return self._judge(limit, now)

    def has_room(self, latency: float, now: float) -> bool:
        """Tell whether more in flight may be of use to a server that took so long for the last one to find room."""
        return now >= self._hold_until or latency <= self.baseline * _CALM

    def restart(self) -> None:
        """Begin a new window, and forget a trial that is on: the limit was changed for another reason."""
        self._count, self._fastest, self._total = 0, inf, 0.0
        self._throughput = None

    def _judge(self, limit: int, now: float) -> Verdict:
        before, fastest = self._throughput, self._fastest
        throughput = limit * self._count / self._total if self._total else inf
        self.restart()
        if before is not None:
            return self._conclude(throughput < before * (_PROOF + (1 - _PROOF) * self.factor), fastest, now)
        self.baseline = min(self.baseline, fastest)
        rise = fastest / self.baseline if self.baseline else 1.0
        if rise <= TOLERANCE or now < self._trial_at or limit == 1:
            return Verdict.NOTHING
        self.factor = min(_HIGHEST, max(_LOWEST, TOLERANCE / rise))
        self._throughput = throughput
        return Verdict.TRY

    def _conclude(self, fell: bool, fastest: float, now: float) -> Verdict:
        if fell:
            self.baseline = fastest
            self._trial_at = now + self._pause
            self._pause = min(2 * self._pause, LAST_PAUSE)
            return Verdict.RESTORE
        self.baseline = min(self.baseline, fastest)
        self._pause = FIRST_PAUSE
        self._hold_until = now + _HOLD
        return Verdict.KEEP
