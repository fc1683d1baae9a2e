"""Which secrets a recording knows at what time."""

import asyncio
import json

import pytest

from print_async import RecordingTransport
from print_async.secret import Secret
from print_async.testing import StubTransport, json_response, token_response
from print_async.wire import Body, Headers, Request, Response
from tests.print_async.transports.recordings import URL, ask, exchanges, parts


async def test_secrets_of_a_request_are_masked_in_answers(path):
    """What a request declares a secret, by its type or its name, is masked in whatever answer comes, then and later."""
    grant = {"grant_type": "password", "username": "ann", "password": "hunter2-hunter2"}
    quoted = json_response({"hint": "no hunter2-hunter2, x%2Fyz%3Dabcdef, door-code-17 or key-of-headers"}, 400)
    transport = RecordingTransport(StubTransport(otherwise=quoted), path)
    await transport.send(Request("POST", URL + "/token?sig=x%2Fyz%3Dabcdef", body=Body.form(grant)))
    headers = {"X-Thing": Secret("key-of-headers")}
    await transport.send(Request("POST", URL, headers, Body(b"door-code-17", secrets=(Secret("door-code-17"),))))
    await transport.send(Request("GET", URL))
    first, second, third = (each["response"]["body"]["json"]["hint"] for each in exchanges(path))
    assert first == "no secret-1, secret-2, door-code-17 or key-of-headers"
    assert second == third == "no secret-1, secret-2, secret-3 or secret-4"


async def test_secrets_of_a_request_are_known_before_it_is_answered(path):
    """The answer that comes first, to another request, is masked for the secrets of all that are under way."""
    go = asyncio.Event()

    async def late(_):
        await go.wait()
        return Response(200)

    transport = RecordingTransport(StubTransport(late, Response(200, body=b"you are hunter2-hunter2")), path)
    slow = asyncio.create_task(transport.send(Request("GET", URL, {"Authorization": Secret("Bearer hunter2-hunter2")})))
    await asyncio.sleep(0)
    await transport.send(Request("GET", URL))
    go.set()
    await slow
    assert exchanges(path)[0]["response"]["body"] == {"text": "you are secret-1"}


async def test_secrets_of_an_answer_are_masked_around_it(path):
    """A token is masked in the whole exchange that gives it, what stands before it included, and from then on."""
    first = token_response("token-of-ours-1", refresh_token="refresh-of-ours-1")
    first.headers = Headers([("X-Debug", "token-of-ours-1"), *first.headers])
    found = await ask(path, first, Response(200, body=b"<token-of-ours-1>"))
    assert found[0]["response"]["headers"][0] == ["X-Debug", "secret-1"]
    assert found[0]["response"]["body"]["json"]["refresh_token"] == "secret-2"
    assert found[1]["response"]["body"] == {"text": "<secret-1>"}


async def test_secret_behind_its_echo_in_a_stream(path):
    """Of a body that is only known at its end, too, all is masked, also what stands before the name of the secret."""

    async def read(request):
        async for _ in request.body.content():
            pass
        return Response(200)

    body = Body(parts(b'{"note": "hunter2-hunter2", ', b'"password": "hunter2-hunter2"}'), "application/json")
    transport = RecordingTransport(StubTransport(read), path)
    await transport.send(Request("PUT", URL, body=body))
    assert exchanges(path)[0]["request"]["body"] == {"json": {"note": "secret-1", "password": "secret-1"}}


async def test_length_is_that_of_what_is_recorded(path):
    """Where masking changes how long a body is, the recorded Content-Length says how long it is now."""
    plain = json.dumps({"access_token": "x" * 100}).encode()
    headers = Headers([("content-length", str(len(plain))), ("Content-Type", "application/json")])
    (found,) = await ask(path, Response(200, headers, plain))
    length = len(json.dumps({"access_token": "secret-1"}))
    assert found["response"]["headers"][0] == ["content-length", str(length)]


async def test_further_names(path):
    """Names that only the caller knows are those of secrets too."""
    (found,) = await ask(path, json_response({"door": "1", "window": "2"}), secrets=["door"])
    assert found["response"]["body"]["json"] == {"door": "secret-1", "window": "2"}


async def test_lone_name(path):
    """A text instead of several names is refused before a file is made."""
    with pytest.raises(TypeError):
        RecordingTransport(StubTransport(), path, secrets="door")
    assert not path.exists()
