"""Printers, as they are administered (source: rest_api/printers). To print on one, see `ezeep.printing`."""

import re

from ezeep_async.models.printers import NewPrinter, Printer
from ezeep_async.services.lists import PAGE_SIZE, pager
from print_async.codec import decode
from print_async.paging import Pager
from print_async.service import Call, Service, operation

_SOURCE = "rest_api/printers"
_LIST = "/printing/v1/printers/"


class Printers(Service):
    """The printers of the organization. Who may use them is with `assignments`, their drivers with `drivers`."""

    @operation("POST", _LIST, source=_SOURCE)
    async def create(self, call: Call, connector_id: str, printer: NewPrinter) -> Printer:
        """Create a printer on a connector. Not repeated after a failure: it could be created twice.

        ezeep's sample of the answer has blanks for vendor, model and device id, and the formats in another order.

        Args:
            connector_id: UUID of the connector.
            printer: What to create.

        Raises:
            ValueError: `connector_id` is no UUID by its characters. Nothing was sent.
        """
        if not re.fullmatch("[0-9A-Za-z-]+", connector_id):
            raise ValueError("connector_id must be a UUID: it goes into a header")
        return decode((await call.send(headers={"X-Host-Id": connector_id}, json=printer)).body, Printer)

    @operation("GET", _LIST, source=_SOURCE)
    def list(
        self,
        call: Call,
        *,
        connector_id: str | None = None,
        page_size: int = PAGE_SIZE,
        prefetch: int = 1,
        concurrency: int = 1,
        resume: str | None = None,
    ) -> Pager[Printer]:
        """Walk all printers, or those of one connector.

        Args:
            connector_id: UUID of the connector.
            page_size, prefetch, concurrency, resume: See `print_async.Pager`.
        """
        query = {"connector_id": connector_id}
        return pager(
            call, Printer, query=query, page_size=page_size, prefetch=prefetch, concurrency=concurrency, resume=resume
        )
