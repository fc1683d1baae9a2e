"""docs/telemetry.md, run."""

import asyncio
import inspect
import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from ezeep_async.simulator import EzeepSimulator
from print_async.errors import TokenRequestFailed
from print_async.telemetry import Hooks, RefreshEvent, logs
from print_async.testing import Fault, FaultKind
from tests.test_readme import aimed_at, write

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/telemetry.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)


def rows(section: str) -> list[list[str]]:
    """Return the rows of the tables under a heading."""
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in text.splitlines() if row[:1] == "|"]


async def run(example: str, sim: EzeepSimulator, folder: Path) -> str:
    """Run an example of the page against a simulator and return what it prints."""
    source = aimed_at((ROOT / f"examples/{example}.py").read_text(encoding="utf-8"), sim)
    command = [sys.executable, "-W", "error", str(write(folder / f"{example}.py", source))]
    environment = {**os.environ, "EZEEP_REFRESH_TOKEN": sim.issue_refresh_token()}
    done = await asyncio.to_thread(subprocess.run, command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_the_hooks_count(tmp_path):
    """The example for hooks tells of the retry that there was, and what the walk has cost."""
    async with EzeepSimulator(users=250) as sim:
        sim.faults.add(Fault(kind=FaultKind.STATUS, path="/printing", times=1))
        printed = (await run("hooks", sim, tmp_path)).splitlines()

    operation = "GET /printing/v1/users/"
    assert re.match(rf"{operation} again in 0\.\d s: .* was answered 503", printed[0])
    assert printed[1:] == ["250 users", f"3 {operation}: 200", f"1 {operation}: 503"]


async def test_the_spans_are_printed(tmp_path):
    """The example for OpenTelemetry prints the spans of its requests beneath its own."""
    async with EzeepSimulator(users=30) as sim:
        printed = await run("tracing", sim, tmp_path)

    *requests, mine = json.loads("[" + printed.replace("}\n{", "}, {") + "]")
    assert mine["name"] == "walk the users"
    assert {span["name"] for span in requests} == {"GET /printing/v1/users/"}
    assert {span["parent_id"] for span in requests} == {mine["context"]["span_id"]}


@pytest.fixture
def parent():
    """The logger of all, left as it was."""
    logger = logging.getLogger("print_async")
    before = logger.level, list(logger.handlers)
    yield logger
    logger.setLevel(before[0])
    logger.handlers[:] = before[1]


def test_the_lines_are_json(parent, capsys):
    """The page's formatter writes an event as a line of JSON."""
    (source,) = (block for block in BLOCKS if "class Lines" in block)
    exec(source, {})  # noqa: S102 - our own page
    logs.LOG.on_refresh(RefreshEvent("failed", 0.5, None, TokenRequestFailed("no token: refused"), True))

    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line) == {
        "level": "WARNING",
        "text": "no new token after 0.500 s: no token: refused",
        "event": "refresh",
        "outcome": "failed",
        "seconds": 0.5,
        "generation": None,
        "error": "TokenRequestFailed",
        "usable": True,
    }


@pytest.mark.parametrize("field", attrs.fields(Hooks), ids=lambda field: field.name)
def test_the_table_has_every_event(field):
    """The table of hooks names each of them, its event, and all that the event has."""
    (row,) = (row for row in rows("Hooks") if row[0] == field.name)
    (event,) = inspect.get_annotations(Hooks)[field.name].__args__[0].__args__[:1]

    assert row[1] == event.__name__
    for fact in attrs.fields(event):
        assert re.search(rf"\b{fact.name}\b", row[3])


def test_the_table_has_every_logger():
    """The table of loggers names each one that the packages have."""
    sources = [
        path.read_text(encoding="utf-8")
        for name in ("print_async", "ezeep_async", "myqx_async")
        for path in (ROOT / name).rglob("*.py")
    ]
    loggers = {name for source in sources for name in re.findall(r'getLogger\("([\w.]+)"\)', source)}

    assert loggers == {row[0] for row in rows("The log") if row[0].startswith("print_async.")}
