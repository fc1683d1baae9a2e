"""`ezeep mirror` and `myqx mirror` against their built-in simulators, also interrupted."""

import asyncio
import signal
import sys

import pytest

ROWS = {
    "ezeep_async": lambda users: {"groups": max(3, users // 50), "users": users, "account_users": users},
    "myqx_async": lambda users: {"users": users, "printers": 20, "queues": 5},
}
FIRST_LINE = {"ezeep_async": "groups: ", "myqx_async": "users: "}

modules = pytest.mark.parametrize("module", ROWS)
posix = pytest.mark.skipif(sys.platform == "win32", reason="a process is not signalled so on Windows")


COMMANDS = (
    "ezeep_async",
    "ezeep_async mirror",
    "ezeep_async groups",
    "ezeep_async groups add-users",
    "ezeep_async print",
    "ezeep_async printers",
    "ezeep_async jobs",
    "myqx_async",
    "myqx_async mirror",
    "myqx_async users find",
    "myqx_async jobs show",
    "myqx_async jobs save",
    "myqx_async credit recharge",
)


async def test_help(run):
    """Every command explains itself."""
    for result in await asyncio.gather(*(run(*command.split(), "--help") for command in COMMANDS)):
        assert (result.code, result.err) == (0, "")
        assert "Usage: " in result.out


@modules
async def test_simulate(run, tables, tmp_path, module):
    """With --simulate the mirror needs nothing, has every row, and tells at the end what it took."""
    result = await run(module, "mirror", "--simulate", "--users", 500, "--out", "out.sqlite")

    assert result.code == 0
    found = tables(tmp_path / "out.sqlite")
    expected = ROWS[module](500)
    assert {name: len(found[name]) for name in expected} == expected
    assert result.number(r"(\d+) items in ") == sum(expected.values())
    assert result.number(r"(\d+) rows removed") == 0
    assert result.number(r"(\d+) token refreshes") == 0
    assert result.number(r"(\d+) answers 401") == 0
    assert result.number(r"(\d+) retries: out.sqlite") == 0
    assert result.number(r"(\d+) answered 401") == 0
    assert result.number(r"(\d+) refresh tokens used twice") == 0
    assert "users: 500, done" in result.err


@modules
async def test_short_tokens(run, module):
    """Tokens that run out on the way are refreshed before they do."""
    size = ["--page-size", 5, "--users", 200 if module == "ezeep_async" else 400, "--latency", 0.03, "--concurrency", 1]

    result = await run(module, "mirror", "--simulate", "--token-seconds", 2, *size)

    assert result.code == 0
    assert result.number(r"(\d+) token refreshes") >= 1
    assert result.number(r"(\d+) answers 401") == 0
    assert result.number(r"(\d+) answered 401") == 0
    assert result.number(r"(\d+) refresh tokens used twice") == 0


@pytest.mark.slow
@modules
async def test_twenty_thousand_users(run, tables, tmp_path, module):
    """20,000 users, one page at a time, with tokens of two seconds: all rows, several refreshes, and no 401 at all."""
    size = ["--users", 20_000, "--token-seconds", 2, "--concurrency", 1]

    result = await run(module, "mirror", "--simulate", *size, "--latency", 0.03, "--out", "out.sqlite")

    assert result.code == 0
    found, expected = tables(tmp_path / "out.sqlite"), ROWS[module](20_000)
    assert {name: len(found[name]) for name in expected} == expected
    assert result.number(r"(\d+) items in ") == sum(expected.values())
    assert result.number(r"(\d+) token refreshes") >= 3
    assert result.number(r"(\d+) answers 401") == 0
    assert result.number(r"(\d+) answered 401") == 0
    assert result.number(r"(\d+) refresh tokens used twice") == 0


@posix
@modules
@pytest.mark.parametrize("number", [signal.SIGINT, getattr(signal, "SIGKILL", None)])
async def test_interrupted(start, run, tables, tmp_path, module, number):
    """Interrupted by Ctrl-C or kill -9 midway, the same command completes the very same file."""
    size = ["--simulate", "--users", 150, "--page-size", 5]
    command = await start(module, "mirror", *size, "--latency", 0.5, "--out", "cut.sqlite")
    await command.until(FIRST_LINE[module])

    cut = await command.end(number)
    rest, whole = await asyncio.gather(
        run(module, "mirror", *size, "--latency", 0, "--out", "cut.sqlite"),
        run(module, "mirror", *size, "--latency", 0, "--out", "whole.sqlite"),
    )

    if number == signal.SIGINT:
        assert cut.code == 130
        assert "What was done stays; run the same command again to go on" in cut.err
    else:
        assert cut.code == -number
    assert (rest.code, whole.code) == (0, 0)
    before = rest.number(r"items, after (\d+) of an interrupted run")
    assert before > 0
    assert before + rest.number(r"(\d+) items, after") == whole.number(r"(\d+) items in")
    assert tables(tmp_path / "cut.sqlite") == tables(tmp_path / "whole.sqlite")


async def test_two_at_once(start, run, tmp_path):
    """A second mirror into the same file is refused with a plain message."""
    slow = ["mirror", "--simulate", "--out", "out.sqlite", "--latency", 1]
    await (await start("ezeep_async", *slow)).until("groups: ")

    result = await run("ezeep_async", *slow)

    assert result.code == 1
    assert "out.sqlite is in use by another process" in result.err


async def test_a_file_of_something_else(run, tmp_path):
    """A file that is no mirror of this source is left alone, with a plain message that tells what to do."""
    (tmp_path / "notes.txt").write_text("notes " * 1_000)
    assert (await run("ezeep_async", "mirror", "--simulate", "--users", 1, "--out", "out.sqlite")).code == 0

    no_file = await run("myqx_async", "mirror", "--simulate", "--out", "notes.txt")
    another = await run("myqx_async", "mirror", "--simulate", "--users", 2, "--out", "out.sqlite")

    assert (no_file.code, another.code) == (1, 1)
    assert "is no SQLite file" in no_file.err
    assert "a mirror of 'simulator with 1 users'" in another.err
    assert "Name another with --out" in no_file.err
    assert "Name another with --out" in another.err
    assert (tmp_path / "notes.txt").read_text() == "notes " * 1_000


@modules
@pytest.mark.parametrize("wrong", [["--page-size", 0], ["--users", "many"]])
async def test_wrong_options(run, tmp_path, module, wrong):
    """An option that makes no sense is refused, and no file is made."""
    result = await run(module, "mirror", "--simulate", *wrong)

    assert result.code == 2
    assert wrong[0] in result.err
    assert not list(tmp_path.iterdir())
