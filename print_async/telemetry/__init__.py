"""What happens inside, for those who want to know: hooks, and the log."""

from print_async.telemetry.events import RefreshEvent, RequestEvent, ResponseEvent, RetryEvent
from print_async.telemetry.hooks import Hooks

__all__ = ["Hooks", "RefreshEvent", "RequestEvent", "ResponseEvent", "RetryEvent"]
