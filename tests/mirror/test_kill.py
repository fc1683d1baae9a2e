"""Killed at random points, as by `kill -9`, and run again: the file is that of a run that nobody interrupted."""

import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is neither fork nor SIGKILL on Windows")

CHILD = Path(__file__).with_name("child_mirror.py")
SETUP = 12
"""About the statements before the first page."""


@pytest.fixture
def run_child(vendor, tmp_path):
    """Run rounds of kills, each with a file of its own."""

    def run(rounds: dict[Path, str]) -> str:
        arguments = [each for path, points in rounds.items() for each in (str(path), points)]
        ran = subprocess.run(
            [sys.executable, str(CHILD), vendor, *arguments], capture_output=True, text=True, timeout=300, check=False
        )
        assert (ran.returncode, ran.stderr) == (0, "")
        return ran.stdout

    return run


def draw_points(chance: random.Random, wire: int, file: int) -> str:
    """Draw where the process dies: first anywhere, and then, in some rounds, again and again while it goes on."""
    first = chance.choice([f"wire:{chance.randint(1, wire)}", f"file:{chance.randint(1, file)}"])
    further = [f"{kind}:{chance.randint(1, most)}" for kind, most in (("file", SETUP), ("wire", 12), ("file", 300))]
    return " ".join([first, *chance.sample(further, chance.choice([0, 0, 1, 3]))])


def check_rounds(run_child, read_tables, folder: Path, seed: str, count: int) -> None:
    """Kill and rerun so many times, and compare each file with one of an uninterrupted run."""
    whole = folder / "whole.sqlite"
    found = re.search(r"wire:(\d+) file:(\d+)", run_child({whole: ""}))
    wire, file = int(found[1]), int(found[2])
    chance = random.Random(seed)
    rounds = {folder / f"{number}.sqlite": draw_points(chance, wire, file) for number in range(count)}
    rounds[folder / "setup.sqlite"] = " ".join(f"file:{number}" for number in range(1, SETUP + 1))

    run_child(rounds)

    expected = read_tables(whole)
    assert [name for name, rows in expected.items() if not rows] == ["mirror_parts"]
    wrong = {path.name: points for path, points in rounds.items() if read_tables(path) != expected}
    assert wrong == {}


def test_killed_at_random_points(run_child, read_tables, tmp_path, vendor):
    """Ten seeded points for each vendor, on the wire and inside of transactions, some with further kills after it."""
    check_rounds(run_child, read_tables, tmp_path, f"{vendor}: ten points", 10)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(3))
def test_killed_at_many_points(run_child, read_tables, tmp_path, vendor, number):
    """As many points again, many times over."""
    check_rounds(run_child, read_tables, tmp_path, f"{vendor}: many points, {number}", 100)


def test_killed_again_and_again(run_child, read_tables, tmp_path):
    """Killed before one statement after the other, in one and the same file, it still gets there."""
    whole, path = tmp_path / "whole.sqlite", tmp_path / "killed.sqlite"

    run_child({whole: "", path: " ".join(f"file:{number}" for number in range(1, 40, 3))})

    assert read_tables(path) == read_tables(whole)
