"""One logical call: what is sent, how often, with which token, and what the error says in the end."""

import asyncio

import attrs
import pytest

from print_async.auth.needs import Needs
from print_async.auth.token import TokenKind
from print_async.errors import (
    CertificateRejected,
    ConnectFailed,
    ConnectionLost,
    ForeignOrigin,
    InsufficientScope,
    NotFound,
    RateLimited,
    ServerError,
    StatusError,
    Unauthorized,
    WrongTokenKind,
)
from print_async.retry import RetryPolicy
from print_async.secret import Secret
from print_async.testing import StubTransport, VirtualClock, json_response
from print_async.wire import Body, Headers, Request, Response

URL = "https://print.example/api/users/7?pin=hunter2"
GET, POST = Request("GET", URL), Request("POST", URL, body=Body.json({"x": 1}))
OK = json_response({"ok": True})


def failing(status: int, said: object = None, **headers: str) -> Response:
    """Make an error answer."""
    return json_response(said, status, {name.replace("_", "-"): value for name, value in headers.items()})


async def test_success(rig):
    """A success comes back as it is, after one request with the token."""
    made = rig(OK)

    assert await made.caller.send(GET, idempotent=True) is OK
    assert made.tokens() == ["Bearer token-1"]
    assert (made.caller.statistics.calls, made.caller.statistics.retries, made.clock.slept) == (1, 0, [])


@pytest.mark.parametrize(
    ("failure", "idempotent", "sent"),
    [
        (ConnectFailed("refused", sent=False), False, 2),
        (ConnectFailed("refused", sent=False), True, 2),
        (CertificateRejected("expired"), True, 1),
        (ConnectionLost("reset"), True, 2),
        (ConnectionLost("reset"), False, 1),
        (failing(429), False, 2),
        (failing(503), True, 2),
        (failing(503), False, 1),
        (failing(500), True, 1),
        (failing(404), True, 1),
        (failing(302, Location="https://evil.example/"), True, 1),
    ],
)
async def test_sent_again_where_safe(rig, failure, idempotent, sent):
    """A call is sent again exactly where nothing can be done twice; the statistics count it."""
    made = rig(failure, OK)
    try:
        assert await made.caller.send(POST, idempotent=idempotent) is OK
    except (StatusError, ConnectFailed, ConnectionLost) as error:
        assert (sent, error.retryable) == (1, False)  # noqa: PT017 - whether it is raised is the question

    assert len(made.calls) == sent
    assert {call.body.content for call in made.calls} == {b'{"x":1}'}
    assert made.caller.statistics.retries == sent - 1


@pytest.mark.parametrize("attempts", [1, 2, 5])
async def test_gives_up(rig, attempts):
    """After the last attempt the error is raised as it came, and says that the call may be made again."""
    made = rig(*[failing(503)] * attempts, retry=RetryPolicy(attempts=attempts, base=1, cap=4))
    with pytest.raises(ServerError) as failed:
        await made.caller.send(GET, idempotent=True)

    assert failed.value.retryable is True
    assert len(made.calls) == attempts
    assert made.clock.slept == [1.0, 2.0, 4.0, 4.0][: attempts - 1]
    assert made.caller.statistics.retries == attempts - 1


async def test_sleeps_on_the_clock(rig):
    """Nothing is sent before the time that the server asked for has passed on the clock."""
    made = rig(failing(429, Retry_After="30"), OK, clock=VirtualClock())
    call = asyncio.ensure_future(made.caller.send(POST, idempotent=False))

    await made.clock.advance(29.9)
    assert len(made.calls) == 1
    await made.clock.advance(0.1)
    assert len(made.calls) == 2
    assert await call is OK


async def test_cancelled_while_waiting(rig):
    """A call that is cancelled between two attempts sends nothing more."""
    made = rig(failing(503), OK, clock=VirtualClock())
    call = asyncio.ensure_future(made.caller.send(GET, idempotent=True))
    await made.clock.settle()
    call.cancel()
    await made.clock.advance(1000)

    assert call.cancelled()
    assert len(made.calls) == 1


@pytest.mark.parametrize("failure", [ConnectFailed("refused", sent=False), failing(429), failing(503), failing(401)])
async def test_body_that_cannot_be_replayed(rig, failure):
    """A body that cannot be sent a second time is not, whatever the failure."""
    made = rig(failure, OK)
    body = Body(lambda: None, replayable=False)
    with pytest.raises((StatusError, ConnectFailed)):
        await made.caller.send(Request("PUT", URL, body=body), idempotent=True)

    assert len(made.calls) == 1


async def test_token_of_each_attempt(rig):
    """Each attempt carries the token that is good then, not the one of the first attempt."""
    made = rig(failing(503, Retry_After="100"), failing(503), OK, expires_in=100)
    await made.caller.send(GET, idempotent=True)

    assert made.tokens() == ["Bearer token-1", "Bearer token-2", "Bearer token-2"]
    assert "Authorization" not in GET.headers


async def test_refused_token(rig):
    """A 401 gets a new token and one more try, which is no retry; a second 401 is the answer."""
    made = rig(failing(401), OK)
    assert await made.caller.send(POST, idempotent=False) is OK
    assert made.tokens() == ["Bearer token-1", "Bearer token-2"]
    assert made.caller.statistics.retries == 0

    made = rig(failing(401), failing(401))
    with pytest.raises(Unauthorized):
        await made.caller.send(POST, idempotent=False)
    assert (made.caller.statistics.retries, len(made.calls)) == (0, 2)


async def test_facts(rig):
    """The error has every fact of the answer, the path without its query, and a text that says them."""
    said = {"code": 1234, "message": "no such user", "data": {"id": 7}}
    made = rig(failing(404, said, X_Request_Id="r-1", Retry_After="5"))
    with pytest.raises(NotFound) as failed:
        await made.caller.send(GET, idempotent=True)
    error = failed.value

    assert (error.status, error.code, error.message, error.data) == (404, 1234, "no such user", {"id": 7})
    assert (error.method, error.path, error.request_id) == ("GET", "/api/users/7", "r-1")
    assert (error.retry_after, error.retryable, error.cursor) == (5.0, False, None)
    assert str(error) == "GET /api/users/7 was answered 404 (code 1234): no such user"
    assert "hunter2" not in f"{error!r} {vars(error)}"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (b'{"code": 429, "message": "slow down"}', "GET /api/users/7 was answered 429: slow down"),
        (b'{"code": "busy"}', "GET /api/users/7 was answered 429 (code busy)"),
        (b"", "GET /api/users/7 was answered 429"),
        (b"<html>", "GET /api/users/7 was answered 429"),
        (b"[" * 100_000, "GET /api/users/7 was answered 429"),
    ],
)
async def test_what_the_body_says(rig, said, text):
    """A code is told where it is another than the status; a body that says nothing, or is no JSON, does no harm."""
    made = rig(Response(429, Headers(), said), retry=RetryPolicy(attempts=1))
    with pytest.raises(RateLimited) as failed:
        await made.caller.send(GET, idempotent=True)

    assert str(failed.value) == text
    assert failed.value.retryable is True


@pytest.mark.parametrize(("idempotent", "retryable"), [(True, True), (False, False)])
async def test_retryable_depends_on_the_call(rig, idempotent, retryable):
    """The same failure may be retried by the caller only where the call is idempotent."""
    for failure, kind in ((ConnectionLost("reset"), ConnectionLost), (failing(502), ServerError)):
        made = rig(failure, retry=RetryPolicy(attempts=1))
        with pytest.raises(kind) as failed:
            await made.caller.send(GET, idempotent=idempotent)
        assert failed.value.retryable is retryable


async def test_connection_is_given_back(rig):
    """The answer to a failed attempt gives its connection back before the pause."""
    log = []

    class Stream:
        async def __aiter__(self):
            yield b"busy"

        async def aclose(self):
            log.append("closed")

    class Clock(VirtualClock):
        async def sleep(self, seconds):
            log.append("slept")

    made = rig(Response(503, stream=Stream()), OK, clock=Clock())
    await made.caller.send(Request("GET", URL, stream=True), idempotent=True)

    assert log == ["closed", "slept"]


@attrs.frozen
class Login:
    user: str
    pin: Secret


@pytest.mark.parametrize("quoted", ['s3"cret', "s3%22cret"])
async def test_a_server_that_quotes_the_request(rig, quoted):
    """A secret in the request, at any depth, is masked where the server's error quotes it, as text or encoded."""
    made = rig(failing(400, {"message": f"bad pin {quoted}", "data": [{"pin": 's3"cret'}]}))
    body = Body.json({"logins": [Login("ann", Secret('s3"cret'))]})
    with pytest.raises(StatusError) as failed:
        await made.caller.send(Request("POST", URL, body=body), idempotent=False)

    assert "cret" not in f"{failed.value}{failed.value.message}{failed.value.data!r}"
    assert "ann" not in repr(body)


@pytest.mark.parametrize("broken", [False, True])
async def test_failure_of_a_streamed_call(rig, broken):
    """The error of a call whose answer was to be streamed says what the server said, if that could be read."""

    class Stream:
        async def __aiter__(self):
            yield b'{"message": "no such job"}'
            if broken:
                raise ConnectionLost("reset")

        async def aclose(self):
            pass

    made = rig(Response(404, stream=Stream()))
    with pytest.raises(NotFound, match="no such job"):
        await made.caller.send(Request("GET", URL, stream=True), idempotent=True)


async def test_failure_that_never_ends(rig):
    """Of an endless answer to a streamed call, no more is read than an error message needs."""
    read = 0

    class Stream:
        async def __aiter__(self):
            nonlocal read
            while True:
                read += 1000
                yield b"x" * 1000

        async def aclose(self):
            pass

    made = rig(Response(404, stream=Stream()))
    with pytest.raises(NotFound):
        await made.caller.send(Request("GET", URL, stream=True), idempotent=True)
    assert read < 100_000


@pytest.mark.parametrize(
    ("url", "needs", "refusal"),
    [
        (URL, Needs("GET /x", kinds=frozenset({TokenKind.USER})), WrongTokenKind),
        (URL, Needs("GET /x", scopes=frozenset({"printers"})), InsufficientScope),
        ("https://evil.example/api/users/7", None, ForeignOrigin),
        ("http://print.example/api/users/7", None, ForeignOrigin),
    ],
)
async def test_refused_before_any_io(rig, url, needs, refusal):
    """What the token is known not to do, and other servers, are refused before even a token is fetched."""
    made = rig(OK, requested_scope=frozenset({"users"}))
    with pytest.raises(refusal, match="Nothing was sent"):
        await made.caller.send(Request("GET", url), idempotent=True, needs=needs)

    assert made.transport.requests == []


async def test_token_endpoint_out_of_reach(rig):
    """A sign-in that could not be sent is tried again like any call that was not, and the API is asked once."""
    made = rig(OK)
    route, failures = made.transport._otherwise, [ConnectFailed("refused", sent=False)]
    made.transport._otherwise = None
    made.transport._answers = [failures[0], *[route] * 2]

    assert await made.caller.send(POST, idempotent=False) is OK
    assert len(made.calls) == 1
    assert made.caller.statistics.retries > 0


async def test_statistics_of_several_callers(rig):
    """Calls are counted whether they succeed or not."""
    made = rig(OK, failing(404), failing(503), OK)
    await made.caller.send(GET, idempotent=True)
    with pytest.raises(NotFound):
        await made.caller.send(GET, idempotent=True)
    await made.caller.send(GET, idempotent=True)

    assert (made.caller.statistics.calls, made.caller.statistics.retries) == (3, 1)


def test_stub_is_strict():
    """The script under these tests fails on a request too many."""
    with pytest.raises(AssertionError, match="too many"):
        asyncio.run(StubTransport().send(GET))
