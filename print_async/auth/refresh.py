"""When to refresh: a pure policy over readings of the clock. Nothing here waits, locks or sends.

A token has a window. Up to `stale_at` it is fresh. From there to `expired_at` it is stale: still good, and a refresh is
due. From there on it has too little life left for a request to be sent with it, and callers wait.
"""

from enum import Enum

import attrs
from attrs.validators import ge, gt, lt

from print_async.auth.token import Token


class TokenState(Enum):
    """How good a token is at one moment."""

    FRESH = "fresh"
    STALE = "stale"
    EXPIRED = "expired"


@attrs.frozen
class Window:
    """The life of a token on the monotonic clock, in seconds."""

    stale_at: float
    expired_at: float

    def state(self, now: float) -> TokenState:
        """Return what the token is at that reading of the clock."""
        if now < self.stale_at:
            return TokenState.FRESH
        return TokenState.STALE if now < self.expired_at else TokenState.EXPIRED


@attrs.frozen
class Attempt:
    """The last try to get a token: when it ended, on the monotonic clock, and how many have failed in a row."""

    ended_at: float
    failures: int = 0
    retry_after: float = 0.0
    """Seconds the server asked to wait."""


@attrs.frozen
class Decision:
    """What to do for a caller who asks now."""

    state: TokenState
    usable: bool
    """Whether the caller gets the token that is there, at once."""
    refresh: bool
    """Whether a refresh is to be started, or joined."""
    due_in: float
    """Seconds until a refresh is due, if nothing else happens; 0 where `refresh`."""


@attrs.frozen(kw_only=True)
class RefreshPolicy:
    """When tokens are refreshed. Durations are seconds; fractions are of the token's lifetime.

    The defaults refresh a token of an hour after about 45 minutes and one of 2 seconds after about 1.5.
    """

    at: float = attrs.field(default=0.75, validator=[gt(0), lt(1)])
    """The fraction of its life after which a token is stale."""
    jitter: float = attrs.field(default=0.05, validator=[ge(0), lt(0.5)])
    """How far, as a fraction either way, that point is moved at random, so that many processes do not meet."""
    reserve: float = attrs.field(default=0.1, validator=[gt(0), lt(1)])
    """The last fraction of its life, in which it counts as expired because a request might outlive it..."""
    max_reserve: float = attrs.field(default=10.0, validator=gt(0))
    """... but never more than this."""
    assumed_lifetime: float = attrs.field(default=1800.0, validator=gt(0))
    """For a token whose lifetime the server does not tell."""
    min_interval: float = attrs.field(default=1.0, validator=gt(0))
    """No refresh sooner than this after one that succeeded, also where the new token is born stale."""
    backoff: float = attrs.field(default=1.0, validator=gt(0))
    """The pause after one failed refresh; it doubles with each further one..."""
    max_backoff: float = attrs.field(default=60.0, validator=gt(0))
    """... up to this."""
    keep_alive: bool = True
    """Refresh when due even if nobody asks: no caller ever waits, and an idle refresh token does not die."""

    def window(self, token: Token, *, age: float, now: float, draw: float) -> Window:
        """Place a token's life on the monotonic clock.

        Args:
            token: The token.
            age: Seconds since the request for it was sent. A little below zero, the clocks of two machines differ; more
                than the reserve (somebody set the clock back), nothing can be said of it, and it counts as expired.
            now: The monotonic clock.
            draw: A random number from 0 to 1, for the jitter.
        """
        lifetime = self.assumed_lifetime if token.expires_in is None else token.expires_in
        reserve = min(lifetime * self.reserve, self.max_reserve)
        if age < -reserve:
            return Window(now, now)
        born = now - max(0.0, age)
        expired_at = born + lifetime - reserve
        stale_at = born + lifetime * (self.at + self.jitter * (2 * draw - 1))
        return Window(min(stale_at, expired_at), expired_at)

    def decide(self, window: Window | None, now: float, last: Attempt | None) -> Decision:
        """Decide for a token (`None`: there is none yet) at a moment, knowing the last attempt to get one."""
        state = TokenState.EXPIRED if window is None else window.state(now)
        allowed_at = now if last is None else last.ended_at + self._pause(last)
        due_at = max(allowed_at, now if window is None else window.stale_at)
        just_issued = window is not None and last is not None and not last.failures and now < allowed_at
        return Decision(
            state=state,
            usable=state is not TokenState.EXPIRED or just_issued,
            refresh=now >= due_at,
            due_in=max(0.0, due_at - now),
        )

    def _pause(self, last: Attempt) -> float:
        if not last.failures:
            return self.min_interval
        doubled: float = self.backoff * 2 ** min(last.failures - 1, 30)
        return max(min(doubled, self.max_backoff), last.retry_after)
