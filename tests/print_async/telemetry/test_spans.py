"""Spans of requests, by OpenTelemetry's HTTP semantic conventions."""

import asyncio

import pytest
from opentelemetry.semconv.attributes import error_attributes, http_attributes, server_attributes, url_attributes
from opentelemetry.trace import SpanKind, StatusCode

from print_async.auth.needs import Needs
from print_async.errors import ConnectionLost, NotFound
from print_async.telemetry import Hooks, RequestEvent, RetryEvent
from print_async.telemetry.opentelemetry import opentelemetry_hooks
from print_async.testing import VirtualClock, json_response
from print_async.wire import Body, Request, Response

URL = "https://print.example/api/v3/users/7"
GET = Request("GET", f"{URL}?pin=planted-query", {"X-Pin": "planted-header"}, Body.json({"pin": "planted-body"}))
NEEDS = Needs("GET /v3/users/{user_id}")
OK = json_response({})

MODULES = (error_attributes, http_attributes, server_attributes, url_attributes)
STABLE = {value for module in MODULES for value in vars(module).values() if isinstance(value, str)}


async def test_an_answered_request(rig, otel):
    """It is a client span named for its operation, without a parent, and with what the conventions want of it."""
    await rig(OK, hooks=[otel.hooks]).caller.send(GET, idempotent=True, needs=NEEDS)

    (span,) = otel.spans
    assert (span.name, span.kind, span.parent) == ("GET /v3/users/{user_id}", SpanKind.CLIENT, None)
    assert dict(span.attributes) == {
        "http.request.method": "GET",
        "url.template": "/v3/users/{user_id}",
        "url.full": URL,
        "server.address": "print.example",
        "server.port": 443,
        "http.response.status_code": 200,
    }
    assert set(span.attributes) - STABLE == {"url.template"}
    assert (span.status.status_code, span.status.description, span.events) == (StatusCode.UNSET, None, ())
    assert span.instrumentation_scope.version


@pytest.mark.parametrize(("status", "failed"), [(204, False), (302, False), (400, True), (404, True), (500, True)])
async def test_status(rig, otel, status, failed):
    """From 400 on an answer is an error, as the conventions have it for clients; its number says why."""
    await rig(Response(status), hooks=[otel.hooks]).session.send(GET)

    (span,) = otel.spans
    assert span.attributes["http.response.status_code"] == status
    assert span.attributes.get("error.type") == (str(status) if failed else None)
    assert span.status.status_code is (StatusCode.ERROR if failed else StatusCode.UNSET)
    assert span.status.description is None


@pytest.mark.parametrize(
    ("failure", "name", "description"),
    [
        (ConnectionLost("it was cut"), "ConnectionLost", "it was cut"),
        (OSError("planted"), "OSError", None),
    ],
)
async def test_no_answer(rig, otel, failure, name, description):
    """Without an answer the span says which error there was instead, and why if the error is ours."""
    with pytest.raises(type(failure)):
        await rig(failure, hooks=[otel.hooks]).session.send(GET)

    (span,) = otel.spans
    assert span.attributes["error.type"] == name
    assert "http.response.status_code" not in span.attributes
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, description)


async def hang(request: Request) -> Response:
    """Never answer."""
    return await asyncio.get_running_loop().create_future()


async def test_a_cancelled_call(rig, otel):
    """A call that is cancelled ends its span then, as an error that is a cancellation."""
    made = rig(hang, hooks=[otel.hooks], clock=VirtualClock())
    call = asyncio.ensure_future(made.caller.send(GET, idempotent=True))
    await made.clock.settle()
    assert (otel.spans, otel.open) == ([], 1)
    call.cancel()
    await made.clock.settle()

    (span,) = otel.spans
    assert span.attributes["error.type"] == "CancelledError"
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, None)
    assert otel.open == 0


async def test_sent_again(rig, otel):
    """Every sending has a span of its own, numbered from the second one on, whatever the reason."""
    answers = [Response(401), Response(503), ConnectionLost("closed", stale=True), OK]
    with otel.tracer.start_as_current_span("mine") as mine:
        await rig(*answers, hooks=[otel.hooks]).caller.send(GET, idempotent=True)

    assert otel.attributes("http.request.resend_count") == [None, 1, 2, 3]
    assert otel.attributes("error.type") == ["401", "503", "ConnectionLost", None]
    assert {span.parent.span_id for span in otel.spans} == {mine.get_span_context().span_id}


async def test_concurrent_calls_have_each_their_parent(rig, otel):
    """A span is a child of the one that was current where its call was made, with many calls at a time."""
    urls = [f"https://print.example/api/{number}" for number in range(30)]
    unseen = set(urls)

    async def limited_at_first(request: Request) -> Response:
        await asyncio.sleep(0)
        first = request.url in unseen
        unseen.discard(request.url)
        return Response(429) if first else OK

    made = rig(*[limited_at_first] * 60, hooks=[otel.hooks])

    async def under(number: int) -> int:
        with otel.tracer.start_as_current_span("mine") as mine:
            requests = [Request("GET", url) for url in urls[number : number + 10]]
            await asyncio.gather(*(made.caller.send(request, idempotent=True) for request in requests))
        return mine.get_span_context().span_id

    parents = await asyncio.gather(*(under(number) for number in (0, 10, 20)))
    wanted = [(url, parents[number // 10], resent) for number, url in enumerate(urls) for resent in (0, 1)]
    seen = [
        (span.attributes["url.full"], span.parent.span_id, span.attributes.get("http.request.resend_count", 0))
        for span in otel.spans
    ]
    assert sorted(seen) == sorted(wanted)
    assert otel.open == 0


async def test_the_span_is_not_left_current(rig, otel):
    """A caller's own current span is the same before, between and after its calls."""
    made = rig(OK, Response(404), hooks=[otel.hooks])
    with otel.tracer.start_as_current_span("mine") as mine:
        await made.caller.send(GET, idempotent=True)
        with pytest.raises(NotFound):
            await made.caller.send(GET, idempotent=True)
        with otel.tracer.start_as_current_span("child") as child:
            assert child.parent.span_id == mine.get_span_context().span_id


async def test_an_answer_left_on_the_wire(rig, otel):
    """The span of an answer whose body is read later ends with its head."""

    class Endless:
        def __aiter__(self):
            return self

        async def __anext__(self):
            return b"x"

        async def aclose(self):
            pass

    request = Request("GET", URL, stream=True)
    response = await rig(Response(200, stream=Endless()), hooks=[otel.hooks]).session.send(request)

    assert (response.stream is None, len(otel.spans), otel.open) == (False, 1, 0)


@pytest.mark.parametrize(
    ("method", "known", "name"), [("GET", "GET", "GET"), ("QUERY", "QUERY", "QUERY"), ("PURGE", "_OTHER", "HTTP")]
)
async def test_without_an_operation(rig, otel, method, known, name):
    """A request that is no known operation is named for its method; one that is none of HTTP's, as the rules say."""
    await rig(OK, hooks=[otel.hooks]).session.send(Request(method, URL))

    (span,) = otel.spans
    assert (span.name, span.attributes["http.request.method"]) == (name, known)
    assert span.attributes.get("http.request.method_original") == (None if method == known else method)
    assert "url.template" not in span.attributes


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://print.example/x", "print.example", 443),
        ("https://print.example:8443/x@y", "print.example", 8443),
        ("http://127.0.0.1:80/x", "127.0.0.1", 80),
        ("https://[::1]:8443/", "::1", 8443),
    ],
)
def test_servers(otel, url, host, port):
    """The server is told by its host and port, the port also where it is the scheme's own."""
    event = RequestEvent("GET", url, None, 1)
    otel.hooks.on_request(event)
    span, _ = otel.hooks.on_request.__self__._open[event]

    assert (span.attributes["server.address"], span.attributes["server.port"]) == (host, port)


def test_a_span_without_an_answer_is_not_kept(otel):
    """Where nobody tells of the answer, since that hook was left out, the span goes with its event."""
    event = RequestEvent("GET", URL, None, 1)
    otel.hooks.on_request(event)
    assert otel.open == 1

    del event
    assert (otel.open, otel.spans) == (0, [])


async def test_no_secret_in_a_span(rig, otel):
    """Token, query, headers and body are in no span, whatever the answer quotes."""
    quoting = json_response({"message": "you sent token-1 and planted-body"}, 503)
    made = rig(quoting, Response(401), OSError("planted"), hooks=[otel.hooks])
    with pytest.raises(OSError, match="planted"):
        await made.caller.send(GET, idempotent=True, needs=NEEDS)

    assert len(otel.spans) == 3
    shown = " ".join([*(span.to_json() for span in otel.spans), otel.reader.get_metrics_data().to_json()])
    assert "planted" not in shown
    assert "token-" not in shown


async def test_beside_other_hooks(rig, otel, heard):
    """OpenTelemetry and hooks of one's own are told of the same."""
    made = rig(Response(503), OK, hooks=[otel.hooks, heard.hooks, Hooks()])
    await made.caller.send(GET, idempotent=True)

    assert (len(otel.spans), len(heard.of(RequestEvent)), len(heard.of(RetryEvent))) == (2, 2, 1)


async def test_with_the_api_alone(rig, caplog):
    """Where no SDK is set up, the hooks do nothing, and nothing goes wrong."""
    made = rig(Response(503), OK, ConnectionLost("cut"), hooks=[opentelemetry_hooks()])
    await made.caller.send(GET, idempotent=True)
    with pytest.raises(ConnectionLost):
        await made.caller.send(GET, idempotent=False)

    assert [record for record in caplog.records if record.name == "print_async.telemetry"] == []
