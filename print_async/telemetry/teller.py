"""Who tells the hooks, and the log."""

import logging
from collections.abc import Callable, Sequence
from traceback import format_exception
from typing import TypeVar

import attrs

from print_async.clock import Clock
from print_async.errors import PrintAsyncError
from print_async.telemetry.events import LimitChange, RefreshEvent, RequestEvent, ResponseEvent, RetryEvent
from print_async.telemetry.hooks import Hooks
from print_async.telemetry.logs import CALLS, LOG
from print_async.wire import Request, Response, Transport

E = TypeVar("E")
_log = logging.getLogger("print_async.telemetry")


@attrs.define
class Sendings:
    """How often one call has been sent so far: by the caller again, and by the session, which does so after a 401."""

    made: int = 0


class Teller:
    """Tells events to the log and to hooks, in that order. A hook that raises changes nothing.

    Raises:
        TypeError: The hooks are no sequence of `Hooks`.
    """

    def __init__(self, hooks: Sequence[Hooks], clock: Clock) -> None:
        told = (LOG, *(() if isinstance(hooks, Hooks) else hooks))
        if isinstance(hooks, Hooks) or not all(isinstance(each, Hooks) for each in told):
            raise TypeError("hooks are a list of Hooks: hooks=[Hooks(on_retry=print)]")
        self._on_request = [each.on_request for each in told if each.on_request is not None]
        self._on_response = [each.on_response for each in told if each.on_response is not None]
        self._on_retry = [each.on_retry for each in told if each.on_retry is not None]
        self._on_refresh = [each.on_refresh for each in told if each.on_refresh is not None]
        self._on_limit = [each.on_limit for each in told if each.on_limit is not None]
        self._observed = any(each.on_request or each.on_response for each in told[1:])
        self._clock = clock
        self._broken: set[int] = set()

    @property
    def observes(self) -> bool:
        """Whether anybody wants to know of requests and answers."""
        return self._observed or CALLS.isEnabledFor(logging.DEBUG)

    async def send(self, transport: Transport, request: Request, operation: str | None, attempt: int) -> Response:
        """Send a request through a transport, and tell of it and of its answer.

        Args:
            transport: What to send it with.
            request: To one of the session's own servers, so its URL names no user.
            operation: Method and path template, where they are known.
            attempt: Which sending of its call it is, from 1.
        """
        sent = RequestEvent(request.method, without_query(request.url), operation, attempt)
        started = self._clock.monotonic()
        try:
            self._tell(self._on_request, sent)
            response = await transport.send(request)
        except BaseException as error:
            self._tell(self._on_response, _unanswered(sent, self._clock.monotonic() - started, error))
            raise
        seconds = self._clock.monotonic() - started
        self._tell(self._on_response, ResponseEvent(sent, seconds, response.status, None, None))
        return response

    def retry(self, event: RetryEvent) -> None:
        """Tell that a call is going to be made again."""
        self._tell(self._on_retry, event)

    def refresh(self, event: RefreshEvent) -> None:
        """Tell that there is another token, or none."""
        self._tell(self._on_refresh, event)

    def limit(self, event: LimitChange) -> None:
        """Tell that a server is sent more, or fewer, requests at a time."""
        self._tell(self._on_limit, event)

    def _tell(self, hooks: Sequence[Callable[[E], object]], event: E) -> None:
        for hook in hooks:
            try:
                hook(event)
            except Exception as error:  # noqa: BLE001 - whatever a hook raises
                self._report(hook, event, error)

    def _report(self, hook: Callable[[E], object], event: E, error: Exception) -> None:
        level = logging.DEBUG if id(hook) in self._broken else logging.ERROR
        self._broken.add(id(hook))
        # As text and unchained: what the error is chained to, its call's own, may be none of ours.
        trace = "".join(format_exception(error, chain=False)).rstrip()
        _log.log(level, "a hook failed on a %s; the call goes on\n%s", type(event).__name__, trace)


def _unanswered(sent: RequestEvent, seconds: float, error: BaseException) -> ResponseEvent:
    ours = error if isinstance(error, PrintAsyncError) else None
    return ResponseEvent(sent, seconds, None, ours, type(error).__name__)


def without_query(url: str) -> str:
    """Return what of the URL of a request to the session's own servers may be shown."""
    return url.partition("?")[0].partition("#")[0]
