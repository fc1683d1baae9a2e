"""The operations on printers, below `/api/v3/printers`.

Sources: `en/rad/v4/searching-for-printer`, `en/rad/v5/searching-for-printer`. Those name the filters and the fields.
Made up are the values, what makes a printer active or with an issue, the answers of the paths that are only listed, and
who is signed in where: at every other printer that is online the user of the same number, at the others nobody, which
is 404. Creating: `rad/v4/create-and-edit-printer-and-configuration-profiles`.
"""

import random
from collections.abc import Callable, Mapping
from typing import Final

import attrs
import msgspec
from aiohttp import web

from myqx_async.simulator.access import ANY, CLIENT, Gate
from myqx_async.simulator.answers import Refusal, answer, read, written
from myqx_async.simulator.directory import Directory
from myqx_async.simulator.paging import wrap
from myqx_async.simulator.settings import Settings
from print_async.testing.simulator import Statistics

FIRST_ID: Final = 1
_SCOPE: Final = "printers"
_TOP_GROUP: Final = "All printers"
_LAST: Final = 5
_MODELS: Final = (("Kyocera", "TASKalfa 3554ci"), ("Ricoh", "IM C3000"), ("Canon", "iR-ADV DX C3826"), ("HP", "E78528"))


class Printer(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A printer as the API answers it."""

    id: int
    name: str
    state: str
    mode: str
    ip_address: str
    serial_number: str
    mac: str
    terminal_id: str
    brand: str
    model: str
    notes: str
    location: str
    enforced_model: str
    configuration_id: int


@attrs.frozen
class Device:
    """A printer, and what the API does not show of it."""

    printer: Printer
    group: str
    """The full path from the top, joined with `/`."""
    issue: bool

    def within(self, group: str) -> bool:
        """Tell whether it is in a group or in one below that."""
        return f"{self.group}/".startswith(f"{group}/")


class NewPrinter(msgspec.Struct, rename="camel"):
    """The body that creates a printer."""

    name: str
    ip_address: str = ""
    notes: str = ""
    type: str = "local"
    enforced_model: str = ""
    configuration_id: int = 1


_STATUS: Final[Mapping[str, Callable[[Device], bool]]] = {
    "active": lambda device: device.printer.state == "active",
    "local": lambda device: device.printer.mode == "local",
    "offline": lambda device: device.printer.mode == "offline",
    "withIssue": lambda device: device.issue,
}

_FILTERS: Final[Mapping[str, Callable[[Device, str], bool]]] = {
    "status": lambda device, value: value in _STATUS and _STATUS[value](device),
    "mode": lambda device, value: device.printer.mode == value,
    "name": lambda device, value: device.printer.name == value,
    "serialNumber": lambda device, value: device.printer.serial_number == value,
    "mac": lambda device, value: device.printer.mac == value,
    "group": Device.within,
}


class Fleet:
    """All printers: those of a seed, and those created since."""

    def __init__(self, count: int, seed: int) -> None:
        chance = random.Random(f"{seed}/printers")
        self.devices: list[Device] = [_make_device(index, chance) for index in range(count)]

    def device(self, printer_id: int) -> Device:
        """Return a printer by id, or refuse."""
        if not FIRST_ID <= printer_id < FIRST_ID + len(self.devices):
            raise Refusal(404, "Printer not found")
        return self.devices[printer_id - FIRST_ID]

    def add(self, asked: NewPrinter) -> Printer:
        """Create a printer, at the top of the groups."""
        printer_id = FIRST_ID + len(self.devices)
        printer = Printer(
            id=printer_id,
            name=asked.name,
            state="inactive",
            mode="local" if asked.type == "local" else "offline",
            ip_address=asked.ip_address,
            serial_number="",
            mac="",
            terminal_id="",
            brand="",
            model="",
            notes=asked.notes,
            location="",
            enforced_model=asked.enforced_model,
            configuration_id=asked.configuration_id,
        )
        self.devices.append(Device(printer, _TOP_GROUP, issue=False))
        return printer


def _make_device(index: int, chance: random.Random) -> Device:
    brand, model = _MODELS[index % len(_MODELS)]
    mode = ("online", "online", "online", "offline", "local")[index % 5]
    printer = Printer(
        id=FIRST_ID + index,
        name=f"{brand} {index + 1:04d}",
        state="inactive" if index % 10 == 9 else "active",
        mode=mode,
        ip_address=f"10.{index >> 16 & 255}.{index >> 8 & 255}.{index & 255}",
        serial_number=f"{chance.getrandbits(24):06X}{index:05d}",
        mac=f"02:{chance.getrandbits(8):02x}:" + ":".join(f"{index >> bits & 255:02x}" for bits in (24, 16, 8, 0)),
        terminal_id=f"T{index + 1:05d}",
        brand=brand,
        model=model,
        notes="",
        location=f"Building {index % 3 + 1}, floor {index % 4}",
        enforced_model="",
        configuration_id=index % 3 + 1,
    )
    return Device(printer, f"{_TOP_GROUP}/group {index % 3 + 1}", issue=index % 7 == 3)


@attrs.frozen
class PrinterRoutes:
    """The routes on printers. No paging is documented, so there is none."""

    settings: Settings
    stats: Statistics
    gate: Gate
    directory: Directory
    fleet: Fleet

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, for an application; words before ids."""
        with_slash = [web.get("/api/v3/printers/", self.list), web.post("/api/v3/printers/", self.create)]
        return [
            web.get("/api/v3/printers", self.list),
            web.post("/api/v3/printers", self.create),
            *(with_slash if self.settings.trailing_slash else ()),
            web.get("/api/v3/printers/ip:{ip}/loggedUser", self.logged_user),
            web.get("/api/v3/printers/last", self.last),
            web.get("/api/v3/printers/{status:active|local|offline|withIssue}", self.with_status),
            web.get("/api/v3/printers/{id:[0-9]{1,99}}", self.get),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """Answer the printers that pass all filters."""
        self.gate.admit(request, kinds=CLIENT, scope=_SCOPE)
        filters = [(_FILTERS[name], value) for name, value in request.query.items() if name in _FILTERS]
        return _list(
            [device for device in self.fleet.devices if all(passes(device, value) for passes, value in filters)]
        )

    async def with_status(self, request: web.Request) -> web.Response:
        """Answer the printers of one status."""
        self.gate.admit(request, kinds=CLIENT, scope=_SCOPE)
        return _list([device for device in self.fleet.devices if _STATUS[request.match_info["status"]](device)])

    async def last(self, request: web.Request) -> web.Response:
        """Answer the few printers that were added last, the newest first; what "last" means is not documented."""
        self.gate.admit(request, kinds=CLIENT, scope=_SCOPE)
        return _list(self.fleet.devices[-1 : -1 - _LAST : -1])

    async def get(self, request: web.Request) -> web.Response:
        """Answer one printer."""
        self.gate.admit(request, kinds=CLIENT, scope=_SCOPE)
        return answer(self.fleet.device(int(request.match_info["id"])).printer)

    async def create(self, request: web.Request) -> web.Response:
        """Create a printer."""
        self.gate.admit(request, kinds=CLIENT, scope=_SCOPE)
        asked = await read(request, NewPrinter)
        if not asked.name:
            raise Refusal(400, "name must not be empty")
        printer = self.fleet.add(asked)
        self.stats.mutations[f"printer-created:{printer.id}"] += 1
        return written(printer, self.settings)

    async def logged_user(self, request: web.Request) -> web.Response:
        """Answer who is signed in at the printer of an address."""
        self.gate.must_manage_users(self.gate.admit(request, kinds=ANY, scope="users"))
        for number, device in enumerate(self.fleet.devices):
            if device.printer.ip_address == request.match_info["ip"]:
                if number % 2 or device.printer.mode != "online" or not self.directory.lives(number):
                    break
                return answer(self.directory.user(number))
        raise Refusal(404, "Nobody is signed in there")


def _list(devices: list[Device]) -> web.Response:
    page = [device.printer for device in devices]
    return answer(wrap("printers", page, len(page), count_is_page=True))
