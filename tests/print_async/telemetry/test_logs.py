"""The log: which level, what text, which facts, and no secret."""

import json
import logging

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.auth.needs import Needs
from print_async.clock import SystemClock
from print_async.errors import ConnectionLost, LoginRequired, PrintAsyncError, ServerError, TokenRequestFailed
from print_async.telemetry import Hooks, LimitChange, RefreshEvent, RequestEvent, ResponseEvent, RetryEvent, logs
from print_async.telemetry.logs import LOG
from print_async.telemetry.teller import Teller
from print_async.testing import StubTransport, json_response
from print_async.wire import Body, Request, Response
from tests.print_async.auth.conftest import FakeGrant, World

REQUEST = RequestEvent("GET", "https://print.example/api/users/7", "GET /users/{user_id}", 2)
LOST = ConnectionLost("cut")
TOKEN = RefreshEvent("refresh", 0.25, 7, None, True)
NO_TOKEN = RefreshEvent("failed", 0.5, None, LoginRequired("sign in"), False)
LATE = RefreshEvent("failed", 0.5, None, LoginRequired("sign in"), True)
FEWER = LimitChange("https://print.example", 8, 64, 60, "429")
MORE = LimitChange("https://print.example", 9, 8, 8, "room for more")

EVENTS = [
    (REQUEST, "call", logging.DEBUG, "GET https://print.example/api/users/7"),
    (
        ResponseEvent(REQUEST, 1.5, 200, None, None),
        "call",
        logging.DEBUG,
        "GET https://print.example/api/users/7: 200 after 1.500 s",
    ),
    (
        ResponseEvent(REQUEST, 0.02, None, LOST, "ConnectionLost"),
        "call",
        logging.DEBUG,
        "GET https://print.example/api/users/7: ConnectionLost after 0.020 s",
    ),
    (
        RetryEvent("GET", REQUEST.url, None, 1, 0.5, ServerError("it was answered 503", status=503)),
        "call",
        logging.INFO,
        "GET https://print.example/api/users/7 is tried again in 0.500 s: it was answered 503",
    ),
    (TOKEN, "auth", logging.DEBUG, "token of generation 7, by refresh, after 0.250 s"),
    (LATE, "auth", logging.WARNING, "no new token after 0.500 s: sign in"),
    (NO_TOKEN, "auth", logging.DEBUG, "no new token after 0.500 s: sign in"),
    (FEWER, "limits", logging.INFO, "https://print.example gets 8 requests at a time, 64 before: 429"),
    (MORE, "limits", logging.DEBUG, "https://print.example gets 9 requests at a time, 8 before: room for more"),
]
HOOK_OF = {
    RequestEvent: LOG.on_request,
    ResponseEvent: LOG.on_response,
    RetryEvent: LOG.on_retry,
    RefreshEvent: LOG.on_refresh,
    LimitChange: LOG.on_limit,
}


def tell(event: object) -> None:
    """Log an event."""
    HOOK_OF[type(event)](event)


@pytest.mark.parametrize(("event", "logger", "level", "text"), EVENTS)
def test_level_and_text(caplog, event, logger, level, text):
    """Each event is one record, at its level, on its logger, in one line that says what happened."""
    caplog.set_level(logging.DEBUG, "print_async")
    tell(event)

    assert caplog.record_tuples == [(f"print_async.{logger}", level, text)]


@pytest.mark.parametrize(
    ("event", "facts"),
    [
        (
            REQUEST,
            {
                "event": "request",
                "method": "GET",
                "url": "https://print.example/api/users/7",
                "operation": "GET /users/{user_id}",
                "attempt": 2,
            },
        ),
        (
            ResponseEvent(REQUEST, 0.5, None, LOST, "ConnectionLost"),
            {
                "event": "response",
                "method": "GET",
                "url": "https://print.example/api/users/7",
                "operation": "GET /users/{user_id}",
                "attempt": 2,
                "seconds": 0.5,
                "status": None,
                "error": "ConnectionLost",
                "failure": "ConnectionLost",
            },
        ),
        (
            NO_TOKEN,
            {
                "event": "refresh",
                "outcome": "failed",
                "seconds": 0.5,
                "generation": None,
                "error": "LoginRequired",
                "usable": False,
            },
        ),
        (
            FEWER,
            {
                "event": "limit",
                "origin": "https://print.example",
                "limit": 8,
                "previous": 64,
                "in_flight": 60,
                "reason": "429",
            },
        ),
    ],
)
def test_facts(caplog, event, facts):
    """A record has what its event has, an answer also what its request has; an error by the name of its class."""
    caplog.set_level(logging.DEBUG, "print_async")
    tell(event)

    assert caplog.records[0].print_async == facts


texts, seconds, counts = st.text(), st.floats(0, 1e9), st.integers(0, 1_000_000)
errors = st.sampled_from([PrintAsyncError("x"), LOST, ServerError("y", status=503), TokenRequestFailed("z")])
failures = st.sampled_from([TokenRequestFailed("z"), LoginRequired("w")])
requests = st.builds(RequestEvent, texts, texts, st.none() | texts, counts)
events = st.one_of(
    requests,
    st.builds(ResponseEvent, requests, seconds, st.none() | counts, st.none() | errors, st.none() | texts),
    st.builds(RetryEvent, texts, texts, st.none() | texts, counts, seconds, errors),
    st.builds(RefreshEvent, st.sampled_from(["sign-in", "store"]), seconds, counts, st.none(), st.just(True)),
    st.builds(RefreshEvent, st.just("failed"), seconds, st.none(), failures, st.booleans()),
    st.builds(LimitChange, texts, counts, counts, counts, texts),
)


class Collector(logging.Handler):
    """Keeps the records, and formats each as a real handler would."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Format and keep."""
        self.format(record)
        self.records.append(record)


@given(events, st.sampled_from([logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR]))
def test_any_event_at_any_level(event, level):
    """Whatever an event has, its record is written where its level says so, and its facts can be written as JSON."""
    parent, collector = logging.getLogger("print_async"), Collector()
    before = parent.level
    parent.addHandler(collector)
    parent.setLevel(level)
    try:
        tell(event)
    finally:
        parent.removeHandler(collector)
        parent.setLevel(before)

    unnoticed = isinstance(event, RefreshEvent) and event.error is not None and event.usable
    slower = isinstance(event, RetryEvent) or (isinstance(event, LimitChange) and event.limit < event.previous)
    wanted = logging.WARNING if unnoticed else logging.INFO if slower else logging.DEBUG
    assert [record.levelno for record in collector.records] == [wanted] * (wanted >= level)
    for record in collector.records:
        assert json.loads(json.dumps(record.print_async, allow_nan=False)).keys() == record.print_async.keys()


@pytest.mark.parametrize(("event", "level"), [(event, level) for event, _, level, _ in EVENTS])
def test_what_is_not_wanted_costs_nothing(caplog, monkeypatch, event, level):
    """Below the level that is set, no facts are gathered."""
    gathered = []
    facts = logs._facts
    monkeypatch.setattr(logs, "_facts", lambda event: gathered.append(event) or facts(event))
    caplog.set_level(level + 1, "print_async")
    tell(event)
    assert gathered == []

    caplog.set_level(level, "print_async")
    tell(event)
    assert gathered[:1] == [event]


async def test_a_long_batch_is_quiet(rig, caplog):
    """With the log as it is by default, retries of a batch say nothing."""
    caplog.set_level(logging.WARNING, "print_async")
    made = rig(*[Response(503), *[json_response({})] * 20] * 10)
    for _ in range(200):
        await made.caller.send(Request("GET", "https://print.example/api/users"), idempotent=True)

    assert (made.caller.statistics.retries, caplog.records) == (10, [])


async def test_a_credential_that_is_about_to_end(caplog):
    """What nobody has been told by an error yet is a warning; from then on that somebody is, it is none."""
    caplog.set_level(logging.WARNING, "print_async")
    world = World()
    session = world.session(grant=FakeGrant(unattended=False))
    await session.token()
    world.server.otherwise = json_response({"error": "invalid_grant"}, 400)
    await world.clock.advance(2800)
    warned = len(caplog.records)
    assert {record.getMessage().split(" after ")[0] for record in caplog.records} == {"no new token"}

    await world.clock.advance(800)
    before = len(caplog.records)
    with pytest.raises(LoginRequired):
        await session.token()
    await world.aclose()
    assert 0 < warned <= before == len(caplog.records)


def shown(record: logging.LogRecord) -> str:
    """Return all that a handler could show of a record."""
    return f"{record.getMessage()} {record.__dict__!r} {json.dumps(record.print_async)}"


async def test_no_secret_in_the_log_nor_in_an_event(rig, heard, caplog):
    """Token, headers, query, fragment and body are in no record and no event, whatever the answer quotes."""
    caplog.set_level(logging.DEBUG, "print_async")
    quoting = json_response({"message": "you sent token-1 and planted-body", "data": "token-1"}, 503)
    made = rig(quoting, Response(401), ConnectionLost("cut"), OSError("planted-body"), hooks=[heard.hooks])
    body = attrs.evolve(Body.json({"pin": "planted-body"}), secrets=("planted-body",))
    url = "https://print.example/api/users?pin=planted-query#planted-fragment"
    request = Request("PUT", url, {"X-Pin": "planted-header"}, body)
    with pytest.raises(OSError, match="planted-body"):
        await made.caller.send(request, idempotent=True, needs=Needs("PUT /users"))

    names = {record.print_async["event"] for record in caplog.records}
    assert names == {"request", "response", "retry", "refresh", "limit"}
    told = [*map(shown, caplog.records), *map(repr, heard.events)]
    told += [repr(vars(event.error)) for event in heard.of(RetryEvent)]
    for secret in ("token-1", "token-2", "planted"):
        assert secret not in " ".join(told)


async def test_requests_are_logged_on_their_way(caplog):
    """With DEBUG on, a request and its answer are in the log also where nobody has a hook."""
    caplog.set_level(logging.DEBUG, "print_async.call")
    teller = Teller([Hooks()], SystemClock())
    assert teller.observes
    await teller.send(StubTransport(Response(204)), Request("GET", "https://print.example/x"), None, 1)

    assert [record.print_async["event"] for record in caplog.records] == ["request", "response"]
