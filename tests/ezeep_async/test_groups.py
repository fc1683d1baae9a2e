"""Groups: every operation, over real sockets."""

import attrs
import pytest

from ezeep_async.models import GroupChanges, NewGroup
from print_async.errors import BadRequest, ConnectionLost, InvalidCursor, NotFound, ServerError
from print_async.testing import Fault, FaultKind

ABSENT = "00000000-0000-4000-8000-000000000000"


async def test_life_of_a_group(start):
    """A group is created, read, changed field by field, and deleted, and is gone then."""
    rig = await start()
    groups = rig.ezeep.groups
    new = NewGroup(name="Größe & Co.", organization_id=rig.sim.organization_id, myprinters_enabled=True)

    made = await groups.create(new)
    assert (made.name, made.description, made.myprinters_enabled) == ("Größe & Co.", "", True)
    assert (made.organization_id, made.origin.provider, made.num_members) == (rig.sim.organization_id, "Ezeep", 0)
    assert await groups.get(made.id) == made

    changed = await groups.update(made.id, GroupChanges(description="d", myprinters_enabled=False))
    assert changed == attrs.evolve(made, description="d", myprinters_enabled=False)
    assert await groups.update(made.id, GroupChanges()) == changed
    assert (await groups.list().collect())[-1] == changed

    assert await groups.delete(made.id) is None
    for call in (groups.get(made.id), groups.update(made.id, GroupChanges(name="x")), groups.delete(made.id)):
        with pytest.raises(NotFound) as gone:
            await call
        assert (gone.value.status, gone.value.message) == (404, "Not found.")
        assert gone.value.path == f"/printing/v1/groups/{made.id}/"
    mutations = {"group-created": 1, "group-updated": 2, "group-deleted": 1}
    assert rig.sim.stats.mutations == {f"{what}:{made.id}": times for what, times in mutations.items()}


@pytest.mark.parametrize("statuses", [(200, 200), (201, 204), (204, 204)])
async def test_any_success(start, statuses):
    """The statuses of success, which ezeep does not document, make no difference."""
    rig = await start(create_status=statuses[0] if statuses[0] != 204 else 202, delete_status=statuses[1])

    made = await rig.ezeep.groups.create(NewGroup(name="n", organization_id=rig.sim.organization_id))
    await rig.ezeep.groups.delete(made.id)

    assert len(await rig.ezeep.groups.list().collect()) == 6


@pytest.mark.parametrize("page_size", [1, 5, 7, 12, 100])
async def test_list_page_by_page(start, page_size):
    """However small the pages, the list is whole and in order."""
    rig = await start(groups=12)

    found = await rig.ezeep.groups.list(page_size=page_size).collect()

    assert [group.id for group in found] == [rig.sim.directory.group_id(index) for index in range(12)]
    assert {group.origin.provider for group in found} == {"Ezeep", "Azure"}
    assert rig.sim.stats.routes["GET /printing/v1/groups/"] == -(-12 // page_size)


@pytest.mark.parametrize("options", [{"bare_lists": True}, {"max_page": 2}, {"groups": 0}])
async def test_other_shapes_of_a_list(start, options):
    """A bare array, a server with smaller pages than were asked for, and an empty list are lists too."""
    rig = await start(**options)

    found = await rig.ezeep.groups.list(page_size=4).collect()

    assert [group.id for group in found] == [rig.sim.directory.group_id(i) for i in range(options.get("groups", 6))]


@pytest.mark.parametrize("taken", range(8))
async def test_resume_a_list(start, taken):
    """A walk goes on at the very item where another stopped, also in another client's hands."""
    rig = await start(groups=7)
    first = rig.ezeep.groups.list(page_size=3)
    begun = await first.collect(limit=taken)

    rest = await rig.ezeep.groups.list(page_size=3, resume=first.cursor).collect()

    assert [group.id for group in begun + rest] == [rig.sim.directory.group_id(index) for index in range(7)]
    assert await rig.ezeep.groups.list(resume=first.cursor, page_size=3, prefetch=0).collect() == rest


async def test_resume_after_an_error(start):
    """An error on the way carries the cursor from which nothing is lost and nothing doubled."""
    rig = await start(groups=9)
    walk = rig.ezeep.groups.list(page_size=2, prefetch=0)
    found = await walk.collect(limit=3)
    rig.sim.faults.add(Fault(kind=FaultKind.STATUS, status=500, times=1, path="/printing"))
    with pytest.raises(ServerError) as broken:
        await walk.collect()

    found += await rig.ezeep.groups.list(resume=walk.cursor).collect()

    assert [group.id for group in found] == [rig.sim.directory.group_id(index) for index in range(9)]
    assert broken.value.cursor == walk.cursor


async def test_bad_input_is_refused_before_any_io(start):
    """What cannot be right costs no request, not even one for a token."""
    rig = await start()
    groups, organization = rig.ezeep.groups, rig.sim.organization_id
    users_cursor = rig.ezeep.users.list().cursor
    wrong = {
        "page_size": lambda: groups.list(page_size=0),
        "prefetch": lambda: groups.list(prefetch=-1),
        "name must": lambda: NewGroup(name="", organization_id=organization),
        "name is": lambda: NewGroup(name="n" * 256, organization_id=organization),
        "description is": lambda: GroupChanges(description="d" * 256),
        "not a cursor": lambda: groups.list(resume="{}"),
        "cursor of the list": lambda: groups.list(resume=users_cursor),
    }
    for why, make in wrong.items():
        with pytest.raises(ValueError, match=why):
            make()
    for group_id in ("", ".", ".."):
        for call in (groups.get(group_id), groups.update(group_id, GroupChanges()), groups.delete(group_id)):
            with pytest.raises(ValueError, match="group_id"):
                await call

    assert issubclass(InvalidCursor, ValueError)
    assert rig.requests == 0


@pytest.mark.parametrize("group_id", ["a/b", "../users", "a?b=c", "a#b", "%2F", "ü"])
async def test_an_id_stays_one_segment(start, group_id):
    """Whatever is in an id, it names a group that is not there, and no other resource."""
    rig = await start()

    with pytest.raises(NotFound):
        await rig.ezeep.groups.get(group_id)

    assert not [route for route in rig.sim.stats.routes if "groups" not in route and "oauth" not in route]


async def test_what_the_server_refuses(start):
    """The messages of a refusal by field are in the error."""
    rig = await start()

    with pytest.raises(BadRequest) as refused:
        await rig.ezeep.groups.create(NewGroup(name=" ", organization_id=rig.sim.organization_id))

    assert refused.value.message == "name: This field may not be blank."
    assert refused.value.data == {"name": ["This field may not be blank."]}
    assert not refused.value.retryable


async def test_a_lost_answer(start):
    """A creation whose answer is lost is not repeated; a deletion is, and finds the group gone."""
    rig = await start()
    groups = rig.ezeep.groups
    made = await groups.create(NewGroup(name="n", organization_id=rig.sim.organization_id))

    rig.sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, method="POST", path="/printing"))
    with pytest.raises(ConnectionLost) as lost:
        await groups.create(NewGroup(name="m", organization_id=rig.sim.organization_id))
    rig.sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, method="DELETE", times=1))
    with pytest.raises(NotFound):
        await groups.delete(made.id)

    assert (lost.value.sent, lost.value.retryable) == (True, False)
    assert sorted(rig.sim.stats.mutations.values()) == [1, 1, 1]
    assert [group.name for group in await groups.list().collect()].count("m") == 1
