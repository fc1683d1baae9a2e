"""`ezeep groups add-users`: by id and by e-mail address, with a report of what failed, and safe to run again."""

import csv
from collections.abc import AsyncIterator

import pytest

from ezeep_async.simulator import EzeepSimulator

NOBODY = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
async def sim() -> AsyncIterator[EzeepSimulator]:
    """Run an organization of sixty users, none of them in the group `Night shift`."""
    async with EzeepSimulator(60, 4) as simulator:
        simulator.directory.create_group({"name": "Night shift"})
        yield simulator


@pytest.fixture
def add(run, sim, tmp_path):
    """Run the command with a CSV file of the given text."""

    async def add_users(text: str | bytes, *options: object, group: str = "Night shift"):
        (tmp_path / "users.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        return await run(
            "ezeep_async",
            *("groups", "add-users", group, "--from", "users.csv", *options),
            EZEEP_ACCOUNT_URL=sim.account_url,
            EZEEP_MANAGEMENT_URL=sim.management_url,
            EZEEP_PRINT_URL=sim.print_url,
            EZEEP_CLIENT_ID=sim.client_id,
            EZEEP_REFRESH_TOKEN=sim.issue_refresh_token(),
        )

    return add_users


def members(sim: EzeepSimulator) -> set[int]:
    """Return who is in the group."""
    return set(sim.directory.members(4))


def failed(path) -> list[dict[str, str]]:
    """Read a report."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


async def test_by_id_and_by_email(sim, add, tmp_path):
    """A row is found by its id, or else by its address in whatever case; all other groups stay as they were."""
    before = {user: set(sim.directory.groups_of(user)) for user in range(60)}
    ids = sim.directory.user_ids

    text = f"\ufeffname,id,email\r\nÅsa,{ids.at(3)},wrong@example.com\r\n,,USER7@example.com\r\n,{ids.at(59)},\r\n"
    result = await add(text)

    assert (result.code, result.out) == (0, "3 users are in the group, 0 failed\n")
    assert members(sim) == {3, 7, 59}
    assert all(set(sim.directory.groups_of(user)) - {4} == groups for user, groups in before.items())
    assert failed(tmp_path / "failed.csv") == []


async def test_many_and_again(sim, add):
    """Many at a time are each written once, and running it again sends no change at all."""
    text = "email\n" + "".join(f"user{user}@example.com\n" for user in [*range(60), 5, 5, 6])
    sim.latency = 0.01

    first = await add(text, "--concurrency", 20)
    changes = sim.stats.mutations.copy()
    second = await add(text, "--concurrency", 20)

    assert (first.code, second.code) == (0, 0)
    assert first.out == second.out == "63 users are in the group, 0 failed\n"
    assert members(sim) == set(range(60))
    assert set(changes.values()) == {1}
    assert len(changes) == 60
    assert sim.stats.mutations == changes
    assert 1 < sim.stats.peak_in_flight <= 21


async def test_what_failed(sim, add, tmp_path):
    """Who cannot be found is in the report with the reason, and the others are added all the same."""
    text = f"id,email\n,user1@example.com\n,nobody@example.com\n{NOBODY},\n,user2@example.com\n"

    result = await add(text, "--report", "why.csv", "--concurrency", 2)

    assert result.code == 1
    assert "2 users are in the group, 2 failed" in result.out
    assert "what failed, and why: why.csv" in result.out
    assert members(sim) == {1, 2}
    by_id, by_email = sorted(failed(tmp_path / "why.csv"), key=lambda row: row["email"])
    assert by_email == {
        "id": "",
        "email": "nobody@example.com",
        "error": "no user has the e-mail address nobody@example.com",
    }
    assert (by_id["id"], "404" in by_id["error"]) == (NOBODY, True)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "needs a first line that names a column `id` or `email`"),
        ("user1@example.com\nuser2@example.com\n", "needs a first line that names a column `id` or `email`"),
        ("id,email\n,user1@example.com\n,\n", "users.csv, line 3: neither id nor email"),
        ("id,email\n,user1@example.com\n\n\n,\n", "users.csv, line 5: neither id nor email"),
        ('email,note\nuser1@example.com,"two\nlines"\n,x\n', "users.csv, line 4: neither id nor email"),
        (b"email\nJos\xe9@example.com\n", "utf-8"),
        ('email\n"' + "user1@example.com\n" * 10_000, "users.csv"),
    ],
    ids=["empty", "no header", "empty row", "after blank lines", "after two lines", "no UTF-8", "unclosed quote"],
)
async def test_a_bad_file(sim, add, text, says):
    """A file that cannot be read is refused as a whole, with the line that is wrong, before anybody is added."""
    result = await add(text)

    assert result.code == 2
    assert result.err.startswith("error: ")
    assert says in result.err
    assert not sim.stats.mutations.total()
    assert members(sim) == set()


@pytest.mark.parametrize("group", [NOBODY, "night shift"])
async def test_a_group_that_is_not_there(sim, add, group):
    """A group that does not exist is a plain error, and nothing is changed."""
    result = await add("email\nuser1@example.com\n", group=group)

    assert result.code == 2
    assert f"0 groups have the id or name {group!r}; nothing was changed" in result.err
    assert not sim.stats.mutations.total()


async def test_a_name_that_two_groups_have(sim, add):
    """A name that is not the only one is refused; the id is not."""
    sim.directory.create_group({"name": "Night shift"})

    by_name = await add("email\nuser1@example.com\n")
    by_id = await add("email\nuser1@example.com\n", group=sim.directory.group_id(4))

    assert (by_name.code, by_id.code) == (2, 0)
    assert "2 groups have the id or name 'Night shift'" in by_name.err
    assert members(sim) == {1}


async def test_no_file(run):
    """A file that is not there is named."""
    result = await run("ezeep_async", "groups", "add-users", "x", "--from", "nowhere.csv", "--simulate")

    assert result.code == 2
    assert "nowhere.csv" in result.err


async def test_simulate(run, tmp_path):
    """The command can be tried on the simulator."""
    (tmp_path / "users.csv").write_text("email\nuser1@example.com\nuser2@example.com\n")

    result = await run(
        "ezeep_async", "groups", "add-users", "Nowhere", "--from", "users.csv", "--simulate", "--users", 20
    )

    assert result.code == 2
    assert "0 groups have the id or name 'Nowhere'" in result.err
