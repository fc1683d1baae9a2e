"""What MyQ X gives and takes, as attrs classes."""

from myqx_async.models.printers import Printer
from myqx_async.models.queues import Queue, QueueClient, QueueInteraction
from myqx_async.models.users import CreatedUser, NewUser, User, UserChanges

__all__ = [
    "CreatedUser",
    "NewUser",
    "Printer",
    "Queue",
    "QueueClient",
    "QueueInteraction",
    "User",
    "UserChanges",
]
