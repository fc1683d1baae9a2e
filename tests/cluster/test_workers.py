"""Workers that are not there, cannot open a client, or are lost; on real clusters."""

import asyncio
import json
import logging
import os
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

import dask
import pytest
import worker_jobs

from print_async import BatchReport, Secret
from print_async.cluster import Workers, local_cluster, run_batch_on
from print_async.errors import ClusterError, WorkersLost

ON_THE_WAY = {"PYTHONPATH": str(Path(__file__).parent)}


async def test_no_scheduler():
    """Where there is no scheduler, that is said, with where it was looked for."""
    with pytest.raises(ClusterError, match=r"there is no scheduler at tcp://127\.0\.0\.1:1 "):
        async with Workers("tcp://127.0.0.1:1", partial(worker_jobs.open_desk, Path()), timeout=0.2):
            pass


async def test_no_address():
    """What is no address at all is the same."""
    with pytest.raises(ClusterError, match="there is no scheduler at gopher://x"):
        async with Workers("gopher://x", partial(worker_jobs.open_desk, Path()), timeout=0.2):
            pass


async def test_no_worker():
    """A cluster without workers is left alone after the time given."""
    import distributed

    options = {
        "n_workers": 0,
        "asynchronous": True,
        "dashboard_address": "127.0.0.1:0",
        "silence_logs": logging.CRITICAL,
    }
    async with distributed.LocalCluster(**options) as cluster:
        with pytest.raises(
            ClusterError, match=r"the cluster has no worker, and none came in 0\.3 s; nothing was begun"
        ):
            async with Workers(cluster, partial(worker_jobs.open_desk, Path()), timeout=0.3):
                pass


async def test_a_client_that_cannot_be_opened(scheduler):
    """What opening the client raises on a worker is raised on entering, and the cluster stays as it was."""
    with pytest.raises(KeyError, match="EZEEP_CLIENT_ID"):
        async with Workers(scheduler, worker_jobs.open_in_vain):
            pass


def closing_over(value):
    """Return a function with a value inside, which is no argument that one could see."""
    return lambda: worker_jobs.open_desk(value)


@pytest.mark.parametrize("make", [partial(partial, worker_jobs.open_desk), closing_over], ids=["settings", "closure"])
async def test_a_secret_does_not_travel(make):
    """A client whose settings have a secret in them is refused before anything is sent, and the secret is not shown."""
    with pytest.raises(TypeError, match=r"open_client cannot be sent .*Secret is not pickled") as failure:
        async with Workers("tcp://nobody.example:1", make(Secret("hunter2"))):
            pass
    assert "hunter2" not in str(failure.value)


async def test_a_function_that_does_not_travel(desks):
    """A function that holds what no pickle takes is refused before the input is touched."""
    pulled = iter([1, 2])
    async with desks:
        with pytest.raises(TypeError, match=r"the function cannot be sent to the workers .*Secret is not pickled"):
            await run_batch_on(desks, partial(worker_jobs.double, Secret("x")), pulled, concurrency=1, once=None)
    assert next(pulled) == 1


async def test_an_item_that_does_not_travel(desks):
    """An item that no pickle takes ends the batch, and the error says where it was."""
    async with desks:
        with pytest.raises(TypeError, match=r"items 0 to 1 cannot be sent to the workers .*Secret is not pickled"):
            await run_batch_on(desks, worker_jobs.double, [1, Secret("hunter2")], concurrency=1, once=None)


async def test_not_open(desks):
    """Workers that were not entered, or were left, say so."""
    batch = partial(run_batch_on, desks, worker_jobs.double, [1], concurrency=1, once=None)
    with pytest.raises(ClusterError, match="enter `Workers` with `async with` first"):
        await batch()
    async with desks:
        pass
    with pytest.raises(ClusterError, match="enter `Workers` with `async with` first"):
        await batch()


@pytest.mark.slow
async def test_an_item_that_kills_every_worker(tmp_path):
    """An item that kills whoever has it ends the batch, and the error says in which partition it is."""
    with dask.config.set({"distributed.scheduler.allowed-failures": 1}):
        async with (
            local_cluster(2, environment=ON_THE_WAY) as cluster,
            Workers(cluster, partial(worker_jobs.open_desk, tmp_path)) as workers,
        ):
            with pytest.raises(WorkersLost, match="2 workers in a row died") as failure:
                await run_batch_on(
                    workers, worker_jobs.die, range(40), concurrency=1, once=None, partition_size=5, outstanding=1
                )

    assert (failure.value.first, failure.value.last) == (10, 14)
    assert failure.value.__notes__ == ["The partition has the items 10 to 14 of the input, from 0"]


@pytest.mark.slow
async def test_the_scheduler_dies(tmp_path, until, noted, start_dask):
    """Where the scheduler dies, the batch ends with an error, and what was reported stays."""
    report = BatchReport()
    scheduler = await start_dask("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", tmp_path / "at")
    await until((tmp_path / "at").exists)
    address = json.loads((tmp_path / "at").read_text())["address"]
    await start_dask("worker", address, "--nworkers", "1", "--nthreads", "2", "--no-dashboard", "--no-nanny")

    async with Workers(address, partial(worker_jobs.open_desk, tmp_path), timeout=10) as workers:
        batch = run_batch_on(
            workers, worker_jobs.wait_for_good, range(9), concurrency=3, once=None, partition_size=3, report=report
        )
        running = asyncio.ensure_future(batch)
        await until(lambda: report.succeeded == 3 and len(noted("waiting")) == 3)
        scheduler.kill()
        with pytest.raises(ClusterError, match="the cluster has lost the work"):
            await running

    assert (report.succeeded, report.failed, report.finished) == (3, 0, False)


async def test_whoever_wanted_it_dies(scheduler, tmp_path, noted, until):
    """Where the process that runs a batch is killed, the workers cancel its calls and close their clients."""
    child = [sys.executable, str(Path(__file__).with_name("child_batch.py")), scheduler, str(tmp_path)]
    process = await asyncio.create_subprocess_exec(*child, stderr=asyncio.subprocess.DEVNULL)
    await until(lambda: len(noted("waiting")) >= 2)
    process.kill()
    await process.wait()

    await until(lambda: len(noted("closed")) == 2)
    assert sorted(noted("cancelled")) == sorted(noted("waiting"))


@pytest.mark.slow
async def test_a_lease_is_renewed(scheduler, tmp_path, noted):
    """A client lives as long as its workers are wanted, however short the lease."""
    async with Workers(scheduler, partial(worker_jobs.open_desk, tmp_path), lease=3.0) as workers:
        for _ in range(6):
            await run_batch_on(workers, worker_jobs.write_down, range(100), concurrency=1, once=None)
        assert noted("closed") == []


@pytest.mark.parametrize("wrong", [{"lease": 0}, {"timeout": 0}])
def test_times_that_make_no_sense(wrong):
    """They are refused."""
    with pytest.raises(ValueError, match="more than none"):
        Workers("tcp://127.0.0.1:1", open, **wrong)


@pytest.fixture
async def start_dask(tmp_path):
    """Start a part of a cluster from its own command line; what still runs at the end is killed."""
    started = []

    async def start(*arguments: object) -> asyncio.subprocess.Process:
        quiet = {"stdout": asyncio.subprocess.DEVNULL, "stderr": asyncio.subprocess.DEVNULL}
        command = [sys.executable, "-m", "dask", *map(str, arguments)]
        environment = {**os.environ, **ON_THE_WAY}
        started.append(await asyncio.create_subprocess_exec(*command, env=environment, cwd=tmp_path, **quiet))
        return started[-1]

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@pytest.mark.parametrize("workers", [0, -1])
async def test_a_cluster_of_none(workers):
    """A local cluster has a worker at least."""
    with pytest.raises(ValueError, match="at least one worker"):
        async with local_cluster(workers):
            pass


async def test_workers_that_do_not_start(tmp_path, monkeypatch):
    """Workers that die before they are there are a plain error, and not one of the cluster's insides."""
    dying = "import os, sys\nif any('spawn_main' in word for word in sys.orig_argv):\n    os._exit(3)\n"
    (tmp_path / "sitecustomize.py").write_text(dying)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with pytest.raises(ClusterError, match=r"did not start .* nothing was begun"):
        async with local_cluster(1):
            pass
