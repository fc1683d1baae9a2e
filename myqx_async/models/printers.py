"""Printers (source: rad/v4/searching-for-printer)."""

import attrs

from print_async.codec import UNSET, UnsetType, wire
from print_async.model import model


@model
class Printer:
    """A printing device. MyQ promises no field in particular, so all but the id may be `None`."""

    id: int
    name: str | None = None
    state: str | None = None
    """Such as `active`; the set of values is not documented."""
    mode: str | None = None
    """Such as `online`, `offline`, `local`."""
    ip_address: str | None = wire("ipAddress", None)
    serial_number: str | None = wire("serialNumber", None)
    mac: str | None = None
    terminal_id: str | None = wire("terminalId", None)
    brand: str | None = None
    model: str | None = None
    notes: str | None = None
    location: str | None = None
    enforced_model: str | None = wire("enforcedModel", None)
    configuration_id: int | None = wire("configurationId", None)


@attrs.frozen(kw_only=True)
class NewPrinter:
    """A printer to be created (source: rad/v4/create-and-edit-printer-and-configuration-profiles).

    MyQ does not say which fields it requires. What is `UNSET` is not sent.
    """

    name: str = attrs.field(validator=attrs.validators.min_len(1))
    ip_address: str | UnsetType = wire("ipAddress", UNSET)
    notes: str | UnsetType = UNSET
    type: str | UnsetType = UNSET
    """Such as `local`; the set of values is not documented."""
    enforced_model: str | UnsetType = wire("enforcedModel", UNSET)
    configuration_id: int | UnsetType = wire("configurationId", UNSET)
    """Of a configuration profile."""
