"""Printer drivers (source: management_api/drivers)."""

from ezeep_async.models.drivers import Driver
from ezeep_async.models.printers import DriverAssignment, Printer
from ezeep_async.services.lists import PAGE_SIZE, pager
from print_async.paging import Pager
from print_async.service import Call, Service, operation

_SOURCE = "management_api/drivers"


class Drivers(Service):
    """The drivers that ezeep has, and their assignment to printers."""

    @operation("GET", "/printing/v1/drivers/vendors/", source=_SOURCE)
    async def vendors(self, call: Call) -> tuple[str, ...]:
        """Return the names of all vendors."""
        return await call.fetch(tuple[str, ...])

    @operation("GET", "/printing/v1/drivers/", source=_SOURCE)
    def list(
        self,
        call: Call,
        vendor: str,
        *,
        page_size: int = PAGE_SIZE,
        prefetch: int = 1,
        concurrency: int = 1,
        resume: str | None = None,
    ) -> Pager[Driver]:
        """Walk the drivers of a vendor.

        Args:
            vendor: One of `vendors()`, letter by letter, such as `Datamax-O'Neil`.
            page_size, prefetch, concurrency, resume: See `print_async.Pager`.

        Raises:
            ValueError: It is empty.
        """
        if not vendor:
            raise ValueError("vendor must not be empty: ezeep lists drivers by vendor only")
        query = {"vendor": vendor}
        return pager(
            call, Driver, query=query, page_size=page_size, prefetch=prefetch, concurrency=concurrency, resume=resume
        )

    @operation("PUT", "/printing/v1/printers/{printer_id}/", source=_SOURCE)
    async def assign_to_printer(self, call: Call, printer_id: str, assignment: DriverAssignment) -> Printer:
        """Assign a driver to a printer, and return the printer as it is then; see `DriverAssignment.of`.

        In the answer the driver is in `manual_driver_id`, while `driver_id` stays `None`. ezeep's page prints this as
        a GET with a body; a PUT is what that must mean. `NotFound` if there is no such printer.
        """
        return await call.fetch(Printer, path={"printer_id": printer_id}, json=assignment)
