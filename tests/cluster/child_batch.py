"""Runs a batch that does not end, until it is killed: no test, but run by one."""

import asyncio
import sys
from functools import partial
from pathlib import Path

import worker_jobs

from print_async.cluster import Workers, run_batch_on


async def main(scheduler: str, folder: str) -> None:
    """Run it: items from 3 on are waited for without end."""
    opener = partial(worker_jobs.open_desk, Path(folder))
    async with Workers(scheduler, opener, lease=2.0) as workers:
        await run_batch_on(workers, worker_jobs.wait_for_good, range(9), concurrency=2, once=None, partition_size=3)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
