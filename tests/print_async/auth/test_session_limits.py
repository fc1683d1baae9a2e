"""The limits of a session: who waits, what holds a place, and what a server's answers do to it."""

import asyncio

import attrs
import pytest

from print_async import LimitPolicy
from print_async.auth.session import AuthSession
from print_async.telemetry import Hooks
from print_async.testing import StubTransport, VirtualClock, json_response, token_response
from print_async.wire import Request, Response
from tests.print_async.conftest import BASE, StubGrant

GET, STREAM = Request("GET", f"{BASE}/things"), Request("GET", f"{BASE}/things", stream=True)


@attrs.define
class Body:
    """A body on the wire."""

    closed: int = 0

    async def __aiter__(self):
        yield b"one"
        yield b"two"

    async def aclose(self) -> None:
        """Count it."""
        self.closed += 1


@attrs.define
class Server:
    """Answers when it is told to, and counts what is there at a time."""

    go: asyncio.Event = attrs.field(factory=asyncio.Event)
    inside: int = 0
    most: int = 0
    status: int = 200
    connections: int = 3

    async def answer(self, request: Request) -> Response:
        """Answer a request."""
        if request.url.endswith("/token"):
            return token_response("t")
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await self.go.wait()
        finally:
            self.inside -= 1
        return Response(200, stream=Body()) if request.stream else json_response({}, self.status)


class PooledStub(StubTransport):
    """A transport that says how many connections it has."""

    connections = 3


def session(server: Server, transport: type[StubTransport] = StubTransport, **options: object) -> AuthSession:
    """Make a session with that server."""
    options.setdefault("clock", VirtualClock())
    return AuthSession(StubGrant(), origins=[BASE], transport=transport(otherwise=server.answer), **options)


@pytest.mark.parametrize(
    ("options", "most"), [({"limits": LimitPolicy(max_in_flight=5)}, 5), ({"transport": PooledStub}, 2)]
)
async def test_no_more_at_a_time(options, most):
    """No more requests are on their way than the policy says, nor than there are connections, but for one."""
    server = Server()
    async with session(server, **options) as made, asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(made.send(GET))
        for _ in range(50):
            await asyncio.sleep(0)
        assert server.most == most
        server.go.set()
    assert server.most == most


@pytest.mark.parametrize("end", ["read", "close", "leave early"])
async def test_a_body_on_the_wire_holds_a_place(end):
    """An answer that is left on the wire holds its place until it is read, closed, or left."""
    server = Server()
    server.go.set()
    async with session(server, limits=LimitPolicy(max_in_flight=1)) as made:
        answer = await made.send(STREAM)
        waiting = asyncio.create_task(made.send(GET))
        for _ in range(50):
            await asyncio.sleep(0)
        assert not waiting.done()
        if end == "read":
            assert [chunk async for chunk in answer.stream] == [b"one", b"two"]
        elif end == "leave early":
            stream = answer.stream.__aiter__()
            assert await anext(stream) == b"one"
            await stream.aclose()
        await answer.aclose()
        await answer.aclose()
        async with asyncio.timeout(30):
            assert (await waiting).status == 200
        assert (await made.send(GET)).status == 200


async def test_an_error_gives_the_place_back():
    """A request that fails, and one that is cancelled, leave their place to the next."""
    server = Server()
    async with session(server, limits=LimitPolicy(max_in_flight=1)) as made:
        cancelled = asyncio.create_task(made.send(GET))
        for _ in range(50):
            await asyncio.sleep(0)
        cancelled.cancel()
        await asyncio.wait({cancelled})
        server.go.set()
        async with asyncio.timeout(30):
            assert (await made.send(GET)).status == 200


async def test_hooks_are_told_of_limits():
    """A server that refuses gets fewer at a time, and the hooks are told."""
    changes = []
    server = Server(status=429)
    async with session(server, hooks=[Hooks(on_limit=changes.append)]) as made:
        sent = [asyncio.create_task(made.send(GET)) for _ in range(100)]
        for _ in range(50):
            await asyncio.sleep(0)
        await made.clock.advance(0.1)
        server.go.set()
        await asyncio.gather(*sent)
        assert server.most == 100
        server.most, server.status = 0, 200
        server.go.clear()
        sent = [asyncio.create_task(made.send(GET)) for _ in range(100)]
        for _ in range(50):
            await asyncio.sleep(0)
        assert server.most == changes[-1].limit < 100
        server.go.set()
        await asyncio.gather(*sent)
    assert (changes[0].origin, changes[0].previous, changes[0].reason) == ("https://print.example", 100, "429")
