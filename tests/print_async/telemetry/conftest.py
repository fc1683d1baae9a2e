"""Somebody who listens to everything; and OpenTelemetry in memory."""

from collections.abc import Iterator
from typing import TypeVar

import attrs
import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, Metric
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from print_async.telemetry import Hooks
from print_async.telemetry.opentelemetry import opentelemetry_hooks

T = TypeVar("T")


@attrs.define
class Heard:
    """Every event, in order."""

    events: list[object] = attrs.field(factory=list)

    @property
    def hooks(self) -> Hooks:
        """Hooks that write down all there is."""
        return Hooks(**{field.name: self.events.append for field in attrs.fields(Hooks)})

    def of(self, kind: type[T]) -> list[T]:
        """Return the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def heard() -> Heard:
    """Listen."""
    return Heard()


class Telemetry:
    """OpenTelemetry's SDK with nothing behind it, and our hooks."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.reader = InMemoryMetricReader()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.meters = MeterProvider([self.reader])
        self.tracer = self.tracers.get_tracer("test")
        self.hooks = opentelemetry_hooks(self.tracers, self.meters)

    @property
    def spans(self) -> list[ReadableSpan]:
        """Our spans that have ended, in the order in which they began."""
        ours = [span for span in self.exporter.get_finished_spans() if span.instrumentation_scope.name == "print_async"]
        return sorted(ours, key=lambda span: span.start_time)

    @property
    def open(self) -> int:
        """How many spans are kept for an answer to come."""
        return len(self.hooks.on_request.__self__._open)

    def attributes(self, name: str) -> list[object]:
        """Return one attribute of each span."""
        return [span.attributes.get(name) for span in self.spans]

    def metric(self, name: str) -> Metric:
        """Return a metric."""
        (found,) = (metric for metric in self._metrics() if metric.name == name)
        return found

    def points(self, name: str, *by: str) -> dict[object, object]:
        """Return the values of a metric by attributes, those of a histogram as counts."""
        values = {}
        for point in self.metric(name).data.data_points:
            key = tuple(point.attributes.get(each) for each in by)
            values[key[0] if len(by) == 1 else key] = point.count if hasattr(point, "count") else point.value
        return values

    def _metrics(self) -> Iterator[Metric]:
        told = self.reader.get_metrics_data()
        for resource in told.resource_metrics if told is not None else ():
            for scope in resource.scope_metrics:
                yield from scope.metrics


@pytest.fixture
def otel() -> Iterator[Telemetry]:
    """OpenTelemetry in memory."""
    telemetry = Telemetry()
    yield telemetry
    telemetry.tracers.shutdown()
    telemetry.meters.shutdown()
