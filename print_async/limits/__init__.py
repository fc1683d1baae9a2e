"""How much a server is sent: as many requests at a time as it takes, and no more in a second than it is to get."""

from print_async.limits.lanes import bulk
from print_async.limits.pacing import Pacer
from print_async.limits.policy import LimitPolicy

__all__ = ["LimitPolicy", "Pacer", "bulk"]
