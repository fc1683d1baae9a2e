"""A simulator in a process of its own, and children that are gone when the test is."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
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

    def finish(self) -> str:
        """End its input, and return the rest of what it says; it must have gone well."""
        said, complaints = self.process.communicate(timeout=200)
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
