"""A transport without a network."""

import pytest

from print_async.auth.token import Token
from print_async.errors import ClientClosed, ConnectFailed
from print_async.testing import StubTransport, json_response, token_response
from print_async.wire import Request, Response

GET = Request("GET", "https://print.acme.com/a")


async def test_answers_come_in_their_order():
    """Each request gets the next answer: a response, or what a function, plain or async, makes of the request."""

    async def later(request):
        return Response(202, body=request.url.encode())

    stub = StubTransport(Response(200), lambda request: Response(201, body=request.method.encode()), later)
    answers = [await stub.send(GET) for _ in range(3)]
    assert [(answer.status, answer.body) for answer in answers] == [(200, b""), (201, b"GET"), (202, GET.url.encode())]


async def test_an_error_in_the_script_is_raised():
    """An exception among the answers is raised, and the script goes on behind it."""
    stub = StubTransport(ConnectFailed("refused", sent=False), Response(200))
    with pytest.raises(ConnectFailed):
        await stub.send(GET)
    assert (await stub.send(GET)).status == 200


async def test_requests_are_remembered():
    """Every request is kept as it was sent, one that ended in an error included."""
    stub = StubTransport(ConnectFailed("refused"), otherwise=Response(200))
    with pytest.raises(ConnectFailed):
        await stub.send(GET)
    other = Request("DELETE", GET.url)
    await stub.send(other)
    assert stub.requests == [GET, other]


async def test_otherwise_answers_what_is_beyond_the_script():
    """After the last answer `otherwise` goes on for ever."""
    stub = StubTransport(Response(500), otherwise=lambda _: Response(200))
    assert [(await stub.send(GET)).status for _ in range(4)] == [500, 200, 200, 200]


async def test_a_request_too_many_fails_the_test():
    """Beyond the script, without `otherwise`, a request is an `AssertionError` that names it."""
    with pytest.raises(AssertionError, match=r"a request too many: .*https://print\.acme\.com/a"):
        await StubTransport().send(GET)


async def test_a_closed_stub_refuses():
    """After `aclose` a request is `ClientClosed`, as with any transport."""
    stub = StubTransport(Response(200))
    await stub.aclose()
    await stub.aclose()
    with pytest.raises(ClientClosed):
        await stub.send(GET)
    assert (stub.closed, stub.requests) == (True, [])


def test_json_responses_read_back():
    """`json_response` has the status, the headers and a body that decodes to the same."""
    answer = json_response({"users": [1, None]}, 429, {"Retry-After": "3"})
    assert (answer.status, answer.json()) == (429, {"users": [1, None]})
    assert (answer.headers.get("content-type"), answer.headers.get("retry-after")) == ("application/json", "3")


def test_token_responses_are_tokens():
    """`token_response` is what the session reads a token from; what is not given is not in it."""
    full = token_response("a", expires_in="60", refresh_token="r", scope="users printers")
    token = Token.parse(full.json(), issued_at=0.0, generation=1)
    assert (token.access_token, token.refresh_token, token.expires_in) == ("a", "r", 60.0)
    assert token.scope == {"users", "printers"}
    assert token_response("a").json() == {"access_token": "a", "token_type": "Bearer", "expires_in": 3600}
