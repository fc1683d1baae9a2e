"""The README and the examples, run."""

import asyncio
import io
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path
from runpy import run_path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from ezeep_async import Ezeep
from ezeep_async.simulator import EzeepSimulator
from myqx_async.simulator import MyQXSimulator

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = "\n".join([README, *(page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").glob("*.md")))])
BLOCKS = re.findall(r"^```python\n(.*?)\n```$", PAGES, re.MULTILINE | re.DOTALL)
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def urls_of(sim: EzeepSimulator) -> dict[str, str]:
    """Return where a simulator is, as a client takes it."""
    return {name: getattr(sim, name) for name in ("account_url", "management_url", "print_url")}


def aimed_at(source: str, sim: EzeepSimulator | MyQXSimulator) -> str:
    """Return an example's source with the vendor's servers replaced by the simulator."""
    if isinstance(sim, MyQXSimulator):
        names = {"https://print.acme.com": sim.url, "myq-ca.pem": str(sim.ca_file)}
        names |= {"client-id": sim.client_id, "client-secret": sim.client_secret}
    else:
        urls = ", ".join(f"{name}={url!r}" for name, url in urls_of(sim).items())
        names = {'["EZEEP_REFRESH_TOKEN"])': f'["EZEEP_REFRESH_TOKEN"]), {urls}', "client-id": sim.client_id}
    for name, real in names.items():
        assert name in source
        source = source.replace(name, real)
    return source


def write(path: Path, source: str) -> Path:
    """Write a file and return its path."""
    path.write_text(source, encoding="utf-8")
    return path


def run(path: Path) -> str:
    """Run a script and return what it prints."""
    with redirect_stdout(io.StringIO()) as printed:
        run_path(str(path), run_name="__main__")
    return printed.getvalue()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_on_a_page(example):
    """What the README and the pages of docs/ show is the example file, word for word."""
    assert example.read_text(encoding="utf-8").rstrip() in BLOCKS


async def test_the_script_prints_every_user(tmp_path):
    """The asyncio script of the README walks all users of a server with a certificate authority of its own."""
    async with MyQXSimulator(users=30) as sim:
        script = write(tmp_path / "script.py", aimed_at((ROOT / "examples/script.py").read_text(), sim))
        printed = await asyncio.to_thread(run, script)
    assert len(printed.splitlines()) == 30


async def test_the_recording_answers(tmp_path, monkeypatch):
    """The recording of docs/ prints the same users the second time, when there is no server any more."""
    monkeypatch.chdir(tmp_path)
    async with MyQXSimulator(users=30) as sim:
        script = write(tmp_path / "script.py", aimed_at((ROOT / "examples/recording.py").read_text(), sim))
        printed = await asyncio.to_thread(run, script)
        assert sim.client_secret not in (tmp_path / "users.jsonl").read_text()
    assert len(printed.splitlines()) == 30
    assert await asyncio.to_thread(run, script) == printed


async def test_the_web_backend_answers(tmp_path, monkeypatch):
    """The web backend of the README answers with the names of the groups, and signs in once for all requests."""
    async with EzeepSimulator(users=30) as sim:
        monkeypatch.setenv("EZEEP_REFRESH_TOKEN", sim.issue_refresh_token())
        backend = write(tmp_path / "backend.py", aimed_at((ROOT / "examples/web_backend.py").read_text(), sim))
        app = run_path(str(backend))["create_app"]()
        async with TestClient(TestServer(app)) as client:
            answers = [await (await client.get("/groups")).json() for _ in range(3)]
        assert answers[0]
        assert answers[0] == answers[1] == answers[2]
        assert sim.stats.token_requests.total() == 1


async def test_the_sync_job_reports_what_failed(tmp_path, monkeypatch):
    """The job of the README puts the users it is given into the group, and names the one that does not exist."""
    async with EzeepSimulator(users=30) as sim:
        ids = [sim.directory.user_ids.at(index) for index in range(10)]
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("EZEEP_REFRESH_TOKEN", sim.issue_refresh_token())
        monkeypatch.setenv("GROUP_ID", sim.directory.group_id(0))
        write(tmp_path / "users.txt", "\n".join([*ids, "00000000-0000-0000-0000-000000000000"]))
        job = write(tmp_path / "job.py", aimed_at((ROOT / "examples/sync_job.py").read_text(), sim))
        printed = await asyncio.to_thread(run, job)
    assert printed.startswith("10 done, 1 failed\n00000000-0000-0000-0000-000000000000 ")


async def test_the_file_is_printed(tmp_path, monkeypatch):
    """The printing of the README prints the file that it is given, once, and waits for the end."""
    async with EzeepSimulator(users=5) as sim:
        monkeypatch.setenv("EZEEP_REFRESH_TOKEN", sim.issue_refresh_token())
        async with Ezeep(sim.grant(), **urls_of(sim)) as ezeep:
            printer = next(each for each in await ezeep.print_api.printers() if not each.is_queue)
        write(tmp_path / "report.pdf", "%PDF-1.7")
        monkeypatch.setattr(sys, "argv", ["print_file.py", str(tmp_path / "report.pdf"), printer.name])
        script = write(tmp_path / "print_file.py", aimed_at((ROOT / "examples/print_file.py").read_text(), sim))
        printed = await asyncio.to_thread(run, script)
        assert "code=0" in printed
        assert len(sim.prints.accepted) == 1


async def test_the_readmes_test_passes():
    """The test that the README shows for a user's own code passes as it stands."""
    (source,) = (block for block in BLOCKS if "async def test_groups" in block)
    namespace: dict[str, object] = {}
    exec(source, namespace)  # noqa: S102 - our own README
    await namespace["test_groups"]()


def test_the_readmes_commands_are_those_of_ci():
    """CI runs the README's test command word for word."""
    command = "python -m pip install uv && uv run pytest"
    assert f"\n    {command}\n" in README
    assert f"\n{command}\n" in (ROOT / ".ci/run").read_text(encoding="utf-8")
