"""The wheel, away from the repository."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that must succeed, and return what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from the repository."""
    folder = tmp_path_factory.mktemp("wheel")
    run("uv", "build", "--wheel", "--out-dir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def test_it_holds_the_three_packages_and_nothing_else(wheel):
    """The wheel holds the three packages, each marked as typed, and its own metadata."""
    names = zipfile.ZipFile(wheel).namelist()
    packages = {"print_async", "myqx_async", "ezeep_async"}
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == packages
    assert {f"{package}/py.typed" for package in packages} <= set(names)


def test_it_runs_where_the_repository_is_not(wheel, tmp_path):
    """Installed into an empty environment, the wheel imports, and its commands run."""
    run("uv", "venv", "--python", sys.executable, tmp_path / "venv", cwd=tmp_path)
    binaries = tmp_path / "venv" / "bin"
    run("uv", "pip", "install", "--python", binaries / "python", f"{wheel}[cli]", cwd=tmp_path)
    run(binaries / "python", "-c", "import print_async, myqx_async, ezeep_async", cwd=tmp_path)
    assert "mirror" in run(binaries / "ezeep", "--help", cwd=tmp_path)
    assert "mirror" in run(binaries / "myqx", "--help", cwd=tmp_path)
    assert "1010 items" in run(binaries / "ezeep", "mirror", "--simulate", "--users", "500", cwd=tmp_path)


def test_without_the_extra_the_command_says_what_it_needs(wheel, tmp_path):
    """Without the extra, the command says in one line how to get it."""
    run("uv", "venv", "--python", sys.executable, tmp_path / "venv", cwd=tmp_path)
    binaries = tmp_path / "venv" / "bin"
    run("uv", "pip", "install", "--python", binaries / "python", wheel, cwd=tmp_path)
    done = subprocess.run([binaries / "ezeep"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == "the command line needs an extra: python -m pip install 'print-async[cli]'"
