"""Many processes with one credential that works once, on tokens that hardly live."""

from statistics import median

import pytest

from print_async.auth.refresh import RefreshPolicy

LIFETIME = 2.0
RESERVE = LIFETIME * RefreshPolicy().reserve

pytestmark = pytest.mark.slow  # beside other tests, tokens of two seconds would measure the machine


def refresh_interval(processes: int) -> float:
    """Return the seconds after which the first of so many processes comes to its refresh point, on average.

    Each draws a point within the jitter; the least of n draws from 0 to 1 is 1/(n+1) on average.
    """
    policy = RefreshPolicy()
    return LIFETIME * (policy.at - policy.jitter + 2 * policy.jitter / (processes + 1))


@pytest.mark.parametrize("store", ["file", "redis"], indirect=True)
@pytest.mark.parametrize(
    ("processes", "tasks", "seconds"),
    [pytest.param(4, 10, 4, id="short"), pytest.param(16, 50, 60, id="long")],
)
def test_many_processes(crowd, processes, tasks, seconds):
    """All have a good token all the time; one of them refreshes, once per interval, and nothing is spent twice."""
    worked = crowd(LIFETIME, processes, tasks=tasks, seconds=seconds)
    worked.check(RESERVE)
    expected = refresh_interval(processes)
    # The first is the sign-in. Fewer refreshes than expected are those of a machine that stood still now and then.
    assert len(worked.seen["asked_at"]) - 1 <= 1.1 * seconds / expected + 1
    assert median(worked.intervals) == pytest.approx(expected, rel=0.1)
