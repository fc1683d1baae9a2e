"""Metrics of OpenTelemetry: those of its conventions for HTTP, and ours."""

import asyncio
import subprocess
import sys

import pytest

from print_async.auth.needs import Needs
from print_async.errors import ConnectionLost, LoginRequired
from print_async.telemetry import LimitChange
from print_async.telemetry.opentelemetry import opentelemetry_hooks
from print_async.testing import VirtualClock, json_response
from print_async.wire import Request, Response
from tests.print_async.auth.conftest import FakeGrant, World

GET = Request("GET", "https://print.example/api/v3/users/7?pin=1")
NEEDS = Needs("GET /v3/users/{user_id}")
OK = json_response({})
DURATION, ACTIVE = "http.client.request.duration", "http.client.active_requests"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)


async def test_durations(rig, otel):
    """Each request counts with its seconds, by method, template, server and outcome, in the conventions' buckets."""
    made = rig(hooks=[otel.hooks], clock=VirtualClock())
    await made.session.token()

    async def slow(request):
        await made.clock.sleep(3)
        return OK

    made.transport._otherwise = slow
    call = asyncio.ensure_future(made.caller.send(GET, idempotent=True, needs=NEEDS))
    await made.clock.advance(3)
    await call

    metric = otel.metric(DURATION)
    (point,) = metric.data.data_points
    assert (metric.unit, point.count, point.sum, tuple(point.explicit_bounds)) == ("s", 1, 3, BUCKETS)
    assert dict(point.attributes) == {
        "http.request.method": "GET",
        "url.template": "/v3/users/{user_id}",
        "server.address": "print.example",
        "server.port": 443,
        "http.response.status_code": 200,
    }


async def test_outcomes(rig, otel):
    """Answers, errors and retries are told apart by status and error type."""
    answers = [OK, Response(401), OK, Response(503), ConnectionLost("cut"), OK]
    made = rig(*answers, hooks=[otel.hooks])
    for _ in range(3):
        await made.caller.send(GET, idempotent=True)

    assert otel.points(DURATION, "http.response.status_code", "error.type") == {
        (200, None): 3,
        (401, "401"): 1,
        (503, "503"): 1,
        (None, "ConnectionLost"): 1,
    }
    assert otel.points("print_async.retries", "error.type") == {"503": 1, "ConnectionLost": 1}
    (point, *_) = otel.metric("print_async.retries").data.data_points
    assert set(point.attributes) == {"http.request.method", "server.address", "server.port", "error.type"}


async def test_requests_in_flight(rig, otel):
    """Requests in flight are counted up and down, also where a call is cancelled or fails."""
    gate = asyncio.Event()

    async def wait(request):
        await gate.wait()
        return OK

    made = rig(*[wait] * 6, hooks=[otel.hooks], clock=VirtualClock())
    calls = [asyncio.ensure_future(made.caller.send(GET, idempotent=True, needs=NEEDS)) for _ in range(6)]
    await made.clock.settle()
    assert otel.points(ACTIVE, "url.template", "server.address") == {("/v3/users/{user_id}", "print.example"): 6}

    for call in calls[:2]:
        call.cancel()
    await made.clock.settle()
    assert list(otel.points(ACTIVE).values()) == [4]

    gate.set()
    await asyncio.wait(calls)
    made.transport._otherwise = ConnectionLost("cut")
    with pytest.raises(ConnectionLost):
        await made.caller.send(GET, idempotent=False, needs=NEEDS)
    assert list(otel.points(ACTIVE).values()) == [0]
    assert otel.points(DURATION, "error.type") == {"CancelledError": 2, None: 4, "ConnectionLost": 1}


async def test_refreshes(otel):
    """Tokens are counted by where they are from, failures by why."""
    world = World()
    session = world.session(grant=FakeGrant(), hooks=[otel.hooks])
    session.invalidate((await session.token()).generation)
    await session.token()
    refused = world.session(grant=FakeGrant(identity="other"), hooks=[otel.hooks])
    world.server.otherwise = json_response({"error": "invalid_grant"}, 400)
    with pytest.raises(LoginRequired):
        await refused.token()
    await world.aclose()

    assert otel.points("print_async.refreshes", "print_async.refresh.outcome", "error.type") == {
        ("sign-in", None): 1,
        ("refresh", None): 1,
        ("failed", "LoginRequired"): 1,
    }


def test_limits(otel):
    """The limit of each server is what it was set to last."""
    for origin, limit in (("https://a.example", 8), ("https://b.example:8443", 16), ("https://a.example", 9)):
        otel.hooks.on_limit(LimitChange(origin, limit, 1, 1, "room for more"))

    assert otel.points("print_async.limit", "server.address", "server.port") == {
        ("a.example", 443): 9,
        ("b.example", 8443): 16,
    }


async def test_names_and_units(rig, otel):
    """Every metric has a unit in UCUM and a description."""
    made = rig(Response(503), OK, hooks=[otel.hooks])
    await made.caller.send(GET, idempotent=True)
    otel.hooks.on_limit(LimitChange("https://print.example", 1, 2, 1, "429"))

    assert {metric.name: metric.unit for metric in otel._metrics()} == {
        DURATION: "s",
        ACTIVE: "{request}",
        "print_async.retries": "{retry}",
        "print_async.refreshes": "{refresh}",
        "print_async.limit": "{request}",
    }
    assert all(metric.description for metric in otel._metrics())


LATER = """
import asyncio
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from print_async import opentelemetry_hooks
from print_async.telemetry import RequestEvent, ResponseEvent

hooks = opentelemetry_hooks()
exporter, reader, tracers = InMemorySpanExporter(), InMemoryMetricReader(), TracerProvider()
tracers.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(tracers)
metrics.set_meter_provider(MeterProvider([reader]))
sent = RequestEvent("GET", "https://print.example/x", None, 1)
hooks.on_request(sent)
hooks.on_response(ResponseEvent(sent, 1.0, 200, None, None))
(scope,) = reader.get_metrics_data().resource_metrics[0].scope_metrics
print(len(exporter.get_finished_spans()), len(scope.metrics))
"""


def test_providers_that_are_set_later():
    """Hooks that were made before the program has set up OpenTelemetry tell it what happens afterwards."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", LATER], capture_output=True, text=True, check=False)

    assert done.stdout.split() == ["1", "2"], done.stderr


def test_without_the_extra(monkeypatch):
    """Without OpenTelemetry the error names what to install."""
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(ImportError, match=r"install print-async\[opentelemetry\]") as failed:
        opentelemetry_hooks()

    assert failed.value.name == "opentelemetry"
