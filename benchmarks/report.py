"""The results as a table, and as the page `RESULTS.md` with what they were measured on."""

import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.result import HEAD, Result
from benchmarks.serving import HELP, nginx

_LIBRARIES = (
    *("aiohttp", "yarl", "multidict", "attrs", "msgspec", "cattrs", "httpx2", "pyreqwest"),
    *("pydantic", "gidgethub", "azure-core", "authlib", "openai", "aiometer", "aiostream"),
)


def table(results: Sequence[Result]) -> str:
    """Return the results in columns."""
    rows = [HEAD, *(result.cells for result in results)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_aligned(row, widths) for row in rows)


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
    return "  ".join(cells).rstrip()


def page(results: Mapping[str, Sequence[Result]], titles: Mapping[str, str], *, seconds: float, quick: bool) -> str:
    """Return the results in Markdown."""
    parts = [
        "# Results",
        f"Written by `python -m benchmarks` on {datetime.now(UTC):%Y-%m-%d}, in {seconds / 60:.1f} minutes.",
        "Ours and its peer took turns, round by round. Figures are medians over the rounds; the ratio is ours over the "
        "peer's, and the middle half of the rounds lies between the two ratios beside it.",
        *(["**A quick run: too few rounds for figures.**"] if quick else []),
        "\n".join(f"- {line}" for line in environment()),
    ]
    for name, found in results.items():
        parts += [f"## {name}", titles[name], f"![{name}](plots/{name}.png)", _markdown(found)]
    return "\n\n".join(parts) + "\n"


def _markdown(results: Sequence[Result]) -> str:
    rows = [HEAD, ("---",) * len(HEAD), *(result.cells for result in results)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def environment() -> list[str]:
    """Return what the figures depend on: machine, Python, libraries, server."""
    return [
        f"{os.cpu_count()} cores, {_cpu()}, {platform.system()} on {platform.machine()}",
        f"{platform.python_implementation()} {platform.python_version()}",
        ", ".join(f"{name} {found}" for name in _LIBRARIES if (found := _version(name))),
        _server(),
    ]


def _cpu() -> str:
    try:
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or "a processor of unknown model"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _server() -> str:
    command = nginx()
    if command is None:
        return HELP
    return subprocess.run([command, "-v"], capture_output=True, text=True, check=True).stderr.split()[-1]
