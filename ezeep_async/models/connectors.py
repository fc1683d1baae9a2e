"""Connectors, which lead to printers; the ezeep Hub is one (source: rest_api/connectors)."""

from print_async.codec import OpenEnum
from print_async.model import model


class ConnectorType(OpenEnum):
    """What a connector is."""

    HUB = "TPHub"
    """An ezeep Hub."""
    PRINT_SERVER = "Printserver"
    VIRTUAL = "Virtual"
    EMBEDDED = "Embedded"


@model
class Connector:
    """A connector. ezeep describes its fields and shows no whole one, so any of them may be `None`."""

    id: str | None = None
    """UUID. Not in ezeep's table of fields: assumed, because printers name their connector by it."""
    readable_name: str | None = None
    description: str | None = None
    type: ConnectorType | None = None
    status: str | None = None
    """`Online` or `Offline` in one place of the documents, `ON` in another."""
    location: str | None = None
    os_type: str | None = None
    """`Linux`, `Windows`, `Windows CE`."""
    serial_string: str | None = None
    supported_formats: tuple[str, ...] | None = None
    """`RAW`, `PDF`, `EMF`, `XPS`."""


@model
class FilterValues:
    """The values that occur in a field of the connectors."""

    field_name: str
    """`status` or `type`."""
    values: tuple[str, ...] = ()
