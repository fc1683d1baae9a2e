"""Functions of yours that are told what happens."""

from collections.abc import Callable

import attrs

from print_async.telemetry.events import RefreshEvent, RequestEvent, ResponseEvent, RetryEvent


@attrs.frozen(kw_only=True)
class Hooks:
    """What to call, each with one event. They run where the thing happens, so they must be quick, and must not block.

    One that raises is logged, and changes nothing.
    """

    on_request: Callable[[RequestEvent], object] | None = None
    on_response: Callable[[ResponseEvent], object] | None = None
    on_retry: Callable[[RetryEvent], object] | None = None
    on_refresh: Callable[[RefreshEvent], object] | None = None
