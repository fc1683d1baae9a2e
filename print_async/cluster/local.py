"""A cluster of worker processes on this machine. Needs the extra `dask`."""

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distributed import LocalCluster

_PARTITIONS_AT_A_TIME = 2
"""For each worker: while one partition comes to its end, the calls of the next one fill up."""

_NO_DASHBOARD = "127.0.0.1:0"
"""Without an address, the port of all dashboards is taken, for all to see."""


@asynccontextmanager
async def local_cluster(
    workers: int, *, environment: Mapping[str, str] | None = None
) -> AsyncGenerator["LocalCluster", None]:
    """Start worker processes on this machine, and stop them at the end; one that dies is replaced.

    Python starts them anew, so a script that uses this needs its `if __name__ == "__main__":`.

    Args:
        workers: How many.
        environment: Variables for them, beside those of this process: the place for the secrets that `open_client`
            reads.

    Raises:
        ValueError: There are to be fewer than one.
    """
    import distributed

    if workers < 1:
        raise ValueError("a cluster has at least one worker")
    start: Any = distributed.LocalCluster  # it has no types, or wrong ones
    async with start(
        n_workers=workers,
        threads_per_worker=_PARTITIONS_AT_A_TIME,
        processes=True,
        asynchronous=True,
        dashboard_address=_NO_DASHBOARD,
        worker_dashboard_address=_NO_DASHBOARD,
        silence_logs=logging.ERROR,
        env=dict(environment or {}),
    ) as cluster:
        yield cluster
