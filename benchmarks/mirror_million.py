"""`ezeep mirror` of a million users, once, beside the hand-written scripts. Takes some minutes, and some GB of disk."""

from collections.abc import Iterator

from benchmarks.mirror import compare
from benchmarks.result import Result


def measure(*, quick: bool) -> Iterator[Result]:
    """Mirror a million users; a tenth of them for a look."""
    yield from compare(users=100_000 if quick else 1_000_000, rounds=1)
