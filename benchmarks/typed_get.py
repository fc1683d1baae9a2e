"""An authenticated, typed GET of a page of 20 users, beside a bare `aiohttp` GET of the same bytes.

CPU time is that of the client process alone; wall time has the server's in it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator

import aiohttp

from benchmarks.result import Result
from benchmarks.server import running
from ezeep_async import Ezeep
from ezeep_async.auth import RefreshToken

Work = Callable[[], Awaitable[object]]


def measure(*, quick: bool) -> Iterator[Result]:
    """Measure at several concurrencies."""
    with running() as url:
        for concurrency in (1, 16):
            yield from asyncio.run(_compare(url, concurrency, rounds=5 if quick else 21, calls=200 if quick else 600))


async def _compare(url: str, concurrency: int, *, rounds: int, calls: int) -> list[Result]:
    grant = RefreshToken("client", "token")
    async with (
        aiohttp.ClientSession() as raw,
        Ezeep(grant, account_url=url, management_url=url, print_url=url) as ezeep,
    ):
        headers = {"Authorization": "Bearer " + "x" * 600}

        async def theirs() -> bytes:
            async with raw.get(f"{url}/printing/v1/users/?limit=20&offset=0", headers=headers) as response:
                return await response.read()

        async def ours() -> int:
            users = await ezeep.users.list(page_size=20, prefetch=0).collect()
            assert len(users) == 20
            return len(users)

        spent: dict[str, list[tuple[float, float]]] = {"ours": [], "theirs": []}
        for _ in range(rounds + 1):  # the first one warms up
            spent["ours"].append(await _time(ours, concurrency, calls))
            spent["theirs"].append(await _time(theirs, concurrency, calls))
    return [
        Result(
            f"typed GET of 20 users, {concurrency} at a time, {what}",
            "us",
            [measured[column] for measured in spent["ours"][1:]],
            [measured[column] for measured in spent["theirs"][1:]],
            "raw aiohttp",
        )
        for column, what in enumerate(("CPU", "wall"))
    ]


async def _time(work: Work, concurrency: int, calls: int) -> tuple[float, float]:
    """Return CPU and wall time per call, in microseconds."""

    async def worker() -> None:
        for _ in range(calls // concurrency):
            await work()

    cpu, wall = time.process_time(), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(worker())
    done = calls // concurrency * concurrency
    return (time.process_time() - cpu) / done * 1e6, (time.perf_counter() - wall) / done * 1e6
