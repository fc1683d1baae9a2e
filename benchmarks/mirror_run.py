"""One run of a mirror, in a process of its own: `python -m benchmarks.mirror_run SIDE URL FILE`."""

import asyncio
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import attrs
import msgspec

from benchmarks import mirror_scripts
from ezeep_async import Ezeep
from ezeep_async.auth import RefreshToken
from ezeep_async.mirror import VIEWS, stages
from print_async.mirror import mirror

_WALK = {"concurrency": 16}
"""How the lists are walked: `{"concurrency": 16}` as soon as `stages` takes that."""


@attrs.frozen
class Run:
    """What a run took."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    """The most memory it ever had."""


async def _ours(url: str, file: Path) -> None:
    grant = RefreshToken("client", "token")
    async with Ezeep(grant, account_url=url, management_url=url, print_url=url) as ezeep:
        await mirror(file, stages(ezeep, **_WALK), source=url, views=VIEWS)


SIDES: dict[str, Callable[[str, Path], Awaitable[None]]] = {
    "ours": _ours,
    "sequential script": mirror_scripts.sequential,
    "concurrent script": mirror_scripts.concurrent,
}


def _peak_mib() -> float:
    try:
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    except OSError:  # not Linux; there, this one would also count the process that started us
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def main() -> None:
    """Run it, and print what it took."""
    side, url, file = sys.argv[1:]
    wall, cpu = time.perf_counter(), time.process_time()

    async def work() -> None:
        await SIDES[side](url, Path(file))

    asyncio.run(work())
    run = Run(time.perf_counter() - wall, time.process_time() - cpu, _peak_mib())
    print(msgspec.json.encode(run).decode())


if __name__ == "__main__":
    main()
