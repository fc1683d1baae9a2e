"""ezeep's lists by several pages at a time, over real sockets."""

import inspect

import pytest

from ezeep_async import Ezeep
from print_async.errors import BadRequest
from print_async.service import attached
from print_async.testing import Fault, FaultKind

USERS, GROUPS = "GET /printing/v1/users/", "GET /printing/v1/groups/"


async def test_as_one_by_one(start):
    """The same users come in the same order, that many pages at a time, each asked for from the last row of another."""
    rig = await start(users=250, latency=0.01)
    one_by_one = await rig.ezeep.users.list(page_size=20).collect()
    rig.sim.stats.routes.clear()

    assert await rig.ezeep.users.list(page_size=20, concurrency=5).collect() == one_by_one
    assert rig.sim.stats.routes[USERS] == 1 + -(-230 // 19)
    assert rig.sim.stats.peak_in_flight == 5


async def test_fewer_than_asked_for(start):
    """Where the server gives less than a page is asked to have, it is asked for pages of that size."""
    rig = await start(users=90, max_page=10, latency=0.01)

    found = await rig.ezeep.account_users.list(page_size=50, concurrency=4).collect()

    assert [user.id for user in found] == [rig.sim.directory.user_ids.at(index) for index in range(90)]
    assert rig.sim.stats.peak_in_flight == 4


@pytest.mark.parametrize("filter_here", [False, True])
async def test_members(start, filter_here):
    """The body goes with every page, and members are picked out here as well, resumable at each."""
    rig = await start(users=200)
    group_id, options = rig.sim.directory.group_id(2), {"filter_here": filter_here, "page_size": 10}
    expected = await rig.ezeep.users.list_by_group(group_id, **options).collect()
    walk = rig.ezeep.users.list_by_group(group_id, concurrency=4, **options)

    begun = await walk.collect(limit=15)
    rest = await rig.ezeep.users.list_by_group(group_id, concurrency=4, resume=walk.cursor, **options).collect()
    assert begun + rest == expected


async def test_groups_deleted_meanwhile(start):
    """Groups that are deleted in front of the walk move the others, and none of those is left out."""
    rig = await start(users=2, groups=120)
    directory, seen = rig.sim.directory, []
    async for group in rig.ezeep.groups.list(page_size=8, concurrency=3):
        seen.append(group.id)
        if len(seen) % 20 == 0:
            for index in range(len(seen) - 20, len(seen) - 15):
                directory.delete_group(index)

    assert seen == [directory.group_id(index) for index in range(120)]
    assert len(directory._groups) == 90


async def test_bare_lists(start):
    """A list that comes whole is asked for once."""
    rig = await start(users=50, bare_lists=True)

    assert len(await rig.ezeep.users.list(concurrency=8).collect()) == 50
    assert rig.sim.stats.routes[USERS] == 1


async def test_error(start):
    """An error comes with the cursor that leads to all that was not handed out."""
    rig, seen = await start(users=150), []

    async def walk(pager):
        async for user in pager:
            seen.append(user.id)
            if len(seen) == 15:
                rig.sim.faults.add(Fault(kind=FaultKind.STATUS, status=400, times=1))

    with pytest.raises(BadRequest) as failed:
        await walk(rig.ezeep.users.list(page_size=10, concurrency=3))
    assert 15 < len(seen) < 60
    await walk(rig.ezeep.users.list(page_size=10, concurrency=3, resume=failed.value.cursor))

    assert seen == [rig.sim.directory.user_ids.at(index) for index in range(150)]


SERVICES = [getattr(Ezeep, name) for name, value in vars(Ezeep).items() if isinstance(value, attached)]


def test_every_list():
    """Every list that has a page size has a number of pages to fetch at a time."""
    found = {
        f"{service.__name__}.{name}": inspect.signature(method).parameters.keys()
        for service in SERVICES
        for name, method in vars(service).items()
        if inspect.isfunction(method) and "page_size" in inspect.signature(method).parameters
    }

    assert len(found) > 10
    assert [name for name, options in found.items() if not {"prefetch", "concurrency", "resume"} <= options] == []
