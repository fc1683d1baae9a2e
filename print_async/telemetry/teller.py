"""Who tells the hooks, and the log."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from print_async.clock import Clock
from print_async.errors import PrintAsyncError
from print_async.origin import presentable
from print_async.telemetry.events import RefreshEvent, RequestEvent, ResponseEvent, RetryEvent
from print_async.telemetry.hooks import Hooks
from print_async.telemetry.logs import CALLS, LOG
from print_async.wire import Request, Response, Transport

E = TypeVar("E")
_log = logging.getLogger("print_async.telemetry")


class Teller:
    """Tells events to the log and to hooks, in that order. A hook that raises is logged, and the call goes on."""

    def __init__(self, hooks: Sequence[Hooks], clock: Clock) -> None:
        self._hooks = (LOG, *hooks)
        self._clock = clock
        self._observed = any(each.on_request or each.on_response for each in hooks)

    @property
    def observes(self) -> bool:
        """Whether anybody wants to know of requests and answers."""
        return self._observed or CALLS.isEnabledFor(logging.DEBUG)

    async def send(self, transport: Transport, request: Request, operation: str | None, attempt: int) -> Response:
        """Send a request through a transport, and tell of it and of its answer."""
        sent = RequestEvent(request.method, presentable(request.url), operation, attempt)
        self._tell([each.on_request for each in self._hooks], sent)
        started = self._clock.monotonic()
        status: int | None = None
        failure: BaseException | None = None
        try:
            response = await transport.send(request)
            status = response.status
        except (PrintAsyncError, asyncio.CancelledError) as error:
            failure = error
            raise
        finally:
            seconds = self._clock.monotonic() - started
            self._tell([each.on_response for each in self._hooks], ResponseEvent(sent, seconds, status, failure))
        return response

    def retry(self, event: RetryEvent) -> None:
        """Tell that a call is going to be sent again."""
        self._tell([each.on_retry for each in self._hooks], event)

    def refresh(self, event: RefreshEvent) -> None:
        """Tell that there is another token, or none."""
        self._tell([each.on_refresh for each in self._hooks], event)

    def _tell(self, hooks: Sequence[Callable[[E], object] | None], event: E) -> None:
        for hook in hooks:
            if hook is None:
                continue
            try:
                hook(event)
            except Exception:  # noqa: BLE001 - whatever a hook raises
                _log.exception("a hook failed on %s", type(event).__name__)
