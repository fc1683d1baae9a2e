"""Looking again and again at something that takes its time on a server."""

import itertools
from collections.abc import Awaitable, Callable, Iterator

import attrs
from attrs.validators import ge, gt

from print_async.clock import Clock


@attrs.frozen(kw_only=True)
class Intervals:
    """The pauses between looks, in seconds: each `factor` times the one before, up to `longest`."""

    first: float = attrs.field(default=0.5, validator=gt(0))
    factor: float = attrs.field(default=1.5, validator=ge(1))
    longest: float = attrs.field(default=10.0, validator=gt(0))

    def __iter__(self) -> Iterator[float]:
        pause = self.first
        for _ in itertools.count():
            yield min(pause, self.longest)
            pause = min(pause * self.factor, self.longest)


async def poll(
    look: Callable[[], Awaitable[bool]],
    *,
    clock: Clock,
    timeout: float | None,  # noqa: ASYNC109 - it is counted on that clock
    intervals: Intervals | None = None,
) -> bool:
    """Look until there is nothing more to wait for; tell whether that was so before the time was up.

    Args:
        look: Looks once, and returns whether it is over. What it raises ends the waiting.
        clock: What is waited on.
        timeout: Seconds from now; `None` for no end. The last look is when they are over, and there is always one.
        intervals: The pauses between looks.

    Raises:
        ValueError: `timeout` is negative.
    """
    if timeout is not None and timeout < 0:
        raise ValueError("timeout is a number of seconds, 0 or more, or None for no end")
    deadline = None if timeout is None else clock.monotonic() + timeout
    for pause in intervals or Intervals():
        if await look():
            return True
        left = pause if deadline is None else deadline - clock.monotonic()
        if left <= 0:
            break
        await clock.sleep(min(pause, left))
    return False
