"""The commands as a user runs them: as processes, whose output never has a traceback or a secret in it."""

import asyncio
import os
import re
import shlex
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import attrs
import pytest

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
    secrets: tuple[str, ...]
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
        assert "Traceback" not in out + err, err
        for secret in self.secrets:
            assert secret not in out + err
        assert self.process.returncode is not None
        return Result(self.process.returncode, out, err)


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Start commands, in an empty folder; whatever still runs at the end of the test is killed."""
    started: list[asyncio.subprocess.Process] = []

    async def begin(module: str, *arguments: object, **environment: str) -> Command:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("EZEEP_", "MYQX_"))}
        plain = {"COLUMNS": "200", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
        plain["PRINT_ASYNC_TOKENS"] = str(tmp_path / "tokens" / "tokens.json")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *map(str, arguments),
            env={**inherited, **plain, **environment},
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        started.append(process)
        secrets = tuple(value for name, value in environment.items() if name.endswith(("_SECRET", "_REFRESH_TOKEN")))
        return Command(process, tuple(secret for secret in secrets if secret))

    yield begin
    for process in started:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


@pytest.fixture
def run(start):
    """Run a command to its end."""

    async def to_the_end(module: str, *arguments: object, **environment: str) -> Result:
        return await (await start(module, *arguments, **environment)).end()

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
