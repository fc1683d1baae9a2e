"""Printers: every operation, over real sockets and TLS."""

import pytest

from myqx_async.auth import PinLogin
from myqx_async.models import Printer
from print_async.errors import InsufficientScope, NotFound, WrongTokenKind


async def test_list_and_get(start):
    """All printers come in one page with all that is documented of them, and each is found by its id."""
    rig = await start(1, 150)

    found = await rig.myqx.printers.list().collect()

    assert [printer.id for printer in found] == list(range(1, 151))
    assert isinstance(found[0], Printer)
    assert (found[0].name, found[0].ip_address, found[0].terminal_id) == ("Kyocera 0001", "10.0.0.0", "T00001")
    assert (found[0].configuration_id, found[0].enforced_model, found[0].state) == (1, "", "active")
    assert await rig.myqx.printers.get(7) == found[6]
    with pytest.raises(NotFound):
        await rig.myqx.printers.get(151)
    assert rig.sim.stats.routes["GET /api/v3/printers"] == 1


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"status": "active"}, {0, 1, 2, 3, 4, 5, 6, 7, 8}),
        ({"status": "local"}, {4, 9}),
        ({"status": "offline"}, {3, 8}),
        ({"status": "withIssue"}, {3}),
        ({"mode": "online"}, {0, 1, 2, 5, 6, 7}),
        ({"mode": "local"}, {4, 9}),
        ({"mode": "offline", "status": "withIssue"}, {3}),
        ({"name": "Ricoh 0002"}, {1}),
        ({"name": "Ricoh+0002 & Co.#?"}, set()),
        ({"group": "All printers"}, set(range(10))),
        ({"group": "All printers/group 2"}, {1, 4, 7}),
        ({"group": "All"}, set()),
    ],
    ids=str,
)
async def test_filters(start, filters, expected):
    """Each filter finds the printers it speaks of, and several only those to which all apply."""
    rig = await start(1, 10)

    found = await rig.myqx.printers.list(**filters).collect()

    assert {printer.id - 1 for printer in found} == expected


@pytest.mark.parametrize("name", ["serial_number", "mac"])
async def test_filters_by_device(start, name):
    """A printer is found by what is printed on its back."""
    rig = await start()
    printer = await rig.myqx.printers.get(5)

    assert await rig.myqx.printers.list(**{name: getattr(printer, name)}).collect() == [printer]


async def test_resume(start):
    """A walk goes on within its one page, and a cursor belongs to its filters."""
    rig = await start()
    walk = rig.myqx.printers.list(mode="online")
    begun = await walk.collect(limit=3)

    rest = await rig.myqx.printers.list(mode="online", resume=walk.cursor).collect()

    assert begun + rest == await rig.myqx.printers.list(mode="online").collect()
    with pytest.raises(ValueError, match="mode=online"):
        rig.myqx.printers.list(mode="local", resume=walk.cursor)


async def test_refused_before_any_io(start):
    """A user's token, a scope that was not asked for, and bad input cost no request."""
    rig = await start(grant=lambda sim: sim.grant("users"))
    pin = rig.sim.credentials(0).pin
    grant = PinLogin(rig.sim.client_id, rig.sim.client_secret, scope="printers", pin=pin)
    async with rig.join(grant) as person:
        for call in (person.printers.list().first(), person.printers.get(1)):
            with pytest.raises(WrongTokenKind):
                await call
    for call in (rig.myqx.printers.list().first(), rig.myqx.printers.get(1)):
        with pytest.raises(InsufficientScope) as refused:
            await call
        assert refused.value.missing == {"printers"}
    with pytest.raises(ValueError, match="printer_id"):
        await rig.myqx.printers.get("")

    assert rig.requests == 0
