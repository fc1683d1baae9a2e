"""A cluster of worker processes on this machine, which the tests of one process share."""

import asyncio
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from distributed import LocalCluster

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # workers import what they do from here as well


class Shared:
    """A cluster with two workers. Those that are killed are replaced, and if that fails the cluster is."""

    def __init__(self) -> None:
        self._cluster: LocalCluster | None = None

    def address(self) -> str:
        """Return the scheduler's address, when two workers are there."""
        import distributed

        if self._cluster is not None and not self._complete():
            self.close()
            self._cluster = None
        if self._cluster is None:
            self._cluster = distributed.LocalCluster(
                n_workers=2,
                threads_per_worker=2,
                processes=True,
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
                env={"PYTHONPATH": str(HERE)},
            )
        return self._cluster.scheduler_address

    def _complete(self) -> bool:
        """Ask the workers themselves, for the scheduler may not know yet that one has died."""
        import distributed

        with distributed.Client(self._cluster, set_as_default=False) as client:
            for _ in range(600):
                if len(client.run(os.getpid, on_error="ignore")) == 2:
                    return True
                time.sleep(0.05)
        return False

    def close(self) -> None:
        """Stop it."""
        if self._cluster is not None:
            self._cluster.close()


@pytest.fixture(scope="session")
def _shared() -> Iterator[Shared]:
    pytest.importorskip("distributed")
    shared = Shared()
    yield shared
    shared.close()


@pytest.fixture
def scheduler(_shared):
    """The address of a cluster with two workers, which all tests share."""
    return _shared.address()


@pytest.fixture
def desks(scheduler, tmp_path):
    """Make the workers, each with a client that writes down in the test's folder what is done with it."""
    from worker_jobs import open_desk

    from print_async.cluster import Workers

    return Workers(scheduler, partial(open_desk, tmp_path))


@pytest.fixture(scope="session")
def until():
    """Wait until something is so, as happens in another process."""

    async def wait(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(120):
            while not condition():  # noqa: ASYNC110 - elsewhere
                await asyncio.sleep(0.005)

    return wait


@pytest.fixture
def noted(tmp_path):
    """Read what the workers have written down."""

    def read(what: str) -> list[int]:
        file = tmp_path / what
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    return read
