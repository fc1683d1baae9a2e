"""A large mirror over four workers, with tokens of four seconds and a worker that is killed, beside a local one."""

import asyncio
import os
import re
import shlex
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path

import attrs
import pytest
import worker_jobs

from ezeep_async import mirror as directory
from ezeep_async.environment import ezeep_from_environment
from print_async.cluster import Workers, local_cluster, mirror_on
from print_async.mirror import MirrorReport, mirror

USERS, TOKEN_SECONDS = 20_000, 4
TABLES = ("groups", "users", "memberships", "account_users")
EARLIEST = 0.7 * TOKEN_SECONDS
"""No sooner than that after the last one is a token refreshed, by whichever process."""


@attrs.define
class Served:
    """A simulator in a process of its own."""

    process: asyncio.subprocess.Process
    environment: dict[str, str]
    """What leads a client to it."""
    summary: str = ""

    def number(self, pattern: str) -> int:
        """Return a number of what it says at its end."""
        found = re.search(pattern, self.summary)
        return int(found[1]) if found else 0


@asynccontextmanager
async def serve() -> AsyncIterator[Served]:
    """Run a simulator."""
    command = ["-m", "ezeep_async.simulator", "--users", USERS, "--token-seconds", TOKEN_SECONDS, "--latency", 0.005]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *map(str, command), stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    served = Served(process, {})
    try:
        while "EZEEP_REFRESH_TOKEN" not in served.environment:
            line = (await process.stdout.readline()).decode()
            assert line
            if line.startswith("export "):
                name, _, value = shlex.split(line)[1].partition("=")
                served.environment[name] = value
        yield served
    finally:
        process.terminate()
        served.summary = (await process.communicate())[0].decode()


@asynccontextmanager
async def timed(told: dict[str, float], name: str) -> AsyncIterator[None]:
    """Note how long something takes."""
    began = time.monotonic()
    yield
    told[name] = time.monotonic() - began


def rows(path) -> dict[str, list[tuple]]:
    """Read the rows of a mirror."""
    with closing(sqlite3.connect(path)) as file:
        return {table: file.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in TABLES}  # noqa: S608


async def mirror_here(path, environment: dict[str, str], monkeypatch) -> MirrorReport:
    """Mirror from this process."""
    with monkeypatch.context() as context:
        for name, value in environment.items():
            context.setenv(name, value)
        async with ezeep_from_environment() as ezeep:
            return await mirror(path, directory.stages(ezeep), source="the simulator")


async def mirror_there(path, environment: dict[str, str], progress: Callable) -> MirrorReport:
    """Mirror over four workers, one of which is killed midway."""
    async with (
        local_cluster(4, environment=environment) as cluster,
        Workers(cluster, ezeep_from_environment) as workers,
    ):
        victim = (await workers.each(worker_jobs.worker_id))[0]
        stages = partial(directory.stages, prefetch=0)
        return await mirror_on(workers, path, stages, source="the simulator", progress=partial(progress, victim=victim))


@pytest.mark.slow
async def test_four_workers(tmp_path, redis_server, monkeypatch):
    """The same rows as from one process, although a worker dies; no more token requests than one process makes."""
    killed, seconds = [], {}

    def kill(progress, victim: int) -> None:
        if not killed and progress.stage == "users" and progress.items > USERS // 2:
            os.kill(victim, signal.SIGKILL)
            killed.append(victim)

    async with serve() as one:
        told = {**one.environment, "PRINT_ASYNC_TOKENS": str(tmp_path / "tokens.json")}
        here = await mirror_here(tmp_path / "here.sqlite", told, monkeypatch)
    async with serve() as many:
        told = {**many.environment, "PRINT_ASYNC_REDIS_URL": redis_server.url, "PYTHONPATH": str(Path(__file__).parent)}
        async with timed(seconds, "there"):
            there = await mirror_there(tmp_path / "there.sqlite", told, kill)

    assert len(killed) == 1
    assert rows(tmp_path / "there.sqlite") == rows(tmp_path / "here.sqlite")
    assert (there.items, there.unsettled) == (here.items, ()) == (2 * USERS + USERS // 50, ())
    assert many.number(r"answers  (\d+) with 401") == 0
    assert many.number(r"refresh reuse  (\d+)") == 0
    assert 2 <= many.number(r"tokens  (\d+) by refresh_token") <= seconds["there"] / EARLIEST + 1
