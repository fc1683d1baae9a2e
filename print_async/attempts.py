"""The tries of one call: after each that fails, whether there is another, and when."""

import attrs

from print_async.budget import RetryBudget
from print_async.deadlines import Deadline
from print_async.errors import ConnectionLost, PrintAsyncError, RateLimited
from print_async.retry import RetryPolicy

_MOST_STALE = 10
"""After a server has restarted, each kept connection of a pool may be stale; the pool loses one with every try."""


@attrs.define
class Attempts:
    """How often one call has been sent, and what decides whether it is sent again."""

    policy: RetryPolicy
    budget: RetryBudget
    deadline: Deadline | None
    idempotent: bool
    replayable: bool
    """Whether the body can be sent a second time."""
    made: int = 1
    _stale: int = 0

    def pause(self, error: PrintAsyncError, draw: float) -> float | None:
        """Return the seconds until the next try, `None` to give up.

        Where it is given up though the policy would go on, the error's text says why.

        Args:
            error: What the last one ended with.
            draw: A random number from 0 to 1.
        """
        if not self.replayable:
            return None
        if self.idempotent and isinstance(error, ConnectionLost) and error.stale and self._stale < _MOST_STALE:
            self._stale += 1
            return 0.0
        pause = self.policy.pause(error, attempt=self.made, idempotent=self.idempotent, draw=draw)
        if pause is None:
            return None
        refusal = self._refusal(error, pause)
        if refusal is not None:
            error.args = (f"{error}. {refusal}",)
            return None
        self.made += 1
        return pause

    def _refusal(self, error: PrintAsyncError, pause: float) -> str | None:
        if self.deadline is not None and pause >= self.deadline.left:
            asked = getattr(error, "retry_after", None)
            why = f"the server asks to wait {asked:g} s" if asked else f"the next try would be in {pause:.3g} s"
            return f"Not sent again: {why}, and the deadline is in {max(0.0, self.deadline.left):.3g} s"
        # What the server has refused unread costs it little, and it says itself when to come again.
        if not isinstance(error, RateLimited) and not self.budget.take():
            return "Not sent again: of the calls to this server too many fail now, and retries would only add to that"
        return None
