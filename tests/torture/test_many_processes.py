"""Many processes with one credential that works once, on tokens that hardly live."""

import json
from itertools import pairwise

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


@pytest.mark.parametrize(
    ("processes", "tasks", "seconds"),
    [pytest.param(4, 10, 4, id="short"), pytest.param(16, 50, 60, id="long")],
)
def test_many_processes(simulate, start, tmp_path, record_property, processes, tasks, seconds):
    """All have a good token all the time; one of them refreshes, once per interval, and nothing is spent twice.

    A machine that stands still for longer than the reserve makes good tokens old while they are on their way. That is
    known by the time the request took, and no fault of the session's, which then got a new token and sent it again.
    """
    simulator = simulate(LIFETIME)
    told = {**simulator.told, "token": simulator.told["tokens"][0], "path": str(tmp_path / "folder" / "tokens.json")}
    told |= {"tasks": tasks, "seconds": seconds, "in_flight": 1}
    workers = [start("child_worker.py") for _ in range(processes)]
    for worker in workers:
        worker.process.stdin.write(json.dumps(told) + "\n")
        worker.process.stdin.flush()
    assert {worker.line() for worker in workers} == {"ready"}
    for worker in workers:
        worker.process.stdin.close()
        worker.process.stdin = None  # so that `communicate` does not close it again
    results = [json.loads(worker.finish()) for worker in workers]
    seen = simulator.stop()

    asked_at = seen["asked_at"]
    measured = {
        "token requests": len(asked_at),
        "expected": seconds / refresh_interval(processes),
        "intervals": [round(later - earlier, 3) for earlier, later in pairwise(asked_at)],
        "requests": seen["requests"],
        "slowest": max(result["slowest"] for result in results),
        "peak in flight": seen["peak"],
        "age of refused tokens": seen["refused_at_age"],
        "seconds under way of refused requests": [each for result in results for each in result["refused"]],
    }
    record_property("measured", json.dumps(measured))
    print(measured)
    assert seen["reuse"] == 0
    assert [result["errors"] for result in results] == [{}] * processes
    assert [result["sent"] - result["statuses"].get("200", 0) for result in results] == [0] * processes
    refused = measured["seconds under way of refused requests"]
    assert (seen["unauthorized"], seen["dropped"]) == (len(refused), 0)
    assert [seconds for seconds in refused if seconds < RESERVE] == []
    assert sum(result["exchanges"] for result in results) == len(asked_at)
    # The first is the sign-in, and the last interval may be cut short.
    assert len(asked_at) - 1 == pytest.approx(seconds / refresh_interval(processes), rel=0.1, abs=1)
