"""What an import costs, in a fresh interpreter each time: CPU time, with the interpreter's own start.

`import ezeep_async` alone loads next to nothing, so there is also what everybody goes on to, the client.
"""

import resource
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.result import Result

_OURS = ("import ezeep_async", "import myqx_async", "from ezeep_async import Ezeep", "from myqx_async import MyQX")
_LEAST = "import asyncio, attrs, msgspec"
_PEERS = (_LEAST, "import aiohttp", "import openai")


def measure(*, quick: bool) -> Iterator[Result]:
    """Time each import."""
    times: dict[str, list[float]] = {statement: [] for statement in (*_OURS, *_PEERS)}
    for statement in times:
        _import(statement)  # the first one may have to compile
    for _ in range(3 if quick else 11):
        for statement, spent in times.items():
            spent.append(_import(statement))
    for ours in _OURS:
        for peer in _PEERS:
            target = 1.3 if peer == _LEAST and ours.startswith("import ") else None
            yield Result(ours, "ms", times[ours], times[peer], peer, target)


def _import(statement: str) -> float:
    before = _children()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return (_children() - before) * 1000


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
