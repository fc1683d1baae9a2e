"""What a webhook of ezeep brings. The documents do not say; this is what a client of ezeep's was seen to read."""

from typing import Any

import attrs

from print_async.model import model


@model
class PrintJobReport:
    """A print job that succeeded or failed. Seen in a client only: nothing here is promised, so all may be `None`."""

    printjob_id: str | None = None
    filename: str | None = None
    status: str | None = None
    """The set of values is not known."""
    created: str | None = None
    """A point in time; its form is not known."""
    user_id: str | None = None
    user_name: str | None = None
    user_email: str | None = None
    printer_id: str | None = None
    printer_name: str | None = None
    connector_id: str | None = None
    connector_name: str | None = None
    type: str | None = None
    """Such as `network`."""
    color: bool | None = None
    duplex: bool | None = None
    copies: int | None = None
    paper: str | None = None
    total_printed_pages: int | None = None
    co2_impact: float | None = None
    """The unit is not known."""


@attrs.frozen
class WebhookEvent:
    """One delivery of a webhook."""

    print_job: PrintJobReport | None
    """`None` where the delivery has none, or it is not as it was seen to be: look in `raw` then."""
    raw: dict[str, Any] = attrs.field(repr=False)
    """The whole delivery as plain data."""
