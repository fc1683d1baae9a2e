"""Printers, connectors and drivers under `/printing/v1/`.

Sources: apidocs.ezeep.com, rest_api/printers and rest_api/connectors; ezeepAPi/printingapi, management_api/drivers.
"""

from typing import Any

import attrs
from aiohttp import web

from ezeep_async.simulator.answers import add_resource, answer, invalid, not_found, read_object
from ezeep_async.simulator.fields import Check, checked, number, one_of, some_of, text
from ezeep_async.simulator.fleet import STATUSES, Connector, Fleet, Printer
from ezeep_async.simulator.paging import Lists
from print_async.testing.simulator import Statistics

_NEW: dict[str, Check] = {
    "name": text(least=1),
    "status": one_of(*STATUSES),
    "tp_id": number(1, 2147483646),
    "supported_formats": some_of("RAW", "PDF", "XPS"),
    "vendor_name": text(),
    "model_name": text(),
    "location": text(),
    "pnp_id": text(10_000),
}
_ASSIGNED: dict[str, Check] = {
    "name": text(least=1),
    "status": one_of(*STATUSES),
    "connector_id": text(),
    "driver_id": text(),
}
_BLANKED = ("vendor_name", "model_name", "pnp_id")


@attrs.frozen(kw_only=True)
class PrinterManagement:
    """The routes."""

    fleet: Fleet
    statistics: Statistics
    lists: Lists
    create_status: int

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        add_resource(app, "/printing/v1/printers/", {"GET": self.printers, "POST": self.create})
        add_resource(app, "/printing/v1/printers/{id}/", {"PUT": self.assign_driver})
        add_resource(app, "/printing/v1/connectors/", {"GET": self.connectors})
        add_resource(app, "/printing/v1/filter_values/connector/", {"GET": self.filter_values})
        add_resource(app, "/printing/v1/drivers/vendors/", {"GET": self.vendors})
        add_resource(app, "/printing/v1/drivers/", {"GET": self.drivers})

    async def printers(self, request: web.Request) -> web.StreamResponse:
        """Answer a page of printers: all, or those of a connector."""
        wanted = request.query.get("connector_id")
        found = [each for each in self.fleet.printers.values() if wanted in (None, each.connector_id)]
        return self._page(request, found)

    async def create(self, request: web.Request) -> web.StreamResponse:
        """Create a printer on the connector that a header names."""
        connector = self.fleet.connectors.get(request.headers.get("X-Host-Id", "").lower())
        if connector is None:
            raise invalid("connector_id", "The header X-Host-Id must name a connector that exists.")
        fields: Any = checked(await read_object(request), _NEW, ("name", "status"))
        tp_ids = {each.tp_id for each in self.fleet.printers.values() if each.connector_id == connector.id}
        if fields["name"] in {each.name for each in self.fleet.printers.values()}:
            raise invalid("name", "printer with this name already exists.")
        if fields.setdefault("tp_id", max(tp_ids, default=0) + 1) in tp_ids:
            raise invalid("tp_id", "printer with this tp_id already exists.")
        # In the vendor's sample some of what was sent comes back blank, and the formats in another order.
        fields |= dict.fromkeys(_BLANKED, "")
        formats = tuple(reversed(fields.pop("supported_formats", ())))
        new = Printer(id=self.fleet.new_printer_id(), connector_id=connector.id, supported_formats=formats, **fields)
        self.fleet.printers[new.id] = new
        self.statistics.mutations[f"printer-created:{new.id}"] += 1
        return answer(new, self.create_status)

    async def assign_driver(self, request: web.Request) -> web.StreamResponse:
        """Assign a driver to a printer: `driver_id` is sent, `manual_driver_id` is what changes."""
        printer = self.fleet.printers.get(request.match_info["id"].lower())
        if printer is None:
            raise not_found()
        fields: Any = checked(await read_object(request), _ASSIGNED, tuple(_ASSIGNED))
        if fields["connector_id"] not in self.fleet.connectors:
            raise invalid("connector_id", "Unknown connector.")
        driver = self.fleet.drivers.get(fields.pop("driver_id"))
        if driver is None:
            raise invalid("driver_id", "Unknown driver.")
        blob = {name.title(): value for name, value in driver.blob_capabilities.items()}
        changed = attrs.evolve(printer, manual_driver_id=driver.id, blob_capabilities=blob, **fields)
        self.fleet.printers[printer.id] = changed
        self.statistics.mutations[f"driver-assigned:{printer.id}"] += 1
        return answer(changed)

    async def connectors(self, request: web.Request) -> web.StreamResponse:
        """Answer a page of connectors: all, or those of a type."""
        wanted = request.query.get("type")
        return self._page(request, [each for each in self.fleet.connectors.values() if wanted in (None, each.type)])

    async def filter_values(self, _: web.Request) -> web.StreamResponse:
        """Answer which values occur, as a bare array. A status is called otherwise here than in the list."""
        connectors: list[Connector] = list(self.fleet.connectors.values())
        statuses = dict.fromkeys({"Online": "ON", "Offline": "OFF"}[each.status] for each in connectors)
        types = dict.fromkeys(each.type for each in connectors)
        return answer([{"field_name": "status", "values": [*statuses]}, {"field_name": "type", "values": [*types]}])

    async def vendors(self, _: web.Request) -> web.StreamResponse:
        """Answer the names of the vendors, as a bare array."""
        return answer(sorted({driver.vendor for driver in self.fleet.drivers.values()}, key=str.lower))

    async def drivers(self, request: web.Request) -> web.StreamResponse:
        """Answer a page of the drivers of a vendor, by its exact name."""
        vendor = request.query.get("vendor")
        if vendor is None:
            raise invalid("vendor", "This field is required.")
        return self._page(request, self.fleet.drivers_of(vendor))

    def _page(self, request: web.Request, found: "list[Any]") -> web.StreamResponse:
        return self.lists.by_offset(request, len(found), lambda start, stop: found[start:stop])
