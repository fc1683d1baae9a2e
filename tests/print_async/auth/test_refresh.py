"""The pure policy: when a token is stale, when it is expired, and what then."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.auth.refresh import Attempt, RefreshPolicy, TokenState, Window
from print_async.auth.token import Token
from print_async.secret import Secret

POLICY = RefreshPolicy()
WINDOW = Window(stale_at=75.0, expired_at=90.0)
FRESH, STALE, EXPIRED = TokenState.FRESH, TokenState.STALE, TokenState.EXPIRED

lifetimes = st.floats(0, 1e7)
draws = st.floats(0, 1)
moments = st.floats(0, 1e6)
attempts = st.none() | st.builds(Attempt, moments, st.integers(0, 100), st.floats(0, 1e5))
windows = st.none() | st.tuples(moments, moments).map(lambda pair: Window(min(pair), max(pair)))


def window(lifetime, *, age=0.0, now=0.0, draw=0.5, policy=POLICY):
    """Place a token of that lifetime."""
    return policy.window(Token(Secret("a"), issued_at=0.0, expires_in=lifetime), age=age, now=now, draw=draw)


@pytest.mark.parametrize(
    ("lifetime", "draw", "stale_at", "expired_at"),
    [
        (3600, 0.5, 2700, 3590),
        (3600, 0.0, 2520, 3590),
        (3600, 1.0, 2880, 3590),
        (5, 0.5, 3.75, 4.5),
        (2, 0.5, 1.5, 1.8),
        (0, 0.5, 0, 0),
        (None, 0.5, 1350, 1790),
    ],
)
def test_window(lifetime, draw, stale_at, expired_at):
    """A token is stale after three quarters of its life, give or take the jitter, and expired just before its end."""
    placed = window(lifetime, draw=draw)
    assert (placed.stale_at, placed.expired_at) == pytest.approx((stale_at, expired_at))


def test_age_counts():
    """The life of a token began when it was sent for, however late it is placed on the clock."""
    assert window(3600, age=1000, now=50) == Window(50 - 1000 + 2700, 50 - 1000 + 3590)


def test_token_from_the_future():
    """A token of an age below minus the reserve counts as expired at once: somebody set the clock back."""
    assert window(3600, age=-10.1, now=7).state(7) is EXPIRED
    assert window(2, age=-0.3, now=7).state(7) is EXPIRED


def test_token_from_a_machine_whose_clock_is_ahead():
    """A token from the future by less than the reserve counts as just issued: clocks of two machines differ."""
    assert window(3600, age=-9, now=7) == window(3600, age=0, now=7)


@given(lifetimes, draws, moments, st.floats(0, 1e7))
def test_window_is_ordered(lifetime, draw, now, age):
    """Whatever the lifetime, staleness precedes expiry, expiry the true end, and the reserve is at most 10 seconds."""
    placed = window(lifetime, age=age, now=now, draw=draw)
    end, slack = now - age + lifetime, 1e-6
    assert now - age - slack <= placed.stale_at <= placed.expired_at <= end + slack
    assert end - placed.expired_at <= min(10, lifetime * 0.1) + slack


@given(st.floats(1, 1e7), draws, st.floats(0, 0.2))
def test_jitter_within_bounds(lifetime, draw, jitter):
    """The jitter moves the refresh by no more than the fraction allowed."""
    placed = window(lifetime, draw=draw, policy=RefreshPolicy(jitter=jitter, reserve=0.01))
    assert lifetime * (0.75 - jitter) - 1e-6 <= placed.stale_at <= lifetime * (0.75 + jitter) + 1e-6


@pytest.mark.parametrize(("now", "state"), [(0, FRESH), (74.9, FRESH), (75, STALE), (89.9, STALE), (90, EXPIRED)])
def test_state(now, state):
    """Each moment of a window has one state; its bounds belong to the later one."""
    assert WINDOW.state(now) is state


OK, FAILED, SLOW_DOWN = Attempt(0.0), Attempt(80.0, 1), Attempt(80.0, 1, 30.0)
LATE_OK, LATE_FAILED = Attempt(99.9), Attempt(99.5, 1)


@pytest.mark.parametrize(
    ("placed", "now", "last", "usable", "refresh", "due_in"),
    [
        pytest.param(None, 5.0, None, False, True, 0.0, id="first token"),
        pytest.param(None, 80.5, FAILED, False, False, 0.5, id="first token failed just now"),
        pytest.param(None, 81.0, FAILED, False, True, 0.0, id="first token failed a while ago"),
        pytest.param(WINDOW, 5.0, OK, True, False, 70.0, id="fresh"),
        pytest.param(WINDOW, 75.0, OK, True, True, 0.0, id="stale"),
        pytest.param(WINDOW, 80.5, FAILED, True, False, 0.5, id="stale, failed just now"),
        pytest.param(WINDOW, 81.0, FAILED, True, True, 0.0, id="stale, failed a while ago"),
        pytest.param(WINDOW, 85.0, SLOW_DOWN, True, False, 25.0, id="stale, told to wait"),
        pytest.param(WINDOW, 95.0, SLOW_DOWN, False, False, 15.0, id="expired, told to wait"),
        pytest.param(WINDOW, 110.0, SLOW_DOWN, False, True, 0.0, id="expired, has waited"),
        pytest.param(WINDOW, 95.0, OK, False, True, 0.0, id="expired"),
        pytest.param(WINDOW, 100.0, LATE_OK, True, False, 0.9, id="born expired just now"),
        pytest.param(WINDOW, 100.9, LATE_OK, False, True, 0.0, id="born expired a while ago"),
        pytest.param(WINDOW, 100.0, LATE_FAILED, False, False, 0.5, id="expired, failed just now"),
    ],
)
def test_decide(placed, now, last, usable, refresh, due_in):
    """Each row of the table of states has one decision."""
    decision = POLICY.decide(placed, now, last)
    assert (decision.usable, decision.refresh, decision.due_in) == (usable, refresh, pytest.approx(due_in))


@pytest.mark.parametrize(
    ("failures", "pause"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (1000, 60), (10**6, 60)]
)
def test_backoff_doubles_up_to_its_limit(failures, pause):
    """The pause doubles with each failure, stops at its maximum, and no number of failures overflows."""
    assert POLICY.decide(None, 0.0, Attempt(0.0, failures)).due_in == pause


@given(windows, moments, attempts)
def test_decision_is_consistent(placed, now, last):
    """A refresh is due exactly when nothing is left to wait for, and a fresh token is always usable."""
    decision = POLICY.decide(placed, now, last)
    assert decision.refresh == (decision.due_in == 0)
    if placed is not None and decision.state is not EXPIRED:
        assert decision.usable
    if placed is not None and decision.state is FRESH:
        assert not decision.refresh


@given(windows, moments, st.integers(1, 100), st.floats(0, 1e5))
def test_retry_after_is_never_undercut(placed, now, failures, asked):
    """After a failure nothing is sent sooner than the server asked."""
    decision = POLICY.decide(placed, now, Attempt(now, failures, asked))
    assert not decision.refresh
    assert decision.due_in >= asked or math.isclose(decision.due_in, asked)


@given(st.floats(2, 1e6), st.lists(draws, min_size=5, max_size=5))
def test_a_timer_keeps_it_good(lifetime, jitters):
    """Refreshed whenever it is due, a token of two seconds or more always has life left, and none is fetched early."""
    now, last = 0.0, None
    for draw in jitters:
        placed = window(lifetime, now=now, draw=draw)
        wait = POLICY.decide(placed, now, last).due_in
        assert POLICY.min_interval <= wait < lifetime
        now += wait
        assert placed.state(now) is not EXPIRED or math.isclose(now, placed.expired_at)
        last = Attempt(now)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"at": 0}, {"at": 1}, {"jitter": -0.1}, {"jitter": 0.5}, {"reserve": 0}, {"reserve": 1}, {"max_reserve": 0},
        {"assumed_lifetime": 0}, {"min_interval": 0}, {"backoff": 0}, {"max_backoff": -1},
    ],
    ids=str,
)  # fmt: skip
def test_nonsense_is_refused(nonsense):
    """A policy that could storm, or never refresh, is a `ValueError`."""
    with pytest.raises(ValueError, match=next(iter(nonsense))):
        RefreshPolicy(**nonsense)
