"""The commands as a user runs them; their output never has a traceback or a secret in it."""

import asyncio
import os
import re
import shlex
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import closing, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs
import pytest
from typer.testing import CliRunner

SECONDS = 120


@attrs.frozen
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str

    def number(self, pattern: str) -> int:
        """Return the number in the output that a pattern describes as its group."""
        found = re.search(pattern, self.out + self.err)
        assert found, f"{pattern!r} is not in {self.out!r}{self.err!r}"
        return int(found[1])


@attrs.define
class Command:
    """A command that runs."""

    process: asyncio.subprocess.Process
    environment: Mapping[str, str]
    _seen: list[str] = attrs.field(factory=list)

    async def until(self, text: str) -> None:
        """Wait until a line of the standard error has a text in it."""
        assert self.process.stderr is not None
        async with asyncio.timeout(SECONDS):
            while line := (await self.process.stderr.readline()).decode():
                self._seen.append(line)
                if text in line:
                    return
        pytest.fail(f"ended without {text!r}: {self._seen}")

    async def end(self, signal: int | None = None) -> Result:
        """Send a signal if one is given, wait for the end, and look that nothing was said that must not be."""
        if signal is not None:
            self.process.send_signal(signal)
        async with asyncio.timeout(SECONDS):
            out, err = (part.decode() for part in await self.process.communicate())
        err = "".join(self._seen) + err
        check(out + err, self.environment)
        assert self.process.returncode is not None
        return Result(self.process.returncode, out, err)


def environment_of(folder: Path, told: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a command: nobody's credentials, and a token file of the test's own."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("EZEEP_", "MYQX_"))}
    plain = {"COLUMNS": "200", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
    plain["PRINT_ASYNC_TOKENS"] = str(folder / "tokens" / "tokens.json")
    return {**inherited, **plain, **told}


def check(said: str, environment: Mapping[str, str]) -> None:
    """Look that nothing was said that must not be."""
    assert "Traceback" not in said, said
    told = [value for name, value in environment.items() if name.endswith(("_SECRET", "_REFRESH_TOKEN"))]
    assert [secret for secret in told if secret and secret in said] == []


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Start commands, in an empty folder; whatever still runs at the end of the test is killed."""
    started: list[asyncio.subprocess.Process] = []

    async def begin(module: str, *arguments: object, **environment: str) -> Command:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *map(str, arguments),
            env=environment_of(tmp_path, environment),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        started.append(process)
        return Command(process, environment)

    yield begin
    for process in started:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command to its end, one at a time, in this process: to start one for each would take minutes in all."""
    monkeypatch.chdir(tmp_path)
    turn = asyncio.Lock()

    def invoke(module: str, arguments: list[str], environment: dict[str, str]) -> Result:
        app = import_module(f"{module}.cli").app
        without = dict.fromkeys(os.environ.keys() - environment.keys())
        ended = CliRunner().invoke(app, arguments, env=without | environment, prog_name=module)
        if not isinstance(ended.exception, SystemExit | None):
            raise ended.exception
        return Result(ended.exit_code, ended.stdout, ended.stderr)

    async def to_the_end(module: str, *arguments: object, **environment: str) -> Result:
        async with turn:
            told = environment_of(tmp_path, environment)
            result = await asyncio.to_thread(invoke, module, [*map(str, arguments)], told)
        check(result.out + result.err, environment)
        return result

    return to_the_end


@pytest.fixture
def serve(start):
    """Start a simulator from its own command line, and return the environment that it prints, up to a last variable."""

    async def begin(module: str, last: str, *arguments: object) -> dict[str, str]:
        command, found = await start(module, *arguments), {}
        async with asyncio.timeout(SECONDS):
            while last not in found:
                line = (await command.process.stdout.readline()).decode()
                assert line
                if line.startswith("export "):
                    name, _, value = shlex.split(line)[1].partition("=")
                    found[name] = value
        return found

    return begin


@pytest.fixture(scope="session")
def tables():
    """Read all there is in a SQLite file."""

    def read(path: Path) -> dict[str, list[tuple[Any, ...]]]:
        with closing(sqlite3.connect(path)) as file:
            names = [name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: sorted(file.execute(f"SELECT * FROM {name}"), key=repr) for name in names}  # noqa: S608

    return read
