"""What happens inside, for those who want to know: hooks, the log, and OpenTelemetry.

Told of is what goes to an API with a token. A token request is part of a `RefreshEvent`; what goes to a storage that
takes no token, such as a document that is uploaded to be printed, is told to nobody.
"""

from print_async.telemetry.events import LimitChange, RefreshEvent, RequestEvent, ResponseEvent, RetryEvent
from print_async.telemetry.hooks import Hooks

__all__ = ["Hooks", "LimitChange", "RefreshEvent", "RequestEvent", "ResponseEvent", "RetryEvent"]
