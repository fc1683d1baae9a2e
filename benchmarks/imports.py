"""What an import costs, in a fresh interpreter each time, beside `import asyncio`."""

import subprocess
import sys
import time
from collections.abc import Iterator

from benchmarks.result import Result

_PEER = "asyncio"
_OURS = ("ezeep_async", "myqx_async", "print_async")


def measure(*, quick: bool) -> Iterator[Result]:
    """Time the import of each package."""
    rounds = 5 if quick else 25
    times: dict[str, list[float]] = {module: [] for module in (_PEER, *_OURS)}
    for _ in range(rounds):
        for module, spent in times.items():
            spent.append(_import(module))
    for module in _OURS:
        yield Result(f"import {module}", "ms", times[module], times[_PEER], f"import {_PEER}")


def _import(module: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
    return (time.perf_counter() - started) * 1000
