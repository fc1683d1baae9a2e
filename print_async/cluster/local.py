"""A cluster of worker processes on this machine. Needs the extra `dask`."""

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from print_async.errors import ClusterError

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
        ClusterError: They did not start. Nothing was begun; may be repeated.
    """
    import distributed

    if workers < 1:
        raise ValueError("a cluster has at least one worker")
    start: Any = distributed.LocalCluster  # it has no types, or wrong ones
    cluster: Any = start(
        n_workers=workers,
        threads_per_worker=_PARTITIONS_AT_A_TIME,
        processes=True,
        asynchronous=True,
        dashboard_address=_NO_DASHBOARD,
        worker_dashboard_address=_NO_DASHBOARD,
        silence_logs=logging.ERROR,
        env=dict(environment or {}),
    )
    try:
        await cluster
    except (OSError, RuntimeError) as error:  # a worker that died, or a machine that has no room for it
        await cluster.close()
        raise ClusterError(
            f"the worker processes on this machine did not start ({type(error).__name__}: {error}); nothing was begun. "
            "Look whether something ends them, such as a limit of memory or processes, and try again, or with fewer"
        ) from error
    async with cluster:
        yield cluster
