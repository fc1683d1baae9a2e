"""Running one benchmark in a fresh interpreter: what another has imported, or left in memory, is not to be measured."""

import importlib
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor

from benchmarks.result import Result


def run(name: str, *, quick: bool) -> list[Result]:
    """Run the benchmark of that name, and say how long it took."""
    print(f"{name} ...", end=" ", flush=True)
    began = time.monotonic()
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        results = process.submit(_measure, name, quick).result()
    print(f"{time.monotonic() - began:.0f} s", flush=True)
    return results


def _measure(name: str, quick: bool) -> list[Result]:
    return list(importlib.import_module(f"benchmarks.{name}").measure(quick=quick))
