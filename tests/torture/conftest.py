"""A simulator in a process of its own, children that are gone when the test is, and crowds of them at work."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path

import attrs
import pytest

HERE = Path(__file__).parent


@attrs.define
class Child:
    """A script of this folder that runs."""

    process: subprocess.Popen[str]

    def line(self) -> str:
        """Read a line of what it says."""
        return self.process.stdout.readline().strip()

    def tell(self, told: object) -> None:
        """Write a line of JSON for it."""
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()

    def begin(self) -> None:
        """End its input, and let it run."""
        self.process.stdin.close()
        self.process.stdin = None  # so that `communicate` does not close it again

    def finish(self) -> str:
        """End its input, and return the rest of what it says; it must have gone well."""
        said, complaints = self.process.communicate(timeout=250)
        assert (self.process.returncode, complaints) == (0, "")
        return said


@attrs.define
class Simulator:
    """A simulator that runs, and what it said of itself."""

    child: Child
    told: dict[str, object]

    def stop(self) -> dict[str, object]:
        """Stop it, and return what it has seen."""
        return json.loads(self.child.finish())


@contextmanager
def started(name: str, *arguments: object) -> Iterator[Child]:
    """Start a script of this folder; in the end it is gone."""
    with subprocess.Popen(
        [sys.executable, "-W", "error", str(HERE / name), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Child(process)
        finally:
            process.kill()


@pytest.fixture
def start() -> Iterator[Callable[..., Child]]:
    """Start scripts of this folder."""
    with ExitStack() as stack:
        yield lambda *arguments: stack.enter_context(started(*arguments))


@pytest.fixture
def simulate(start) -> Callable[..., Simulator]:
    """Start a simulator with tokens of so many seconds, and so many sign-ins."""

    def simulate(token_seconds: float, sign_ins: int = 1) -> Simulator:
        child = start("child_simulator.py", token_seconds, sign_ins)
        return Simulator(child, json.loads(child.line()))

    return simulate


@pytest.fixture
def store(request, tmp_path) -> dict[str, object]:
    """Return what to tell a script of the store of that kind."""
    if request.param == "file":
        return {"kind": "file", "path": str(tmp_path / "folder" / "tokens.json")}
    return {"kind": "redis", "url": request.getfixturevalue("redis_server").url}


@attrs.frozen
class Crowd:
    """Processes that have worked with one credential for some time, and what the server saw of them."""

    results: list[dict]
    seen: dict

    @property
    def refused(self) -> list[float]:
        """How many seconds those requests were under way whose token was refused."""
        return [seconds for result in self.results for seconds in result["refused"]]

    @property
    def intervals(self) -> list[float]:
        """Seconds between two token requests."""
        return [round(later - earlier, 3) for earlier, later in pairwise(self.seen["asked_at"])]

    @property
    def measured(self) -> dict[str, object]:
        """What a reader of the log may want to know."""
        return {
            "token requests": len(self.seen["asked_at"]),
            "intervals": self.intervals,
            "requests": self.seen["requests"],
            "slowest": max(result["slowest"] for result in self.results),
            "peak in flight": self.seen["peak"],
            "age of refused tokens": self.seen["refused_at_age"],
            "seconds under way of refused requests": self.refused,
        }

    def check(self, reserve: float) -> None:
        """Nothing was spent twice, and every request was answered well.

        A machine that stands still for longer than the reserve makes good tokens old while they are on their way. That
        is known by the time the request took, and no fault of the session's, which got a new token and sent it again.
        """
        assert self.seen["reuse"] == 0
        assert [result["errors"] for result in self.results if result["errors"]] == []
        assert [result for result in self.results if result["statuses"] != {"200": result["sent"]}] == []
        assert (self.seen["unauthorized"], self.seen["dropped"]) == (len(self.refused), 0)
        assert [seconds for seconds in self.refused if seconds < reserve] == []
        assert sum(result["exchanges"] for result in self.results) == len(self.seen["asked_at"])


@pytest.fixture
def crowd(simulate, start, store, record_property) -> Callable[..., Crowd]:
    """Let so many processes work, `how` `child_worker.py` is told, and do something meanwhile."""

    def work(lifetime: float, processes: int, meanwhile: Callable[[], None] = lambda: None, **how: float) -> Crowd:
        simulator = simulate(lifetime)
        workers = [start("child_worker.py") for _ in range(processes)]
        told = {**simulator.told, "token": simulator.told["tokens"][0], "store": store}
        for worker in workers:
            worker.tell({**told, "in_flight": 1, "token_delay": 0, **how})
        assert {worker.line() for worker in workers} == {"ready"}
        for worker in workers:
            worker.begin()
        meanwhile()
        crowd = Crowd([json.loads(worker.finish()) for worker in workers], simulator.stop())
        record_property("measured", json.dumps(crowd.measured))
        print(crowd.measured)
        return crowd

    return work
