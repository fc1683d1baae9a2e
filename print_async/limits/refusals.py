"""Whether a few refusals among many answers have to do with the limit at all.

A server that is sent more than it takes at a time refuses most of what is too much, and that is seen at once. Where one
request in fifty is refused it may be a limit that is not sharp, or another one: an endpoint with a rate of its own, a
machine of several that is ill. So it is put to a trial of a lower limit: unless at most half as many are refused then,
the limit is restored, and as many refusals are put up with for a while.
"""

from math import inf

import attrs

from print_async.limits.verdict import FIRST_PAUSE, LAST_PAUSE, Verdict

TOLERATED = 0.01
"""The share of refusals that nobody minds."""
_ENOUGH = 3  # refusals that make a share
_EXPECTED = 6  # refusals that a trial waits for, if it is no better than before
_MEMORY = 1000  # answers


@attrs.define
class RefusalWatch:
    """Watches the share of refusals. Times in seconds."""

    answers: int = 0
    """Answers since the limit was last lowered (when they are many, only that they are)."""
    _refusals: int = 0
    _share: float | None = None  # before the trial that is on
    _trial_answers: float = inf
    _tolerated: float = TOLERATED
    _tolerated_until: float = -inf
    _pause: float = FIRST_PAUSE

    def answered(self) -> Verdict:
        """Take note of a request that was answered."""
        self.answers += 1
        if self.answers < _MEMORY and self.answers < self._trial_answers:
            return Verdict.NOTHING
        if self._share is None:
            self.answers, self._refusals = self.answers // 2, self._refusals // 2
            return Verdict.NOTHING
        self.restart()
        self._pause = FIRST_PAUSE
        return Verdict.KEEP

    def refused(self, now: float) -> Verdict:
        """Take note of a request that was refused."""
        self._refusals += 1
        if self._share is not None:
            return self._on_trial(self._share, now)
        share = self._refusals / (self.answers + self._refusals)
        tolerated = self._tolerated if self.noisy(now) else TOLERATED
        if self._refusals < _ENOUGH or share <= tolerated:
            return Verdict.NOTHING
        self.restart()
        self._share = share
        self._trial_answers = _EXPECTED / share
        return Verdict.TRY

    def noisy(self, now: float) -> bool:
        """Tell whether refusals were lately found to have other reasons than the limit."""
        return now < self._tolerated_until

    def no_noise(self) -> None:
        """Believe refusals again."""
        self._tolerated_until = -inf

    def restart(self) -> None:
        """Begin to count anew, and forget a trial that is on: the limit was changed for another reason."""
        self.answers = self._refusals = 0
        self._share = None
        self._trial_answers = inf

    def _on_trial(self, share: float, now: float) -> Verdict:
        if self._refusals <= _EXPECTED / 2:
            return Verdict.NOTHING
        self._tolerated = 2 * share
        self._tolerated_until = now + self._pause
        self._pause = min(2 * self._pause, LAST_PAUSE)
        self.restart()
        return Verdict.RESTORE
