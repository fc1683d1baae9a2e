"""Printing users and their groups: every operation, over real sockets."""

import asyncio
import json
import ssl

import pytest
import trustme

from ezeep_async import Ezeep
from ezeep_async.models import User
from print_async.errors import BadRequest, NotFound
from print_async.testing import Fault, FaultKind, StubTransport, json_response, token_response
from print_async.transports.aiohttp import AiohttpTransport

ABSENT = "00000000-0000-4000-8000-000000000000"
LIST = "GET /printing/v1/users/"


def members(rig, group: int) -> list[str]:
    """Return the ids of the members, as the simulated organization itself has them."""
    return [rig.sim.directory.user_ids.at(index) for index in rig.sim.directory.members(group)]


@pytest.mark.parametrize("page_size", [7, 20, 100])
@pytest.mark.parametrize("prefetch", [0, 1, 3])
async def test_list(start, page_size, prefetch):
    """All users come in order, with their groups, whatever the pages."""
    rig = await start(users=50)

    found = await rig.ezeep.users.list(page_size=page_size, prefetch=prefetch).collect()

    directory = rig.sim.directory
    assert [user.id for user in found] == [directory.user_ids.at(index) for index in range(50)]
    assert [user.group_ids for user in found] == [
        frozenset(map(directory.group_id, directory.groups_of(index))) for index in range(50)
    ]
    assert all(isinstance(user, User) and user.self_service_enabled is not None for user in found)
    assert rig.sim.stats.routes[LIST] == -(-50 // page_size)


async def test_links_in_the_clear(start, tmp_path):
    """Next links that say `http://` are followed on the https server that was configured, and nowhere else."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    transport = AiohttpTransport(ca_file=tmp_path / "ca.pem")
    rig = await start(users=50, ssl_context=context, client={"transport": transport})

    pages = [page async for page in rig.ezeep.users.list(page_size=20).pages()]

    link = json.loads(pages[0].raw)["next"]
    assert link == f"http://{rig.sim.management_url.removeprefix('https://')}/printing/v1/users/?limit=20&offset=20"
    assert [len(page.items) for page in pages] == [20, 20, 10]
    assert (rig.sim.stats.routes[LIST], rig.sim.stats.unauthorized) == (3, 0)


@pytest.mark.parametrize("taken", [0, 1, 7, 20])
@pytest.mark.parametrize("filter_here", [False, True])
async def test_list_by_group(start, filter_here, taken):
    """The members of a group are found by the server or, if asked for, here; a walk can be resumed."""
    rig = await start(users=200)
    expected, group_id = members(rig, 2), rig.sim.directory.group_id(2)
    options = {"filter_here": filter_here, "page_size": 10}

    walk = rig.ezeep.users.list_by_group(group_id, **options)
    begun = await walk.collect(limit=taken)
    rest = await rig.ezeep.users.list_by_group(group_id, resume=walk.cursor, **options).collect()

    assert [user.id for user in begun + rest] == expected
    assert len(expected) > 20
    assert (rig.sim.stats.routes[LIST] >= 20) == filter_here


async def test_list_by_group_if_the_body_is_dropped(start):
    """Where something on the way drops the body of the GET, all users come, and only the members are handed out."""
    user = {"id": "in", "groups": [{"group_id": "g"}, {"group_id": "h"}]}
    page = [user, {"id": "out", "groups": [{"group_id": "h"}]}, {"id": "nowhere", "groups": []}]
    next_page = "http://api2.ezeep.com/printing/v1/users/?limit=3&offset=3"
    stub = StubTransport(
        token_response("an-access-token"),
        json_response({"count": 4, "next": next_page, "results": page}),
        json_response({"count": 4, "next": None, "results": [user | {"id": "in too"}]}),
    )
    async with Ezeep((await start()).sim.grant(), transport=stub) as ezeep:
        found = await ezeep.users.list_by_group("g", page_size=3).collect()

    assert [each.id for each in found] == ["in", "in too"]
    first, second = stub.requests[1:]
    assert first.url == "https://api2.ezeep.com/printing/v1/users/?limit=3&offset=0"
    assert second.url == next_page.replace("http:", "https:")
    assert first.method == second.method == "GET"
    assert first.body.content == second.body.content == b'{"groups":[{"group_id":"g"}]}'


async def test_list_by_group_here_sends_no_body(start):
    """With `filter_here`, the requests are those of the plain list."""
    stub = StubTransport(token_response("an-access-token"), json_response({"results": []}))
    async with Ezeep((await start()).sim.grant(), transport=stub) as ezeep:
        assert await ezeep.users.list_by_group("g", filter_here=True).collect() == []

    assert stub.requests[1].body is None


async def test_a_cursor_belongs_to_one_group(start):
    """The cursor of one group's members is refused for another's, and for the list of all: they hold other items."""
    rig = await start()
    group_ids = [rig.sim.directory.group_id(index) for index in (0, 1)]
    cursor = rig.ezeep.users.list_by_group(group_ids[0]).cursor

    with pytest.raises(ValueError, match="cursor of the list"):
        rig.ezeep.users.list_by_group(group_ids[1], resume=cursor)
    with pytest.raises(ValueError, match="cursor of the list"):
        rig.ezeep.users.list(resume=cursor)


async def test_get(start):
    """One user is found by id; an id that nobody has is `NotFound`."""
    rig = await start()
    first = await rig.ezeep.users.list().first()

    assert await rig.ezeep.users.get(first.id) == first
    with pytest.raises(NotFound):
        await rig.ezeep.users.get(ABSENT)


async def test_set_groups(start):
    """The groups given replace all others; one named twice counts once, and none at all is possible."""
    rig = await start()
    user_id = rig.sim.directory.user_ids.at(3)
    groups = [rig.sim.directory.group_id(index) for index in (4, 0, 4, 2)]

    user = await rig.ezeep.users.set_groups(user_id, iter(groups))
    assert sorted(membership.group_id for membership in user.groups) == sorted(set(groups))
    assert await rig.ezeep.users.get(user_id) == user
    assert (await rig.ezeep.users.set_groups(user_id, ())).groups == ()
    with pytest.raises(BadRequest, match="group_id of a group that exists"):
        await rig.ezeep.users.set_groups(user_id, [ABSENT])
    with pytest.raises(NotFound):
        await rig.ezeep.users.set_groups(ABSENT, groups)


async def test_many_additions_to_one_user(start):
    """Fifty groups added to one user at the same time are all there in the end, and those of before too."""
    rig = await start(groups=54, latency=0.001)
    user_id, directory = rig.sim.directory.user_ids.at(0), rig.sim.directory
    await rig.ezeep.users.set_groups(user_id, map(directory.group_id, range(4)))

    await asyncio.gather(*(rig.ezeep.users.add_to_group(user_id, directory.group_id(i)) for i in range(4, 54)))

    assert set(directory.groups_of(0)) == set(range(54))
    assert rig.sim.stats.mutations[f"user-groups:{user_id}"] == 51


async def test_additions_to_many_users(start):
    """Different users do not wait for each other."""
    rig = await start(users=30, latency=0.02)
    group_id, ids = rig.sim.directory.group_id(1), [rig.sim.directory.user_ids.at(index) for index in range(30)]
    await rig.ezeep.session.token()

    await asyncio.gather(*(rig.ezeep.users.add_to_group(user_id, group_id) for user_id in ids))

    assert len(rig.sim.directory.members(1)) == 30
    assert rig.sim.stats.peak_in_flight >= 15


async def test_adding_and_removing_twice(start):
    """Who is in a group already, or not in it, costs one reading and no writing; a failure leaves no lock behind."""
    rig = await start()
    users, user_id, group_id = rig.ezeep.users, rig.sim.directory.user_ids.at(5), rig.sim.directory.group_id(3)
    await users.set_groups(user_id, [rig.sim.directory.group_id(0)])
    written = rig.sim.stats.mutations
    rig.sim.faults.add(Fault(kind=FaultKind.STATUS, status=500, times=1))
    with pytest.raises(Exception, match="500"):
        await users.add_to_group(user_id, group_id)

    added = [await users.add_to_group(user_id, group_id) for _ in range(2)]
    assert added[0].group_ids == added[1].group_ids == {group_id, rig.sim.directory.group_id(0)}
    assert written[f"user-groups:{user_id}"] == 2
    removed = [await users.remove_from_group(user_id, group_id) for _ in range(2)]
    assert removed[0].group_ids == removed[1].group_ids == {rig.sim.directory.group_id(0)}
    assert written[f"user-groups:{user_id}"] == 3


async def test_ids_in_capitals(start):
    """A UUID in capitals names the same group: its members are found, and one of them can be removed."""
    rig = await start()
    users, group_id, (first, *_) = rig.ezeep.users, rig.sim.directory.group_id(1).upper(), members(rig, 1)

    assert [user.id for user in await users.list_by_group(group_id).collect()] == members(rig, 1)
    assert group_id.lower() not in (await users.remove_from_group(first, group_id)).group_ids


async def test_bad_input_is_refused_before_any_io(start):
    """What cannot be right costs no request."""
    rig = await start()
    users = rig.ezeep.users
    for wrong in ({"page_size": 0}, {"prefetch": -1}, {"resume": rig.ezeep.groups.list().cursor}):
        for make in (users.list, lambda **options: users.list_by_group("g", **options)):
            with pytest.raises(ValueError, match=r"page_size|prefetch|cursor"):
                make(**wrong)
    for call in (
        users.get(""),
        users.set_groups("..", []),
        users.add_to_group("", "g"),
        users.remove_from_group("", ""),
    ):
        with pytest.raises(ValueError, match="user_id"):
            await call

    assert rig.requests == 0


async def test_a_lone_id_is_no_list_of_ids(start):
    """A single id where several are taken is refused before any I/O, and not taken apart into letters."""
    rig = await start()

    with pytest.raises((TypeError, ValueError)):
        await rig.ezeep.users.set_groups(ABSENT, "a-group-id")

    assert rig.requests == 0
