"""Printers, connectors and drivers, over real sockets."""

import attrs
import pytest

from ezeep_async.models import ConnectorType, DriverAssignment, NewPrinter, Printer, PrinterStatus
from print_async.errors import BadRequest, ConnectionLost, NotFound
from print_async.testing import Fault, FaultKind

ABSENT = "00000000-0000-4000-8000-000000000000"
NEW = NewPrinter(
    name="Größe & Co.",
    status=PrinterStatus.IMPROPERLY_CONFIGURED,
    supported_formats=("RAW", "PDF"),
    vendor_name="HP",
    model_name="M477fdn",
    location="Lobby",
    pnp_id="MFG:HP;",
)


async def test_list_printers(start):
    """All printers are listed, with the misspelt status, and those of the Print API among them under the same ids."""
    rig = await start()

    found = await rig.ezeep.printers.list(page_size=5).collect()

    assert [printer.id for printer in found] == list(rig.sim.fleet.printers)
    assert {printer.status for printer in found} == set(PrinterStatus)
    targets = await rig.ezeep.print_api.printers()
    assert {(printer.id, printer.name) for printer in targets} <= {(printer.id, printer.name) for printer in found}
    unpacked = [printer.capabilities() for printer in found]
    assert {known and known.default_resolution for known in unpacked} == {None, "600"}


async def test_printers_of_a_connector(start):
    """The printers of the connectors are all printers, each once."""
    rig = await start()
    everything = await rig.ezeep.printers.list().collect()
    found = []
    for connector in await rig.ezeep.connectors.list().collect():
        listed = await rig.ezeep.printers.list(connector_id=connector.id, page_size=2).collect()
        assert {printer.connector_id for printer in listed} == {connector.id}
        found += listed

    assert sorted(found, key=lambda printer: printer.id) == sorted(everything, key=lambda printer: printer.id)
    assert await rig.ezeep.printers.list(connector_id=ABSENT).first() is None


@pytest.mark.parametrize("options", [{"bare_lists": True}, {"max_page": 2}])
async def test_other_shapes_of_the_lists(start, options):
    """A bare array, and smaller pages than were asked for, are lists too: for connectors ezeep shows neither."""
    rig = await start(**options)
    ezeep, fleet = rig.ezeep, rig.sim.fleet

    assert [each.id for each in await ezeep.printers.list().collect()] == list(fleet.printers)
    assert [each.id for each in await ezeep.connectors.list().collect()] == list(fleet.connectors)
    assert [each.printer_id for each in await ezeep.assignments.list().collect()] == list(fleet.printers)
    assert len(await ezeep.drivers.list("HP").collect()) == 2
    assert len(await ezeep.printjobs.list().collect()) == len(rig.sim.history.jobs)


async def test_create_a_printer(start):
    """A printer is created on the connector that the header names, and is in the lists then."""
    rig = await start()
    connector = (await rig.ezeep.connectors.list().collect())[1]

    made = await rig.ezeep.printers.create(connector.id, NEW)

    assert (made.name, made.status, made.location) == (NEW.name, NEW.status, NEW.location)
    assert (made.connector_id, made.tp_id is not None) == (connector.id, True)
    assert set(made.supported_formats) == set(NEW.supported_formats)
    assert (await rig.ezeep.printers.list(connector_id=connector.id).collect())[-1] == made
    assert (await rig.ezeep.assignments.list().collect())[-1].printer_id == made.id


async def test_a_printer_that_is_refused(start):
    """A name that is taken, a number that is taken, and an unknown connector are refused with their field."""
    rig = await start()
    connector = await rig.ezeep.connectors.list().first()
    made = await rig.ezeep.printers.create(connector.id, NEW)
    for printer, host, field in (
        (NEW, connector.id, "name"),
        (attrs.evolve(NEW, name="b", tp_id=made.tp_id), connector.id, "tp_id"),
        (NEW, ABSENT, "connector_id"),
        (attrs.evolve(NEW, name="b", supported_formats=("EMF",)), connector.id, "supported_formats"),
    ):
        with pytest.raises(BadRequest) as refused:
            await rig.ezeep.printers.create(host, printer)
        assert refused.value.data.keys() == {field}


async def test_a_lost_answer_to_a_creation(start):
    """A creation is not repeated."""
    rig = await start()
    connector = await rig.ezeep.connectors.list().first()
    rig.sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, method="POST", path="/printing", times=1))

    with pytest.raises(ConnectionLost) as lost:
        await rig.ezeep.printers.create(connector.id, NEW)

    assert not lost.value.retryable
    assert rig.sim.stats.mutations.total() == 1


async def test_connectors(start):
    """Connectors are listed, all or by type, and the values that occur are told."""
    rig = await start()

    found = await rig.ezeep.connectors.list(page_size=1).collect()
    hubs = await rig.ezeep.connectors.list(connector_type=ConnectorType.HUB).collect()
    values = {each.field_name: each.values for each in await rig.ezeep.connectors.filter_values()}

    assert [connector.id for connector in found] == list(rig.sim.fleet.connectors)
    assert hubs == [connector for connector in found if connector.type is ConnectorType.HUB]
    assert values == {"status": ("ON", "OFF"), "type": ("TPHub", "Printserver")}
    assert {connector.status for connector in found} == {"Online", "Offline"}


async def test_drivers_by_vendor(start):
    """Each vendor's drivers are found, whatever characters are in the name, on every page."""
    rig = await start()

    vendors = await rig.ezeep.drivers.vendors()
    assert {"Datamax-O'Neil", "Fuji Xerox"} <= set(vendors)
    found = [driver for vendor in vendors for driver in await rig.ezeep.drivers.list(vendor, page_size=1).collect()]

    assert {driver.id for driver in found} == set(rig.sim.fleet.drivers)
    assert all(driver.capabilities().trays for driver in found)
    assert {driver.os for driver in found} == {"Windows"}
    assert await rig.ezeep.drivers.list("Nobody & Co?#").first() is None


async def test_assign_a_driver(start):
    """A driver that was assigned is the manual one, and counts the printer."""
    rig = await start()
    driver = await rig.ezeep.drivers.list("Lenovo").first()
    printer = await rig.ezeep.printers.list().first()

    changed = await rig.ezeep.drivers.assign_to_printer(printer.id, DriverAssignment.of(printer, driver.id))

    assert (changed.driver_id, changed.manual_driver_id) == (None, driver.id)
    assert (changed.name, changed.status, changed.connector_id) == (printer.name, printer.status, printer.connector_id)
    assert changed.capabilities() == driver.capabilities()
    assert await rig.ezeep.printers.list().first() == changed
    assert (await rig.ezeep.drivers.list("Lenovo").first()).printers_using_driver == driver.printers_using_driver + 1
    with pytest.raises(NotFound):
        await rig.ezeep.drivers.assign_to_printer(ABSENT, DriverAssignment.of(printer, driver.id))
    with pytest.raises(BadRequest, match="driver_id"):
        await rig.ezeep.drivers.assign_to_printer(printer.id, DriverAssignment.of(printer, ABSENT))


async def test_bad_input_is_refused_before_any_io(start):
    """What cannot be right costs no request."""
    rig = await start()
    status = PrinterStatus.ONLINE
    wrong = {
        "name must": lambda: NewPrinter(name="", status=status),
        "name is": lambda: NewPrinter(name="n" * 256, status=status),
        "vendor_name is": lambda: NewPrinter(name="n", status=status, vendor_name="v" * 256),
        "tp_id": lambda: NewPrinter(name="n", status=status, tp_id=0),
        "2147483646": lambda: NewPrinter(name="n", status=status, tp_id=2147483647),
        "driver_id must": lambda: DriverAssignment(name="n", status=status, connector_id="c", driver_id=""),
        "all three": lambda: DriverAssignment.of(Printer("p", "name"), "d"),
        "vendor must": lambda: rig.ezeep.drivers.list(""),
    }
    for why, make in wrong.items():
        with pytest.raises(ValueError, match=why):
            make()
    with pytest.raises(TypeError, match="supported_formats"):
        NewPrinter(name="n", status=status, supported_formats="RAW")
    for connector_id in ("", "a\r\nX-Evil: 1", "ü", "a b"):
        with pytest.raises(ValueError, match="connector_id"):
            await rig.ezeep.printers.create(connector_id, NEW)

    assert rig.requests == 0
