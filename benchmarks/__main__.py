"""Run the benchmarks, each in a process of its own, and print one table.

A whole run also writes `RESULTS.md` and a picture of each benchmark, beside this file.
"""

import argparse
import importlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import plots, report
from benchmarks.result import Result
from benchmarks.run import run
from benchmarks.serving import HELP, nginx

BENCHMARKS = (
    "typed_get",
    "download",
    "mirror",
    "refresh_p99",
    "decoding",
    "token_path",
    "call_path",
    "bounded_map",
    "page_walk",
    "page_size",
    "adaptive_limit",
    "imports",
)
"""Modules of this package with a `measure(*, quick)`."""
MILLION = "mirror_million"
"""Takes longer than a whole run may."""
_HERE = Path(__file__).parent


def main() -> None:
    """Run all benchmarks, or the ones named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = (*BENCHMARKS, MILLION)
    parser.add_argument("--only", choices=names, action="append", help="run this one; may be repeated")
    parser.add_argument("--million", action="store_true", help="mirror a million users too, which takes minutes more")
    parser.add_argument("--quick", action="store_true", help="few rounds: for a look, not for a figure")
    parser.add_argument("--save", action="store_true", help="write RESULTS.md and the pictures in any case")
    options = parser.parse_args()
    print("\n".join(report.environment()), flush=True)
    if nginx() is None:
        print(f"NOTE: {HELP}")
    began = time.monotonic()
    chosen = options.only or (names if options.million else BENCHMARKS)
    results = {name: run(name, quick=options.quick) for name in chosen}
    seconds = time.monotonic() - began
    print(f"\n{report.table([each for found in results.values() for each in found])}\n\n{seconds:.0f} seconds")
    if options.save or not (options.quick or options.only):
        _save(results, seconds, quick=options.quick)


def _save(results: Mapping[str, Sequence[Result]], seconds: float, *, quick: bool) -> None:
    titles = {name: _title(name) for name in results}
    for name, found in results.items():
        plots.draw(name, found, _HERE / "plots" / f"{name}.png")
    (_HERE / "RESULTS.md").write_text(report.page(results, titles, seconds=seconds, quick=quick))


def _title(name: str) -> str:
    documentation = importlib.import_module(f"benchmarks.{name}").__doc__ or name
    return " ".join(documentation.partition("\n\n")[0].split())


if __name__ == "__main__":
    main()
