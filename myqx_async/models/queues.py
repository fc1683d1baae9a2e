"""Queues (source: rad/v4/queues)."""

from print_async.codec import wire
from print_async.model import model


@model
class QueueInteraction:
    """What the client asks the user when they print to a queue."""

    project: bool | None = None
    payment_account: bool | None = wire("paymentAccount", None)


@model
class QueueClient:
    """How a queue behaves in MyQ's desktop client."""

    interaction: QueueInteraction | None = None


@model
class Queue:
    """A print queue. MyQ promises no field in particular, so all but the id may be `None`."""

    id: int
    name: str | None = None
    type: str | None = None
    """Such as `follow`; the set of values is not documented."""
    private: bool | None = None
    available_protocols: tuple[str, ...] | None = wire("availableProtocols", None)
    printer_id: int | None = wire("printerId", None)
    client: QueueClient | None = None
    """Only with `include=("client",)`."""


@model
class PrinterAssignment:
    """A printer to which a queue is to print."""

    printer: int
    """The printer's id; MyQ's sample shows a number and does not say of what."""
