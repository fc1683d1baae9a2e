"""Looking again and again: how often, how long, and on whose clock."""

import asyncio
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.polling import Intervals, poll
from print_async.testing import VirtualClock


class Looks:
    """Something that is over at the look of that number."""

    def __init__(self, over_at: int) -> None:
        self.over_at = over_at
        self.count = 0

    async def __call__(self) -> bool:
        """Look."""
        self.count += 1
        return self.count >= self.over_at


@given(
    first=st.floats(0.01, 100),
    factor=st.floats(1, 10),
    longest=st.floats(0.01, 100),
)
def test_intervals(first, factor, longest):
    """The pauses never shrink, never exceed the longest, and grow by the factor until then."""
    pauses = list(islice(Intervals(first=first, factor=factor, longest=longest), 50))

    assert pauses[0] == min(first, longest)
    assert max(pauses) <= longest
    assert all(a <= b <= a * factor * 1.0001 for a, b in pairwise(pauses))


@pytest.mark.parametrize("wrong", [{"first": 0}, {"factor": 0.5}, {"longest": 0}])
def test_intervals_that_make_no_sense(wrong):
    """A pause of nothing, or one that shrinks, is refused."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Intervals(**wrong)


async def test_over_at_once():
    """What is over at the first look is not waited for, also with no time at all."""
    looks = Looks(1)

    assert await poll(looks, clock=VirtualClock(), timeout=0)
    assert looks.count == 1


async def test_over_in_the_end():
    """It waits as long as it takes, without a timeout for hours."""
    clock, looks = VirtualClock(), Looks(400)
    waiting = asyncio.create_task(poll(looks, clock=clock, timeout=None))

    await clock.advance(3_000)
    assert not waiting.done()
    await clock.advance(2_000)

    assert await waiting
    assert looks.count == 400


async def test_not_in_time():
    """The last look is when the time is up, not before and not much later."""
    clock, looks = VirtualClock(), Looks(99)
    waiting = asyncio.create_task(poll(looks, clock=clock, timeout=10, intervals=Intervals(first=4, factor=1)))

    await clock.advance(9.9)
    assert looks.count == 3
    await clock.advance(0.1)

    assert not await waiting
    assert looks.count == 4


async def test_a_look_that_fails():
    """What a look raises ends the waiting."""

    async def look() -> bool:
        raise LookupError("gone")

    with pytest.raises(LookupError):
        await poll(look, clock=VirtualClock(), timeout=None)


async def test_a_negative_time():
    """A negative time is refused before the first look."""
    looks = Looks(1)
    with pytest.raises(ValueError, match="timeout"):
        await poll(looks, clock=VirtualClock(), timeout=-1)
    assert looks.count == 0
