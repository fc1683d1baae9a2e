"""Requests with the token: where they may go, and what they need."""

import pytest

from print_async.auth.needs import Needs
from print_async.auth.token import TokenKind
from print_async.errors import (
    ConnectionLost,
    ForeignOrigin,
    InsufficientScope,
    WrongTokenKind,
)
from print_async.testing import token_response
from print_async.wire import Request, Response

GET = Request("GET", "https://print.example/v1/users?page=2", {"Accept": "application/json"})


async def test_carries_the_token(world):
    """A request goes out as it is, with the token added, and the original is not touched."""
    response = await world.session().send(GET)
    (sent,) = world.server.api_requests
    assert response.status == 200
    assert (sent.method, sent.url, sent.body, sent.stream) == (GET.method, GET.url, None, False)
    assert dict(sent.headers) == {"Accept": "application/json", "Authorization": "Bearer token-1"}
    assert "Authorization" not in GET.headers


@pytest.mark.parametrize("status", [200, 302, 403, 404, 429, 500])
async def test_other_answers_are_returned(world, status):
    """Any answer but 401 is the caller's, and says nothing about the token."""
    world.server.api = lambda _: Response(status)
    assert (await world.session().send(GET)).status == status
    assert (len(world.server.api_requests), world.server.asked) == (1, 1)


async def test_transport_error_is_the_callers(world):
    """A failure on the wire goes through, and nothing is sent again."""

    def cut(request):
        raise ConnectionLost("cut")

    world.server.api = cut
    with pytest.raises(ConnectionLost):
        await world.session().send(GET)
    assert (len(world.server.api_requests), world.server.asked) == (1, 1)


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example/x",
        "https://print.example:8443/x",
        "http://print.example/x",
        "http://print.example:443/x",
        "https://print.example.evil/x",
        "https://print.example.:443/x",
        "https://print.exampl/x",
        "https://print.example@evil.example/x",
        "https://print.example:443@evil.example/x",
        "https://ann:planted@print.example/x",
        "https://print.example\\@evil.example/x",
        "https://evil.example/https://print.example/",
        "https://evil.example/?https://print.example/",
        "ftp://print.example/x",
    ],
)
async def test_foreign_origin(world, url):
    """A request to anything but the session's own servers is refused before any I/O, and its secrets are not shown."""
    with pytest.raises(ForeignOrigin) as caught:
        await world.session().send(Request("GET", f"{url}?signature=planted"))
    assert (world.server.asked, world.server.api_requests) == (0, [])
    assert "planted" not in str(caught.value)


@pytest.mark.parametrize("url", ["//print.example/x", "/x", "", "print.example"])
async def test_not_absolute(world, url):
    """A URL that names no server is refused before any I/O."""
    with pytest.raises((ForeignOrigin, ValueError)):
        await world.session().send(Request("GET", url))
    assert (world.server.asked, world.server.api_requests) == (0, [])


@pytest.mark.parametrize(
    "url", ["https://print.example/x", "https://PRINT.example:443/x", "https://print.example?x=1", "http://localhost/x"]
)
async def test_own_origins(world, url):
    """Each of the session's servers gets the token, however its address is written."""
    assert (
        await world.session(origins=["https://print.example", "http://localhost"]).send(Request("GET", url))
    ).status == 200


@pytest.mark.parametrize(
    ("needs", "error"),
    [
        (Needs("GET /users", frozenset({"users"})), InsufficientScope),
        (Needs("GET /users", kinds=frozenset({TokenKind.CLIENT})), WrongTokenKind),
    ],
)
async def test_needs_known_before_any_request(world, fake_grant, needs, error):
    """What the grant is known not to give is an error before even a token is asked for."""
    session = world.session(grant=fake_grant(requested_scope=frozenset({"read"})))
    with pytest.raises(error):
        await session.send(GET, needs)
    assert (world.server.asked, world.server.api_requests) == (0, [])


async def test_needs_known_from_the_token(world, fake_grant):
    """A scope that was asked for and not granted is an error before the API sees the request."""
    world.server.script = [token_response("a", scope="read")]
    session = world.session(grant=fake_grant(requested_scope=frozenset({"read", "users"})))
    with pytest.raises(InsufficientScope) as caught:
        await session.send(GET, Needs("GET /users", frozenset({"read", "users"})))
    assert caught.value.missing == {"users"}
    assert (world.server.asked, world.server.api_requests) == (1, [])


@pytest.mark.parametrize("scope", [None, "", "users read"])
async def test_needs_met_or_unknown(world, scope):
    """Where scopes suffice, or neither the grant nor the server says which there are, the request is sent."""
    world.server.script = [token_response("a", scope=scope)]
    assert (await world.session().send(GET, Needs("GET /users", frozenset({"users"})))).status == 200
