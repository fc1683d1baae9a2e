"""When a transport's connections are made, shared, waited for and closed."""

# ruff: noqa: S101 - these are tests

import asyncio
import gc

import pytest

from print_async.errors import ClientClosed, ConnectionLost
from print_async.secret import Secret
from print_async.testing._transports.peers import (
    PATIENCE,
    Certificates,
    Make,
    Peer,
    Rooms,
    Serve,
    answering,
    said,
    serving,
    shown,
    whole,
)
from print_async.wire import Body, Request, Timeouts, Transport

_OK = answering(lambda _: said(b"ok"))


async def _turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def _ended(task: "asyncio.Task[object]") -> object:
    async with asyncio.timeout(PATIENCE):
        return (await asyncio.gather(task, return_exceptions=True))[0]


class Lifetime(Rooms):
    """When a transport's connections are made, shared, waited for and closed."""

    async def test_close_is_idempotent(self, serve: Serve, make: Make) -> None:
        """`aclose` may come before any request, and twice; after it a request is `ClientClosed`."""
        used, unused = make(), make()
        url = await serve(_OK)
        assert (await used.send(Request("GET", url))).body == b"ok"
        for transport in (used, unused):
            await transport.aclose()
            await transport.aclose()
            with pytest.raises(ClientClosed):
                await transport.send(Request("GET", url))

    async def test_close_ends_idle_connections(self, serve: Serve, transport: Transport) -> None:
        """After `aclose` the server sees that its connection is closed."""
        gone = asyncio.Event()

        async def script(peer: Peer) -> None:
            await peer.request()
            await peer.say(said(b"ok"))
            await peer.gone()
            gone.set()

        await transport.send(Request("GET", await serve(script)))
        await transport.aclose()
        gc.collect()
        await asyncio.wait_for(gone.wait(), PATIENCE)

    async def test_close_under_way(self, serve: Serve, make: Make) -> None:
        """Closing ends who is being answered, saying that it was sent, and who waits for a place, saying it was not."""
        arrived = asyncio.Event()

        async def script(peer: Peer) -> None:
            await peer.request()
            arrived.set()
            await asyncio.Event().wait()

        transport, url = make(connections=1), await serve(script)
        sent = asyncio.create_task(transport.send(Request("GET", url)))
        await asyncio.wait_for(arrived.wait(), PATIENCE)
        waits = asyncio.create_task(transport.send(Request("GET", url)))
        await _turns(20)
        await transport.aclose()
        answered, waited = await _ended(sent), await _ended(waits)
        assert isinstance(answered, ConnectionLost)
        assert answered.sent
        assert isinstance(waited, ClientClosed)

    async def test_close_under_a_stream(self, serve: Serve, transport: Transport) -> None:
        """A stream that is not at its end when the transport is closed ends in an error, not as if it were whole."""

        async def script(peer: Peer) -> None:
            await peer.request()
            await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            await asyncio.Event().wait()

        url = await serve(script)
        read, unread = [await transport.send(Request("GET", url, stream=True)) for _ in range(2)]
        reading = asyncio.create_task(whole(read))
        await asyncio.sleep(0.02)  # until it waits for more
        await transport.aclose()
        assert isinstance(await _ended(reading), ConnectionLost)
        assert isinstance(await _ended(asyncio.create_task(whole(unread))), ConnectionLost)
        for answer in (read, unread):
            await answer.aclose()

    @pytest.mark.parametrize("tls", [False, True])
    async def test_two_loops(self, make_transport: Make, certificates: Certificates, *, tls: bool) -> None:
        """One transport works in a second `asyncio.run`; the first one's connections were closed with it."""
        transport = make_transport(**({"ca_file": certificates.ca_file} if tls else {}))

        async def visit() -> list[bytes]:
            async with serving(_OK, certificates.context() if tls else None) as url:
                answers = await asyncio.gather(*(transport.send(Request("GET", url)) for _ in range(3)))
                return [answer.body for answer in answers]

        for _ in range(2):
            assert await asyncio.to_thread(lambda: asyncio.run(visit())) == [b"ok"] * 3
        await asyncio.to_thread(lambda: asyncio.run(transport.aclose()))
        gc.collect()

    async def test_many_at_once(self, serve: Serve, make: Make) -> None:
        """Of two hundred requests at once each gets its own answer, and no more connections are used than allowed."""
        connected = []

        async def script(peer: Peer) -> None:
            connected.append(peer)
            while True:
                seen = await peer.request()
                await peer.say(said(seen.target.encode()))

        transport, url = make(connections=10), await serve(script)
        async with asyncio.timeout(PATIENCE):
            answers = await asyncio.gather(*(transport.send(Request("GET", f"{url}/{n}")) for n in range(200)))
        assert [answer.body for answer in answers] == [f"/{n}".encode() for n in range(200)]
        assert len(connected) <= 10

    async def test_full_pool(self, serve: Serve, make: Make) -> None:
        """A request too many waits for a place, can be cancelled there, and the one after it gets the place."""
        go, begun, arrived = asyncio.Event(), asyncio.Event(), []

        async def script(peer: Peer) -> None:
            while True:
                arrived.append((await peer.request()).target)
                begun.set()
                await go.wait()
                await peer.say(said(b"ok"))

        transport, url = make(connections=1), await serve(script)
        first, second, third = (asyncio.create_task(transport.send(Request("GET", f"{url}/{n}"))) for n in range(3))
        await asyncio.wait_for(begun.wait(), PATIENCE)
        second.cancel()
        assert isinstance(await _ended(second), asyncio.CancelledError)
        go.set()
        async with asyncio.timeout(PATIENCE):
            assert [(await task).body for task in (first, third)] == [b"ok"] * 2
        assert sorted(arrived) == ["/0", "/2"]

    @pytest.mark.parametrize("body", [None, Body(b"x"), Body(b"x" * 2**20)], ids=["none", "small", "large"])
    @pytest.mark.parametrize("tls", [False, True])
    async def test_cancelled_at_any_point(
        self, serve: Serve, make: Make, certificates: Certificates, body: Body | None, *, tls: bool
    ) -> None:
        """Wherever a request is cancelled, it ends as cancelled or done, and its only place is free for the next."""
        url = await serve(_OK, certificates.context() if tls else None)
        options = {"ca_file": certificates.ca_file} if tls else {}
        async with asyncio.timeout(PATIENCE):
            transport = make(connections=1, **options)
            for turns in range(40):
                task = asyncio.create_task(transport.send(Request("POST", url, body=body)))
                await _turns(turns)
                task.cancel()
                end = await _ended(task)
                assert isinstance(end, asyncio.CancelledError) or getattr(end, "status", 0) == 200, end
                assert (await transport.send(Request("GET", url))).body == b"ok"

    @pytest.mark.parametrize("stream", [False, True])
    async def test_cancellation_is_never_lost(self, serve: Serve, transport: Transport, *, stream: bool) -> None:
        """A task that is cancelled before its request is done ends as cancelled, even if the answer has just come."""
        url = await serve(_OK)

        async def ask() -> None:
            answer = await transport.send(Request("GET", url, stream=stream))
            if stream:
                await whole(answer)
            done.append(1)

        loop = asyncio.get_running_loop()
        for number in range(200):
            done: list[int] = []
            task = asyncio.create_task(ask())
            until = loop.time() + number * 2e-5  # the answer comes from the network, at any turn of the loop
            while loop.time() < until:  # noqa: ASYNC110 - it is the turns of the loop that count
                await asyncio.sleep(0)
            before = bool(done)
            cancelled = task.cancel()
            end = await _ended(task)
            assert before or not cancelled or isinstance(end, asyncio.CancelledError), f"after {number} steps: {end}"

    async def test_cancelled_in_the_handshake(self, serve: Serve, make: Make) -> None:
        """Cancelling while TLS is set up closes the connection, unless the library cannot."""
        accepted, gone = asyncio.Event(), asyncio.Event()

        async def script(peer: Peer) -> None:
            accepted.set()
            await peer.gone()
            gone.set()

        transport = make(timeouts=Timeouts(connect=1))
        url = (await serve(script)).replace("http:", "https:")
        task = asyncio.create_task(transport.send(Request("GET", url)))
        await asyncio.wait_for(accepted.wait(), PATIENCE)
        await asyncio.sleep(0.02)  # until it waits for the server
        task.cancel()
        assert isinstance(await _ended(task), asyncio.CancelledError)
        await asyncio.sleep(0.02)
        assert gone.is_set() is ("abort" not in self.cannot)
        await asyncio.wait_for(gone.wait(), PATIENCE)

    async def test_cancelled_while_the_answer_is_awaited(self, serve: Serve, make: Make) -> None:
        """Cancelling frees the place for the next, and closes the connection, unless the library cannot."""
        arrived, gone = asyncio.Event(), asyncio.Event()

        async def script(peer: Peer) -> None:
            if (await peer.request()).target == "/hang":
                arrived.set()
                await peer.gone()
                gone.set()
            await peer.say(said(b"next"))

        transport = make(connections=1)
        url = await serve(script)
        request = Request("GET", url + "/hang", {"Authorization": Secret("planted-token")})
        task = asyncio.create_task(transport.send(request))
        await asyncio.wait_for(arrived.wait(), PATIENCE)
        task.cancel()
        end = await _ended(task)
        assert isinstance(end, asyncio.CancelledError)
        assert "planted-token" not in shown(end)
        assert (await asyncio.wait_for(transport.send(Request("GET", url + "/next")), PATIENCE)).body == b"next"
        if "abort" in self.cannot:
            await asyncio.sleep(0.1)
            assert not gone.is_set()
        else:
            await asyncio.wait_for(gone.wait(), PATIENCE)

    @pytest.mark.parametrize("stream", [False, True])
    async def test_cancelled_in_the_body(self, serve: Serve, make: Make, *, stream: bool) -> None:
        """Cancelling while the body is read frees the place, and closes the connection."""
        halfway, gone = asyncio.Event(), asyncio.Event()

        async def script(peer: Peer) -> None:
            if (await peer.request()).target == "/half":
                await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
                halfway.set()
                await peer.gone()
                gone.set()
            await peer.say(said(b"next"))

        async def read(url: str) -> bytes:
            answer = await transport.send(Request("GET", url, stream=stream))
            return await whole(answer) if stream else answer.body

        transport = make(connections=1)
        url = await serve(script)
        task = asyncio.create_task(read(url + "/half"))
        await asyncio.wait_for(halfway.wait(), PATIENCE)
        await asyncio.sleep(0.1)  # until it waits for more
        task.cancel()
        assert isinstance(await _ended(task), asyncio.CancelledError)
        await asyncio.wait_for(gone.wait(), PATIENCE)
        assert (await asyncio.wait_for(transport.send(Request("GET", url + "/next")), PATIENCE)).body == b"next"
