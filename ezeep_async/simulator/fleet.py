"""What the organization prints on: connectors, printers with their drivers, and which groups have them.

Sources: apidocs.ezeep.com, rest_api/printers, connectors and assignments; ezeepAPi/printingapi, management_api/drivers
and management_api/groups/printers. The names and models are made up.
"""

import gzip
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence

import attrs

from ezeep_async.simulator.directory import Directory
from ezeep_async.simulator.identifiers import Identifiers
from ezeep_async.simulator.print_printers import printers as print_printers

STATUSES = ("Online", "Offline", "Inproperly Configured")
"""The last is misspelt by the vendor."""
_MORE_PRINTERS = 8
_SECTIONS = (
    ("*7,Auto Select", "1,Tray 1", "258,MP Tray, left"),
    ("*9,2100,2970,A4\u00b642,42,2015,2884", "1,2159,2794,Letter\u00b642,42,2074,2709", "256,0,0,Custom"),
    ("300", "*600", "1200"),
    (" ", " "),
    ("0", "8,8,8,8,1,1"),
    ("12,330", "A2,F"),
)


def packed(sections: Sequence[Sequence[str]]) -> str:
    """Pack capabilities as the samples have them: NUL behind each entry and each section, UTF-16, gzip, base64."""
    text = "".join("".join(f"{entry}\0" for entry in section) + "\0" for section in sections)
    return b64encode(gzip.compress(text.encode("utf-16-le"), mtime=0)).decode()


_CAPABILITIES = packed(_SECTIONS)
PRINTER_BLOB: dict[str, object] = {"Options": 2, "Count": len(_SECTIONS), "Capabilities": _CAPABILITIES}
"""As printers have it."""
DRIVER_BLOB: dict[str, object] = {name.lower(): value for name, value in PRINTER_BLOB.items()}
"""As drivers have it: in lower case."""


@attrs.frozen
class Connector:
    """A connector; its id is no documented field, but printers name it."""

    id: str
    readable_name: str
    description: str
    type: str
    status: str
    location: str
    os_type: str
    serial_string: str
    supported_formats: tuple[str, ...]


@attrs.frozen
class Driver:
    """A driver; how many printers use it is filled in as it is read."""

    id: str
    name: str
    readable_name: str
    vendor: str
    os: str = "Windows"
    arch: str = "x64"
    printers_using_driver: int = 0
    blob_capabilities: dict[str, object] = attrs.field(factory=DRIVER_BLOB.copy)


@attrs.frozen
class Printer:
    """A printer."""

    id: str
    name: str
    tp_id: int
    status: str
    connector_id: str
    vendor_name: str = ""
    model_name: str = ""
    location: str = ""
    driver_id: str | None = None
    manual_driver_id: str | None = None
    supported_formats: tuple[str, ...] = ()
    blob_capabilities: dict[str, object] | None = None
    pnp_id: str = ""
    auto_driver_assignment_state: str = "SKIPPED"
    can_modify_favorite: bool = False
    is_favorite: bool = False


@attrs.define(eq=False)
class Fleet:
    """All of it, to look at and to change. Printers of the Print API are among these, under the same ids."""

    directory: Directory
    seed: int
    put_adds: bool = False
    """Whether a PUT of assignments leaves the groups that it does not name. The documents do not say."""
    connectors: dict[str, Connector] = attrs.field(init=False)
    drivers: dict[str, Driver] = attrs.field(init=False)
    printers: dict[str, Printer] = attrs.field(init=False)
    _assigned: dict[str, tuple[int, ...]] = attrs.field(init=False)
    """The groups of each printer, by index, in the order of their assignment."""
    _new_id: Callable[[int], str] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.connectors = {each.id: each for each in _connectors(self.seed)}
        self.drivers = {each.id: each for each in _drivers(self.seed)}
        self._new_id = Identifiers.of(self.seed, "printers").at
        self.printers = {each.id: each for each in self._seeded()}
        # The last two are nobody's.
        shared = list(self.printers)[:-2]
        groups = min(self.directory.group_count, len(shared))
        self._assigned = {
            printer_id: tuple(dict.fromkeys((position % groups, (position + 1) % groups))) if groups else ()
            for position, printer_id in enumerate(shared)
        }

    def groups_of(self, printer_id: str) -> tuple[int, ...]:
        """Return the groups that a printer is assigned to, without those that were deleted."""
        directory = self.directory
        groups = self._assigned.get(printer_id, ())
        return tuple(group for group in groups if directory.find_group(directory.group_id(group)) is not None)

    def count_of(self, group: int) -> int:
        """Return how many printers a group has."""
        return sum(group in groups for groups in self._assigned.values())

    def printers_of(self, group: int) -> list[Printer]:
        """Return the printers of a group."""
        return [printer for printer in self.printers.values() if group in self.groups_of(printer.id)]

    def assign(self, printer_id: str, groups: Iterable[int]) -> None:
        """Assign a printer to groups, and take it from all others unless `put_adds` is set."""
        before = self.groups_of(printer_id) if self.put_adds else ()
        self._assigned[printer_id] = tuple(dict.fromkeys((*before, *groups)))

    def unassign(self, printer_id: str, groups: Sequence[int]) -> None:
        """Take a printer away from groups."""
        self._assigned[printer_id] = tuple(group for group in self.groups_of(printer_id) if group not in groups)

    def new_printer_id(self) -> str:
        """Return an id that no printer has."""
        return self._new_id(len(self.printers))

    def drivers_of(self, vendor: str) -> list[Driver]:
        """Return the drivers of a vendor, with their printers counted."""
        used = [printer.manual_driver_id for printer in self.printers.values()]
        return [
            attrs.evolve(driver, printers_using_driver=used.count(driver.id))
            for driver in self.drivers.values()
            if driver.vendor == vendor
        ]

    def _seeded(self) -> Iterable[Printer]:
        hub, *_ = connectors = list(self.connectors)
        for number, known in enumerate(print_printers(self.seed), 1):
            yield Printer(known.id, known.name, number, "Online", hub, location=known.location)
        first = len(print_printers(self.seed))
        for position in range(first, first + _MORE_PRINTERS):
            yield Printer(
                id=self._new_id(position),
                name=f"Office printer {position + 1}",
                tp_id=position + 1,
                status=STATUSES[position % len(STATUSES)],
                connector_id=connectors[position % len(connectors)],
                model_name="M477fdn",
                supported_formats=("RAW", "PDF"),
                blob_capabilities=PRINTER_BLOB if position % 2 else None,
            )


def _connectors(seed: int) -> Iterable[Connector]:
    id_of = Identifiers.of(seed, "connectors").at
    yield Connector(id_of(0), "Hub, Berlin", "", "TPHub", "Online", "Berlin", "Linux", "H-1", ("RAW", "PDF"))
    yield Connector(id_of(1), "PS-01", "old", "Printserver", "Online", "", "Windows", "", ("RAW", "EMF", "XPS"))
    yield Connector(id_of(2), "PS-02", "", "Printserver", "Offline", "", "Windows", "", ())


def _drivers(seed: int) -> Iterable[Driver]:
    id_of = Identifiers.of(seed, "drivers").at
    known = (
        ("HP", "HP Universal Printing PCL 6"),
        ("HP", "HP LaserJet 4"),
        ("Lenovo", "Lenovo LJ3800DN"),
        ("Datamax-O'Neil", "Datamax-O'Neil E-4204B"),
        ("Fuji Xerox", "FX DocuPrint & Co"),
    )
    for position, (vendor, name) in enumerate(known):
        yield Driver(id_of(position), name, name, vendor)
