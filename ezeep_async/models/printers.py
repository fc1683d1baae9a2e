"""Printers as the management API knows them (source: rest_api/printers, management_api/drivers).

What can be printed on, and how, is with the Print API: `ezeep_async.models.PrintTarget` and `PrinterProperties`.
"""

from typing import Any, Self

import attrs

from ezeep_async.models.capabilities import Capabilities
from print_async.codec import UNSET, OpenEnum, UnsetType
from print_async.model import model
from print_async.validators import at_most, not_empty, several


class PrinterStatus(OpenEnum):
    """Whether a printer can be reached."""

    ONLINE = "Online"
    OFFLINE = "Offline"
    IMPROPERLY_CONFIGURED = "Inproperly Configured"
    """Misspelt by ezeep, and so sent."""


@model
class Printer:
    """A printer, as ezeep administers it."""

    id: str
    """UUID."""
    name: str | None = None
    tp_id: int | None = None
    """Its number on its connector."""
    status: PrinterStatus | None = None
    vendor_name: str | None = None
    model_name: str | None = None
    location: str | None = None
    connector_id: str | None = None
    """UUID."""
    driver_id: str | None = None
    """UUID. `None` also for a printer whose driver was assigned by hand: see `manual_driver_id`."""
    manual_driver_id: str | None = None
    """UUID of the driver that somebody assigned."""
    supported_formats: tuple[str, ...] | None = None
    """`RAW`, `PDF`, `XPS`; in no particular order."""
    blob_capabilities: dict[str, Any] | None = None
    """Packed: `Options`, `Count` and `Capabilities`. See `capabilities()`."""
    pnp_id: str | None = None
    auto_driver_assignment_state: str | None = None
    """Such as `SKIPPED`."""
    can_modify_favorite: bool | None = None
    """Newer servers only; so is the next."""
    is_favorite: bool | None = None

    def capabilities(self) -> Capabilities | None:
        """Unpack `blob_capabilities`; `None` where there are none. Raises `DecodeError` as `Capabilities.of` does."""
        return None if self.blob_capabilities is None else Capabilities.of(self.blob_capabilities)


@attrs.frozen(kw_only=True)
class NewPrinter:
    """A printer to be created. What is `UNSET` is left to ezeep.

    Raises:
        ValueError: The name is empty, a text is longer than 255 characters, or `tp_id` is out of its bounds.
        TypeError: `supported_formats` is a lone string.
    """

    name: str = attrs.field(validator=[not_empty, at_most(255)])
    """Unique in the organization."""
    status: PrinterStatus
    tp_id: int | UnsetType = UNSET
    """1 to 2147483646, unique on the connector."""
    supported_formats: tuple[str, ...] | UnsetType = attrs.field(default=UNSET, validator=several)
    """`RAW`, `PDF`, `XPS`."""
    vendor_name: str | UnsetType = attrs.field(default=UNSET, validator=at_most(255))
    model_name: str | UnsetType = attrs.field(default=UNSET, validator=at_most(255))
    location: str | UnsetType = UNSET
    pnp_id: str | UnsetType = UNSET
    """The printer's IEEE 1284 device id."""

    def __attrs_post_init__(self) -> None:
        if self.tp_id is not UNSET and not 1 <= self.tp_id <= 2147483646:
            raise ValueError("tp_id is a number from 1 to 2147483646")


@attrs.frozen(kw_only=True)
class DriverAssignment:
    """What assigns a driver to a printer. ezeep wants the printer's name, status and connector again."""

    name: str = attrs.field(validator=not_empty)
    status: PrinterStatus
    connector_id: str = attrs.field(validator=not_empty)
    """UUID."""
    driver_id: str = attrs.field(validator=not_empty)
    """UUID, of `Driver`."""

    @classmethod
    def of(cls, printer: Printer, driver_id: str) -> Self:
        """Make the assignment of a driver to a printer as it is now.

        Raises:
            ValueError: The printer has no name, status or connector.
        """
        if not (printer.name and printer.status and printer.connector_id):
            raise ValueError(f"the printer {printer.id} has no name, status or connector, and ezeep wants all three")
        return cls(name=printer.name, status=printer.status, connector_id=printer.connector_id, driver_id=driver_id)
