"""A mirror has what the server has, after the first run and after each further one."""

import sqlite3
from contextlib import closing
from itertools import groupby

import pytest

from ezeep_async.simulator.directory import Directory
from myqx_async.models import NewUser, UserChanges


@pytest.mark.parametrize("users", [1, 20, 21, 70])
@pytest.mark.parametrize("page_size", [1, 20, 100])
async def test_rows_are_the_server_s(open_site, copy, assert_mirrors, vendor, tmp_path, users, page_size):
    """Every item of every list becomes its rows, with any page size and at the edges of pages."""
    site = await open_site(vendor, users)
    path = tmp_path / "mirror.sqlite"

    report = await copy(site, path, page_size)

    assert_mirrors(path, await site.expected())
    assert (report.items, report.resumed_at, report.removed) == (site.total, 0, 0)
    assert report.seconds >= 0


@pytest.mark.parametrize("page_size", [1, 2, 20, 100])
async def test_several_pages_at_a_time(site, copy, assert_mirrors, tmp_path, page_size):
    """Rows are the same where pages are fetched side by side."""
    path = tmp_path / "mirror.sqlite"

    report = await copy(site, path, page_size, 16)

    assert_mirrors(path, await site.expected())
    assert (report.items, report.resumed_at, report.removed) == (site.total, 0, 0)


async def test_whole_lists(open_site, copy, assert_mirrors, tmp_path):
    """Lists that come as bare arrays are mirrored as well."""
    site = await open_site("ezeep", 70, bare_lists=True)
    twin = await open_site("ezeep", 70)
    path = tmp_path / "mirror.sqlite"

    await copy(site, path)

    assert_mirrors(path, await twin.expected())


async def test_directory_view(open_site, copy, tmp_path):
    """The view `directory` has each user once, with the name and the address of the account of the same id."""
    site = await open_site("ezeep", 70)
    path = tmp_path / "mirror.sqlite"
    await copy(site, path)

    with closing(sqlite3.connect(path)) as file:
        found = file.execute("SELECT id, email, display_name, self_service_enabled FROM directory").fetchall()
        file.execute("DELETE FROM account_users WHERE email = 'user7@example.com'")
        unknown = file.execute("SELECT count(*) FROM directory WHERE email IS NULL").fetchone()

    directory: Directory = site.sim.directory
    people = [(directory.user(index), directory.people.at(index)) for index in range(70)]
    assert sorted(found) == sorted(
        (user.id, person.email, person.display_name, user.self_service_enabled) for user, person in people
    )
    assert unknown == (1,), "a user without an account stays in the view"


async def test_progress(site, copy, tmp_path):
    """Progress comes stage by stage, never goes back, and ends each stage with all of its items."""
    seen = []
    await copy(site, tmp_path / "mirror.sqlite", 10, progress=seen.append)

    stages = {name: list(group) for name, group in groupby(seen, key=lambda each: each.stage)}
    assert tuple(stages) == site.lists, "each stage is one stretch"
    for steps in stages.values():
        counts = [step.items for step in steps]
        assert counts == sorted(counts)
        assert [step.done for step in steps] == [False] * (len(steps) - 1) + [True]
        assert all(step.total is None or step.total >= step.items for step in steps)
        assert steps[-1].total == steps[-1].items
    assert sum(steps[-1].items for steps in stages.values()) == site.total
    assert len(stages["users"]) >= 3, "while the stage goes on"


async def test_a_second_run_without_changes(site, copy, read_tables, tmp_path):
    """The run after a finished one reads everything anew, and leaves the same rows."""
    path = tmp_path / "mirror.sqlite"
    await copy(site, path)
    first = read_tables(path)

    report = await copy(site, path)

    assert (report.items, report.resumed_at, report.removed) == (site.total, 0, 0)
    assert _without_run(read_tables(path)) == _without_run(first)


async def test_ezeep_is_brought_up_to_date(open_site, copy, assert_mirrors, tmp_path):
    """Changed, new and deleted groups and memberships are in the file after the next run."""
    site = await open_site("ezeep", 70)
    path, directory = tmp_path / "mirror.sqlite", site.sim.directory
    await copy(site, path)
    before = await site.expected()

    directory.change_group(0, {"name": "Renamed", "description": ""})
    directory.delete_group(1)
    new = directory.find_group(directory.create_group({"name": "New"}).id)
    directory.set_groups(5, (0, new))
    directory.set_groups(6, ())
    report = await copy(site, path)

    after = await site.expected()
    assert_mirrors(path, after)
    assert report.removed == _gone(before, after, groups="id", memberships=("user_id", "group_id"))
    assert report.removed > 2


async def test_ezeep_users_come_and_go(open_site, copy, assert_mirrors, tmp_path):
    """Users who are gone are removed with their memberships and accounts, and new ones are added."""
    path, sites = tmp_path / "mirror.sqlite", [await open_site("ezeep", users) for users in (70, 45, 90)]
    states = [await site.expected() for site in sites]
    reports = []
    for site, state in zip(sites, states, strict=True):
        reports.append(await copy(site, path))
        assert_mirrors(path, state)

    keys = {"users": "id", "account_users": "id", "memberships": ("user_id", "group_id")}
    assert reports[1].removed == _gone(states[0], states[1], **keys) > 50
    assert reports[2].removed == 0


async def test_myqx_is_brought_up_to_date(open_site, copy, assert_mirrors, tmp_path):
    """Changed, new and deleted users are in the file after the next run."""
    site = await open_site("myqx", 70)
    path, users = tmp_path / "mirror.sqlite", site.client.users
    await copy(site, path)
    before = await site.expected()

    await users.update(1002, UserChanges(fullname="Žofie Renamed", notes='"quoted"\n'))
    await users.create(NewUser(username="new.user", fullname="New User"))
    site.sim.delete_user(1003)
    site.sim.delete_user(1070)
    report = await copy(site, path)

    after = await site.expected()
    assert_mirrors(path, after)
    assert report.removed == _gone(before, after, users="id") == 2


def _gone(before, after, **keys) -> int:
    def of(state, table) -> set:
        key = (keys[table],) if isinstance(keys[table], str) else keys[table]
        return {tuple(row[name] for name in key) for row in state[table]}

    return sum(len(of(before, table) - of(after, table)) for table in keys)


def _without_run(tables) -> dict:
    rows = {name: rows for name, rows in tables.items() if name != "mirror_state"}
    return {name: [row[:-1] for row in rows] if name != "mirror_stages" else rows for name, rows in rows.items()}
