"""The owner of a refresh is killed, as by `kill -9`, at each of its steps, and another process goes on."""

import json
import sys
from collections import Counter
from datetime import UTC, datetime

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is neither fork nor SIGKILL on Windows")

SURVIVED = {
    "before the note": [1, 2],
    "after the note": [1, 2],
    "during the write, when it counts": [2, 3],
    "after the write": [2, 3],
}
"""The generations that the successor finds and makes. The steps between have the server's answer in memory only."""
LOST = ["after the exchange", "during the write, before it counts"]


@pytest.mark.parametrize(
    ("store", "count"),
    [("file", 2), ("redis", 1), *(pytest.param(kind, 20, marks=pytest.mark.slow) for kind in ("file", "redis"))],
    indirect=["store"],
)
def test_killed_at_each_step(simulate, start, store, tmp_path, count):
    """The family survives unless the server's answer died with the owner, which the next one says; no file is torn."""
    rounds = [step for _ in range(count) for step in [*SURVIVED, *LOST]]
    simulator = simulate(3600, len(rounds))
    if store["kind"] == "redis":
        store |= {"lease": 1.0, "patience": 1.0}  # for so long the successor of a dead owner waits
    owner = start("child_owner.py")
    owner.tell({**simulator.told, "store": store, "rounds": list(zip(rounds, simulator.told["tokens"], strict=True))})
    result = json.loads(owner.finish())
    seen = simulator.stop()

    assert [played["step"] for played in result["rounds"]] == rounds
    for played in result["rounds"]:
        assert (played["owner"], played["successor"]) == (-9, 0), played
        if played["step"] in SURVIVED:
            assert (played["ended"], played["status"]) == ("alive", 200), played
            assert played["generations"] == SURVIVED[played["step"]], played
        else:
            assert played["ended"] == "lost", played
            assert played["from"] <= played["lost_at"] <= played["until"], played
            assert datetime.fromtimestamp(played["lost_at"], UTC).isoformat(" ", "seconds") in played["text"]
    assert Counter(played["ended"] for played in result["rounds"]) == {"alive": 4 * count, "lost": 2 * count}
    assert seen["reuse"] == 2 * count  # a lost answer's token is tried once, and no other twice
    assert seen["unauthorized"] == 0
    assert set(result["readers"]) <= {0}, "the reader of the file saw a bad state"
    assert list(tmp_path.rglob("*damaged*")) == []
