"""Run the benchmarks and print one table."""

import argparse
import sys

from benchmarks import imports, refresh_p99, typed_get

BENCHMARKS = {"typed-get": typed_get.measure, "imports": imports.measure, "refresh-p99": refresh_p99.measure}


def main() -> None:
    """Run all benchmarks, or the one named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=BENCHMARKS, help="run only this one")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: for a look, not for a figure")
    options = parser.parse_args()
    print(f"Python {sys.version.split()[0]}; ratios of medians over interleaved rounds, above the peer")
    for name, measure in BENCHMARKS.items():
        if options.only in (None, name):
            for result in measure(quick=options.quick):
                print(result, flush=True)


if __name__ == "__main__":
    main()
