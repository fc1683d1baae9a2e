"""`mirror --dask`: over workers that it starts on this machine, and over those of a cluster that is there."""

import asyncio
import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from ezeep_async.simulator import EzeepSimulator
from myqx_async.simulator import MyQXSimulator

BROWSER = f"{sys.executable} {Path(__file__).with_name('follow.py')} %s"
ANY_PORT = "http://127.0.0.1:0/callback"

ROWS = {
    "ezeep_async": lambda users: {"groups": max(3, users // 50), "users": users, "account_users": users},
    "myqx_async": lambda users: {"users": users, "printers": 20, "queues": 5},
}
posix = pytest.mark.skipif(sys.platform == "win32", reason="a process is not signalled so on Windows")


def data(tables: dict[str, list]) -> dict[str, list]:
    """Return the tables without what the mirror notes for itself."""
    return {name: rows for name, rows in tables.items() if not name.startswith("mirror_")}


@pytest.mark.parametrize("module", ROWS)
async def test_on_this_machine(run, tables, tmp_path, module):
    """Without an address it starts workers; they have the rows of a local mirror, and together asked for one token."""
    size = ["--simulate", "--users", 1_500, "--latency", 0]

    here = await run(module, "mirror", *size, "--out", "here.sqlite")
    there = await run(module, "mirror", *size, "--out", "there.sqlite", "--dask", "--workers", 2)

    assert (here.code, there.code) == (0, 0)
    assert data(tables(tmp_path / "there.sqlite")) == data(tables(tmp_path / "here.sqlite"))
    assert there.number(r"(\d+) items in ") == sum(ROWS[module](1_500).values())
    assert there.number(r"(\d+) of them for tokens") == 1
    assert there.number(r"(\d+) answered 401") == 0
    assert there.number(r"(\d+) token refreshes") == 0
    assert "users: 1500, done" in there.err


@pytest.mark.slow
@posix
@pytest.mark.parametrize("number", [signal.SIGINT, getattr(signal, "SIGKILL", None)])
async def test_interrupted(start, run, tables, tmp_path, number):
    """Interrupted by Ctrl-C or kill -9, it leaves a file that the same command without --dask completes."""
    size = ["--simulate", "--users", 3_000, "--page-size", 20]
    command = await start(
        "ezeep_async", "mirror", *size, "--latency", 0.1, "--out", "cut.sqlite", "--dask", "--workers", 2
    )
    await command.until("users: ")

    cut = await command.end(number)
    rest = await run("ezeep_async", "mirror", *size, "--latency", 0, "--out", "cut.sqlite")
    whole = await run("ezeep_async", "mirror", *size, "--latency", 0, "--out", "whole.sqlite")

    if number == signal.SIGINT:
        assert cut.code == 130
        assert "What was done stays; run the same command again to go on" in cut.err
    assert (rest.code, whole.code) == (0, 0)
    assert rest.number(r"items, after (\d+) of an interrupted run") > 60
    assert data(tables(tmp_path / "cut.sqlite")) == data(tables(tmp_path / "whole.sqlite"))


@pytest.fixture
async def start_dask(tmp_path):
    """Start a part of a cluster from its own command line; what still runs at the end is killed."""
    started = []

    async def begin(*arguments: object, **environment: str) -> None:
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", "dask", *map(str, arguments)],
            env={**os.environ, **environment},
            cwd=tmp_path,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        started.append(process)

    yield begin
    for process in started:
        process.terminate()
        await process.wait()


@pytest.mark.slow
async def test_a_cluster_that_is_there(serve, start_dask, run, tables, tmp_path, redis_server):
    """With an address its workers read, with a credential of their own that this machine does not have."""
    at = tmp_path / "scheduler"
    served = await serve("ezeep_async.simulator", "EZEEP_REFRESH_TOKEN", "--users", 1_500, "--client-secret", "s3cret")
    await start_dask("scheduler", "--host", "127.0.0.1", "--port", 0, "--scheduler-file", at)
    async with asyncio.timeout(60):
        while not at.exists():  # noqa: ASYNC110 - another process makes it
            await asyncio.sleep(0.05)
    address = json.loads(at.read_text())["address"]
    told = {**served, "PRINT_ASYNC_REDIS_URL": redis_server.url}
    await start_dask("worker", address, "--nworkers", 2, "--nthreads", 1, "--no-dashboard", **told)

    public = {"EZEEP_ACCOUNT_URL": served["EZEEP_ACCOUNT_URL"]}
    there = await run("ezeep_async", "mirror", "--dask", address, "--out", "there.sqlite", **public)
    here = await run("ezeep_async", "mirror", "--out", "here.sqlite", **told)
    elsewhere = await run("ezeep_async", "mirror", "--dask", address, EZEEP_ACCOUNT_URL="http://127.0.0.1:9")

    assert (there.code, here.code) == (0, 0)
    assert data(tables(tmp_path / "there.sqlite")) == data(tables(tmp_path / "here.sqlite"))
    assert elsewhere.code == 2
    assert re.search(
        r"the environment says .*, and the job is about http://127\.0\.0\.1:9; nothing was sent", elsewhere.err
    )
    assert not (tmp_path / "directory.sqlite").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tcp://127.0.0.1:1", "--simulate"], "the address of a scheduler goes with --dask"),
        (["--dask", "tcp://127.0.0.1:1", "--simulate"], "leave out the address"),
        (["--dask", "--simulate", "--workers", "0"], "--workers"),
    ],
)
@pytest.mark.parametrize("module", ROWS)
async def test_options_that_do_not_fit(run, tmp_path, module, arguments, said):
    """They are refused before anything is started."""
    result = await run(module, "mirror", *arguments)

    assert result.code == 2
    assert said in result.err
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("over_redis", [False, True])
async def test_signed_in_to_ezeep(run, tables, tmp_path, redis_server, over_redis):
    """Workers on this machine use what somebody has signed in with here, out of the token file or out of Redis."""
    async with EzeepSimulator(users=200, client_secret="s3cret-canary") as sim:
        urls = {name.upper(): getattr(sim, name) for name in ("account_url", "management_url", "print_url")}
        told = {f"EZEEP_{name}": url for name, url in urls.items()}
        told |= {"PRINT_ASYNC_REDIS_URL": redis_server.url} if over_redis else {}
        options = ["--client-id", sim.client_id, "--confidential", "--redirect-uri", ANY_PORT]
        login = await run(
            "ezeep_async", "login", *options, BROWSER=BROWSER, EZEEP_CLIENT_SECRET=sim.client_secret, **told
        )
        requests = sim.stats.token_requests.total()
        mirrored = await run("ezeep_async", "mirror", "--dask", "--workers", 2, **told)

    assert (login.code, mirrored.code) == (0, 0)
    assert len(tables(tmp_path / "directory.sqlite")["users"]) == 200
    assert sim.stats.token_requests.total() == requests
    assert ("token server  redis://127.0.0.1" in login.out) == over_redis
    assert ("tokens.json" in login.out) != over_redis


@pytest.mark.slow
@pytest.mark.parametrize("way", ["application", "person"])
async def test_signed_in_to_myqx(run, tmp_path, way):
    """An application can lend its credential to workers; a person can not, which is said, and what to do instead."""
    async with MyQXSimulator(users=200) as sim:
        told = {"MYQX_URL": sim.url, "MYQX_CA_FILE": str(sim.ca_file)}
        secrets = {"MYQX_CLIENT_SECRET": sim.client_secret, "MYQX_PIN": sim.credentials(0).pin}
        how = "--client-credentials" if way == "application" else "--pin"
        login = await run("myqx_async", "login", "--client-id", sim.client_id, how, **told, **secrets)
        result = await run("myqx_async", "mirror", "--dask", "--workers", 2, **told)

    assert login.code == 0
    if way == "application":
        assert (result.code, result.number(r"(\d+) items in")) == (0, 225)
    else:
        assert result.code == 2
        assert "the application itself has to be signed in" in result.err
        assert not (tmp_path / "fleet.sqlite").exists()


async def test_parquet(run, tables, tmp_path):
    """With --parquet the tables are there as Parquet files as well, row for row."""
    from pyarrow import parquet

    result = await run("ezeep_async", "mirror", "--simulate", "--users", 300, "--out", "a.sqlite", "--parquet", "b")

    found = data(tables(tmp_path / "a.sqlite"))
    assert result.code == 0
    assert result.number(r"(\d+) rows in 4 Parquet files: b") == sum(map(len, found.values()))
    for name, rows in found.items():
        read = parquet.read_table(tmp_path / "b" / f"{name}.parquet").to_pylist()
        assert sorted((tuple(row.values()) for row in read), key=repr) == sorted((row[:-1] for row in rows), key=repr)
