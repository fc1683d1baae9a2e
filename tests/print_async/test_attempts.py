"""The tries of one call: which failures are worth another, who pays for it, and what the error says in the end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.attempts import Attempts
from print_async.budget import RetryBudget
from print_async.deadlines import Deadline
from print_async.errors import ConnectFailed, ConnectionLost, NotFound, RateLimited, ServerError
from print_async.retry import RetryPolicy
from print_async.testing import VirtualClock

POLICY = RetryPolicy(attempts=4, base=1.0)
DOWN = ServerError("down", status=503)


def attempts(**differing: object) -> Attempts:
    """Return the attempts of an idempotent call, but for what is given."""
    given_ = {"policy": POLICY, "budget": RetryBudget(), "deadline": None, "idempotent": True, "replayable": True}
    return Attempts(**{**given_, **differing})


def until(seconds: float) -> Deadline:
    """Return a deadline that many seconds from now."""
    return Deadline.within(seconds, VirtualClock())


def test_as_the_policy_says():
    """The pauses are the policy's, up to its last attempt; each takes one from the budget."""
    tries = attempts()
    assert [tries.pause(DOWN, 1.0) for _ in range(4)] == [1.0, 2.0, 4.0, None]
    assert (tries.made, tries.budget.left) == (4, 17)


@pytest.mark.parametrize("error", [NotFound("no", status=404), ServerError("no", status=500)])
def test_not_worth_it(error):
    """What would fail again is not tried again, costs nothing, and says no more than it did."""
    tries = attempts()
    text = str(error)
    assert tries.pause(error, 1.0) is None
    assert (tries.budget.left, str(error)) == (20, text)


def test_body_that_is_gone():
    """A body that cannot be sent a second time ends the call, whatever happened."""
    assert attempts(replayable=False).pause(ConnectFailed("refused"), 1.0) is None


def test_stale_connections():
    """Stale connections are tried again at once, and cost neither an attempt nor the budget; so do several in a row."""
    tries = attempts()
    stale = ConnectionLost("closed while idle", stale=True)
    assert [tries.pause(stale, 1.0) for _ in range(10)] == [0.0] * 10
    assert (tries.made, tries.budget.left) == (1, 20)
    assert tries.pause(stale, 1.0) == 1.0, "beyond that it is a lost connection like any other"


def test_stale_is_no_licence_to_repeat():
    """What is not idempotent is not sent again over a stale connection: the server may have seen it after all."""
    assert attempts(idempotent=False).pause(ConnectionLost("closed", stale=True), 1.0) is None


def test_empty_budget():
    """Without budget a call is not sent again, and its error says why; 429 asks for none."""
    tries = attempts(budget=RetryBudget(capacity=0))
    down, busy = ServerError("down", status=503), RateLimited("busy", status=429, retry_after=3.0)
    assert tries.pause(busy, 1.0) == 3.0
    assert tries.pause(down, 1.0) is None
    assert str(down).startswith("down. Not sent again: of the calls to this server too many fail now")


@pytest.mark.parametrize(("left", "pause"), [(3.0, None), (2.999, None), (3.001, 3.0)])
async def test_pause_and_deadline(left, pause):
    """A pause as long as what is left of the deadline is not begun, and the error says so; a shorter one is."""
    busy = RateLimited("busy", status=429, retry_after=3.0)
    tries = attempts(deadline=until(left))
    assert tries.pause(busy, 0.0) == pause
    assert ("the server asks to wait 3 s, and the deadline is in" in str(busy)) == (pause is None)


async def test_refused_for_time_costs_nothing():
    """A try that is not made for lack of time takes nothing from the budget."""
    tries = attempts(deadline=until(0.5))
    assert tries.pause(ServerError("down", status=503), 1.0) is None
    assert tries.budget.left == 20


@given(st.lists(st.booleans(), max_size=200), st.floats(0, 30), st.floats(0, 1))
def test_budget_bounds_the_retries(outcomes, capacity, refund):
    """There are never more retries than the budget began with and the successes gave back."""
    budget = RetryBudget(capacity=capacity, refund=refund)
    taken = successes = 0
    for success in outcomes:
        if success:
            budget.give()
            successes += 1
        else:
            taken += budget.take()
        assert 0 <= budget.left <= capacity
    assert taken <= capacity + refund * successes + 1e-6
