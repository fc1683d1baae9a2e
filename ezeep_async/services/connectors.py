"""Connectors, the ezeep Hub among them (source: rest_api/connectors)."""

from ezeep_async.models.connectors import Connector, FilterValues
from ezeep_async.services.lists import PAGE_SIZE, pager
from print_async.paging import Pager
from print_async.service import Call, Service, operation

_SOURCE = "rest_api/connectors"


class Connectors(Service):
    """What connects printers to ezeep. For the printers of one, see `printers.list`."""

    @operation("GET", "/printing/v1/connectors/", source=_SOURCE)
    def list(
        self,
        call: Call,
        *,
        connector_type: str | None = None,
        page_size: int = PAGE_SIZE,
        prefetch: int = 1,
        concurrency: int = 1,
        resume: str | None = None,
    ) -> Pager[Connector]:
        """Walk all connectors, or those of one type.

        Args:
            connector_type: A `ConnectorType`; `HUB` gives the configuration of the ezeep Hubs.
            page_size, prefetch, concurrency, resume: See `print_async.Pager`.
        """
        query = {"type": connector_type}
        return pager(
            call, Connector, query=query, page_size=page_size, prefetch=prefetch, concurrency=concurrency, resume=resume
        )

    @operation("GET", "/printing/v1/filter_values/connector/", source=_SOURCE)
    async def filter_values(self, call: Call) -> tuple[FilterValues, ...]:
        """Return which values occur in the fields that connectors can be told apart by."""
        return await call.fetch(tuple[FilterValues, ...])
