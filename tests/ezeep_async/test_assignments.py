"""Which groups may print on which printers, over real sockets."""

import json
from pathlib import Path

import pytest

from ezeep_async import Ezeep
from ezeep_async.auth import RefreshToken
from ezeep_async.models import PrinterAssignments
from print_async.errors import BadRequest, NotFound
from print_async.testing import Fault, FaultKind, StubTransport, json_response, token_response

ABSENT = "00000000-0000-4000-8000-000000000000"
SAMPLES = Path(__file__).parents[1] / "samples" / "ezeep"


async def test_list(start):
    """All printers come with all of their groups, named, and those of nobody with none."""
    rig = await start()
    groups = {group.id: group for group in await rig.ezeep.groups.list().collect()}

    found = await rig.ezeep.assignments.list(page_size=5).collect()

    assert [printer.printer_id for printer in found] == list(rig.sim.fleet.printers)
    assert found[-1].assignments == ()
    shown = [group for printer in found for each in printer.assignments for group in each.groups]
    assert shown
    assert all(group.group_name == groups[group.group_id].name for group in shown)
    assert {group.group_foreign_id for group in shown} == {groups[group.group_id].origin.foreign_id for group in shown}
    assert rig.sim.stats.routes["GET /printing/v1/assignments/"] == 3


async def test_list_by_group(start):
    """The printers of a group are those that list it, each with its other groups as well."""
    rig = await start()
    everything = await rig.ezeep.assignments.list().collect()
    for group in await rig.ezeep.groups.list().collect():
        found = await rig.ezeep.assignments.list_by_group(group.id, page_size=2).collect()

        assert found == [printer for printer in everything if group.id in printer.group_ids]
        assert group.num_printers == len(found)
    assert any(len(printer.group_ids) > 1 for printer in found)


async def test_set_and_remove(start):
    """What is assigned is in the lists at once, and what is taken away is gone from them."""
    rig = await start()
    assignments, printer = rig.ezeep.assignments, list(rig.sim.fleet.printers)[-1]
    first, second, third = (group.id for group in (await rig.ezeep.groups.list().collect())[:3])

    shown = await assignments.set(printer, [first, second, first])
    assert shown == (await assignments.list().collect())[-1]
    assert shown.group_ids == {first, second}
    assert printer in [each.printer_id for each in await assignments.list_by_group(second).collect()]

    assert await assignments.remove(printer, (first,)) is None
    assert (await assignments.list().collect())[-1].group_ids == {second}

    assert (await assignments.set(printer, [third])).group_ids == {third}
    rig.sim.fleet.put_adds = True
    assert (await assignments.set(printer, [first])).group_ids == {first, third}

    await rig.ezeep.groups.delete(first)
    assert (await assignments.list().collect())[-1].group_ids == {third}
    assert rig.sim.stats.mutations[f"assigned:{printer}"] == 3


async def test_printers_of_a_user(start):
    """A user has the printers of all of their groups, each once, and of no other group."""
    rig = await start()
    everything = {printer.printer_id: printer for printer in await rig.ezeep.assignments.list().collect()}
    doubled = 0
    for user in (await rig.ezeep.users.list().collect())[:20]:
        found = await rig.ezeep.assignments.printers_of_user(user.id)

        expected = {name for name, printer in everything.items() if printer.group_ids & user.group_ids}
        assert len(found) == len(expected)
        assert {printer.printer_id: printer for printer in found} == {name: everything[name] for name in expected}
        doubled += any(len(everything[name].group_ids & user.group_ids) > 1 for name in expected)
    assert doubled
    with pytest.raises(NotFound):
        await rig.ezeep.assignments.printers_of_user(ABSENT)


async def test_the_bodies_are_the_documented_ones():
    """PUT and DELETE both carry the sample's body, under the key in the singular."""
    answer = json.loads((SAMPLES / "assignment.json").read_bytes())
    stub = StubTransport(token_response("t"), json_response(answer), json_response(None, 204))
    sample = json.loads((SAMPLES / "assignment_request.json").read_bytes())
    group = sample["assignment"][0]["groups"][0]["group_id"]
    async with Ezeep(RefreshToken("c", "r"), transport=stub) as ezeep:
        shown = await ezeep.assignments.set("p", [group])
        await ezeep.assignments.remove("p", [group])

    assert isinstance(shown, PrinterAssignments)
    assert [(request.method, json.loads(request.body.content)) for request in stub.requests[1:]] == [
        ("PUT", sample),
        ("DELETE", sample),
    ]


async def test_bad_input_is_refused_before_any_io(start):
    """No group at all, a lone string for several, and an empty id cost no request."""
    rig = await start()
    assignments = rig.ezeep.assignments
    for call in (assignments.set("p", []), assignments.remove("p", []), assignments.set("", ["g"])):
        with pytest.raises(ValueError, match=r"at least one group|printer_id"):
            await call
    for call in (assignments.set("p", "group"), assignments.remove("p", "group")):
        with pytest.raises(TypeError, match="several"):
            await call
    with pytest.raises(ValueError, match="group_id"):
        assignments.list_by_group("")
    with pytest.raises(ValueError, match="cursor"):
        assignments.list_by_group("a", resume=assignments.list_by_group("b").cursor)

    assert rig.requests == 0


async def test_what_is_not_there(start):
    """An unknown printer is not found, and an unknown group is refused."""
    rig = await start()
    printer = next(iter(rig.sim.fleet.printers))
    group = rig.sim.directory.group_id(0)

    for call in (rig.ezeep.assignments.set(ABSENT, [group]), rig.ezeep.assignments.remove(ABSENT, [group])):
        with pytest.raises(NotFound):
            await call
    for call in (
        rig.ezeep.assignments.set(printer, [ABSENT]),
        rig.ezeep.assignments.list_by_group(ABSENT).first(),
    ):
        with pytest.raises(BadRequest):
            await call


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_lost_answer(start, method):
    """Both are repeated with their body when the answer is lost, and do nothing more then."""
    rig = await start()
    printer, group = list(rig.sim.fleet.printers)[-1], rig.sim.directory.group_id(0)
    await rig.ezeep.assignments.set(printer, [group])
    rig.sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, method=method, times=1))

    if method == "PUT":
        assert (await rig.ezeep.assignments.set(printer, [group])).group_ids == {group}
    else:
        await rig.ezeep.assignments.remove(printer, [group])
        assert (await rig.ezeep.assignments.list().collect())[-1].group_ids == set()
    assert rig.ezeep.statistics.retries == 1
