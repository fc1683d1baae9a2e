"""Events as spans and metrics of OpenTelemetry. Imported where somebody asks for them: OpenTelemetry is an extra."""

from weakref import WeakKeyDictionary

from opentelemetry.metrics import Meter
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer

from print_async.errors import StatusError
from print_async.origin import Origin
from print_async.telemetry.events import LimitChange, RefreshEvent, RequestEvent, ResponseEvent, RetryEvent

Attributes = dict[str, str | int]

_METHODS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"})
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
"""Seconds, as the conventions want them (semconv, http-metrics)."""


class Recorder:
    """Keeps the spans of the requests in flight, and counts."""

    def __init__(self, tracer: Tracer, meter: Meter) -> None:
        self._tracer = tracer
        # By the event itself, and weakly: a span whose answer is never told of, for want of the hook, is dropped.
        self._open: WeakKeyDictionary[RequestEvent, tuple[Span, Attributes]] = WeakKeyDictionary()
        self._duration = meter.create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=_BUCKETS,
        )
        self._active = meter.create_up_down_counter(
            "http.client.active_requests", unit="{request}", description="Number of active HTTP requests."
        )
        self._retries = meter.create_counter(
            "print_async.retries", unit="{retry}", description="Calls that were made again."
        )
        self._refreshes = meter.create_counter(
            "print_async.refreshes", unit="{refresh}", description="Tokens, and attempts to get one, by outcome."
        )
        self._limit = meter.create_gauge(
            "print_async.limit", unit="{request}", description="How many requests a server gets at a time."
        )

    def on_request(self, event: RequestEvent) -> None:
        """Begin a span, as a child of the current one."""
        common = _attributes(event)
        details: Attributes = {"url.full": event.url}
        if event.method not in _METHODS:
            details["http.request.method_original"] = event.method
        if event.attempt > 1:
            details["http.request.resend_count"] = event.attempt - 1
        span = self._tracer.start_span(_name(common), kind=SpanKind.CLIENT, attributes={**common, **details})
        self._open[event] = span, common
        self._active.add(1, common)

    def on_response(self, event: ResponseEvent) -> None:
        """End the span of a request."""
        begun = self._open.pop(event.request, None)
        if begun is None:
            return
        span, common = begun
        self._active.add(-1, common)
        outcome: Attributes = {}
        if event.status is not None:
            outcome["http.response.status_code"] = event.status
        failure = event.failure or (str(event.status) if event.status is not None and event.status >= 400 else None)
        if failure is not None:
            outcome["error.type"] = failure
            span.set_status(Status(StatusCode.ERROR, None if event.error is None else str(event.error)))
        span.set_attributes(outcome)
        self._duration.record(event.seconds, {**common, **outcome})
        span.end()

    def on_retry(self, event: RetryEvent) -> None:
        """Count a retry."""
        error = event.error
        why = str(error.status) if isinstance(error, StatusError) else type(error).__name__
        self._retries.add(1, {**_attributes(event), "error.type": why})

    def on_refresh(self, event: RefreshEvent) -> None:
        """Count a token, or a failure to get one."""
        outcome: Attributes = {"print_async.refresh.outcome": event.outcome}
        if event.error is not None:
            outcome["error.type"] = type(event.error).__name__
        self._refreshes.add(1, outcome)

    def on_limit(self, event: LimitChange) -> None:
        """Set the limit of a server."""
        self._limit.set(event.limit, _server(event.origin))


def _attributes(event: RequestEvent | RetryEvent) -> Attributes:
    """Return what spans and metrics have in common, all of it of few values."""
    found: Attributes = {"http.request.method": event.method if event.method in _METHODS else "_OTHER"}
    if event.operation is not None:
        found["url.template"] = event.operation.partition(" ")[2]
    return found | _server(event.url)


def _server(url: str) -> Attributes:
    origin = Origin.of(url)
    return {"server.address": origin.host, "server.port": origin.port}


def _name(common: Attributes) -> str:
    method = common["http.request.method"]
    template = common.get("url.template")
    return " ".join(str(part) for part in ("HTTP" if method == "_OTHER" else method, template) if part)
