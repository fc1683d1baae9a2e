"""The example backend as processes, beside a simulator that is one too."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import attrs
import pytest

HERE = Path(__file__).parent
SECONDS = 60
"""After which a process that should end has not."""


@attrs.define
class Child:
    """A process, whose complaints go to a file: there they cannot block it."""

    process: subprocess.Popen[str]
    complaints: Path
    said: str = ""

    def until(self, text: str) -> str:
        """Read lines of what it says until one has a text in it, and return that."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if text in line:
                return line
        pytest.fail(f"ended without {text!r}: {self.complaints.read_text()}")

    def end(self, number: int | None = None) -> tuple[int, str, str]:
        """Send it a signal, or end its input; return its exit code, all that it has said, and its complaints."""
        if number is not None:
            self.process.send_signal(number)
        self.said += self.process.communicate(timeout=SECONDS)[0]
        return self.process.returncode, self.said, self.complaints.read_text()


Start = Callable[..., Child]


@pytest.fixture
def start(tmp_path) -> Iterator[Start]:
    """Start commands; in the end they are gone."""
    with ExitStack() as stack:

        def start(*command: object, **environment: str) -> Child:
            complaints = tmp_path / f"complaints-{len(list(tmp_path.iterdir()))}"
            process = subprocess.Popen(
                list(map(str, command)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stack.enter_context(complaints.open("w")),
                env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
                text=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return Child(process, complaints)

        yield start


@attrs.define
class Simulator:
    """A simulator that runs, and the environment that leads a backend to it."""

    child: Child
    environment: dict[str, str]

    def refreshed(self) -> None:
        """Wait for the next token request."""
        self.child.until("refresh")

    def stop(self) -> dict[str, object]:
        """Stop it, and return what it has seen."""
        code, said, complaints = self.child.end()
        assert (code, complaints) == (0, "")
        return json.loads(said.splitlines()[-1])


@pytest.fixture
def simulate(start) -> Callable[[float, float], Simulator]:
    """Start a simulator with tokens of so many seconds, and answers that take so many."""

    def simulate(token_seconds: float, latency: float) -> Simulator:
        child = start(sys.executable, "-W", "error", HERE / "child_simulator.py", token_seconds, latency)
        return Simulator(child, json.loads(child.until("{")))

    return simulate


@attrs.define
class Backend:
    """Workers that share a port, and all that was said by those that have ended."""

    workers: list[Child]
    url: str
    said: str = ""

    def stop(self) -> list[dict[str, object]]:
        """End the workers as a process manager does, and return what each has seen."""
        ended = [worker.end(signal.SIGTERM) for worker in self.workers]
        self.said = "".join(said + complaints for _, said, complaints in ended)
        assert [code for code, _, _ in ended] == [0] * len(ended), self.said
        return [json.loads(said.splitlines()[-1]) for _, said, _ in ended]


@pytest.fixture
def serve(start) -> Iterator[Callable[..., Backend]]:
    """Start so many workers of the example in an environment, all at once, on one port."""
    with socket.socket() as free:
        # Held, but not listened at: nobody else gets it, and no connection comes here.
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

        def serve(count: int, **environment: str) -> Backend:
            command = (sys.executable, "-W", "error", HERE / "child_backend.py")
            workers = [start(*command, **environment, PORT=str(port)) for _ in range(count)]
            for worker in workers:
                worker.until("Running on")
            return Backend(workers, f"http://127.0.0.1:{port}")

        yield serve
