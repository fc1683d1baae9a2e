"""Whether a few refusals among many answers have to do with the limit at all.

A server that is sent more than it takes at a time refuses most of what is too much, and that is seen at once. Where one
request in fifty is refused it may be a limit that is not sharp, or another one: an endpoint with a rate of its own, a
machine of several that is ill. So it is put to a trial of a lower limit: unless at most a third as many are refused
then, the limit is restored, and as many refusals are put up with for a while.
"""

from math import inf

import attrs

from print_async.limits.verdict import FIRST_PAUSE, LAST_PAUSE, Verdict

TOLERATED = 0.01
"""The share of refusals that nobody minds."""
_ENOUGH = 3  # refusals that make a share
_EXPECTED, _ALLOWED = 6, 2  # refusals on trial: as many as before would make six, and so many may come
_MEMORY = 1000  # answers; then half of what was counted is forgotten


@attrs.define
class RefusalWatch:
    """Watches the share of refusals. `answers` is how many requests were answered so far; times are in seconds."""

    trial_ends: float = inf
    """At how many answers a trial that is on has helped; infinite where none is on."""
    _since: int = 0
    _refusals: int = 0
    _share: float = 0.0  # before the trial that is on
    _tolerated: float = TOLERATED
    _noisy_until: float = -inf
    _pause: float = FIRST_PAUSE

    @property
    def on_trial(self) -> bool:
        """Whether a lower limit is on trial."""
        return self.trial_ends != inf

    def refused(self, answers: int, now: float) -> Verdict:
        """Take note of a request that was refused."""
        self._refusals += 1
        if self.on_trial:
            return Verdict.NOTHING if self._refusals <= _ALLOWED else self._in_vain(answers, now)
        if answers - self._since > _MEMORY:
            self._since, self._refusals = answers - _MEMORY // 2, self._refusals // 2 + 1
        share = self._refusals / (answers - self._since + self._refusals)
        if self._refusals < _ENOUGH or share <= (self._tolerated if self.noisy(now) else TOLERATED):
            return Verdict.NOTHING
        self.restart(answers)
        self._share = share
        self.trial_ends = answers + _EXPECTED / share
        return Verdict.TRY

    def end_trial(self, answers: int) -> None:
        """Take note that a trial has helped."""
        self._pause = FIRST_PAUSE
        self.restart(answers)

    def noisy(self, now: float) -> bool:
        """Tell whether refusals were lately found to have other reasons than the limit."""
        return now < self._noisy_until

    def believe(self) -> None:
        """Take refusals for what they are again: there are too many of them."""
        self._noisy_until = -inf

    def restart(self, answers: int) -> None:
        """Begin to count anew, and forget a trial that is on: the limit was changed for another reason."""
        self._since, self._refusals = answers, 0
        self.trial_ends = inf

    def _in_vain(self, answers: int, now: float) -> Verdict:
        self._tolerated = 2 * self._share
        self._noisy_until = now + self._pause
        self._pause = min(2 * self._pause, LAST_PAUSE)
        self.restart(answers)
        return Verdict.RESTORE
