"""Printers (source: rad/v4/searching-for-printer)."""

import attrs

from print_async.codec import wire


@attrs.frozen
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
