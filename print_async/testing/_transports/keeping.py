"""What becomes of requests over connections that were kept open, and that the server has closed."""

# ruff: noqa: S101 - these are tests

import asyncio

import pytest

from print_async.errors import ConnectionLost
from print_async.testing._transports.peers import PATIENCE, Make, Peer, Rooms, Serve, said
from print_async.wire import Request, Transport


class Keeping(Rooms):
    """What becomes of requests over connections that were kept open, and that the server has closed."""

    @pytest.mark.parametrize("end", ["close", "reset"])
    @pytest.mark.parametrize("method", ["GET", "POST"])
    async def test_kept_connection_that_ends_unanswered(
        self, serve: Serve, transport: Transport, method: str, end: str
    ) -> None:
        """The request is lost, may have arrived, and is `stale`: most likely the server had closed it while idle."""
        targets = []

        async def script(peer: Peer) -> None:
            targets.append((await peer.request()).target)
            await peer.say(said())
            targets.append((await peer.request()).target)
            if end == "reset":
                peer.reset()

        url = await serve(script)
        await transport.send(Request(method, url + "/first"))
        with pytest.raises(ConnectionLost) as caught:
            await transport.send(Request(method, url + "/second"))
        assert (caught.value.sent, caught.value.stale) == (True, "stale" not in self.cannot)
        assert targets == ["/first", "/second"]

    @pytest.mark.parametrize("end", ["close", "reset"])
    async def test_new_connection_is_not_stale(self, serve: Serve, transport: Transport, end: str) -> None:
        """A connection that was made for the request, and ends unanswered, is lost and not stale."""

        async def script(peer: Peer) -> None:
            await peer.request()
            await asyncio.sleep(0.02)
            if end == "reset":
                peer.reset()

        with pytest.raises(ConnectionLost) as caught:
            await transport.send(Request("GET", await serve(script)))
        assert (caught.value.sent, caught.value.stale) == (True, False)

    async def test_kept_connection_that_ends_in_the_body_is_not_stale(self, serve: Serve, transport: Transport) -> None:
        """Where the answer has begun the server has seen the request."""

        async def script(peer: Peer) -> None:
            await peer.request()
            await peer.say(said())
            await peer.request()
            await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

        url = await serve(script)
        await transport.send(Request("GET", url))
        with pytest.raises(ConnectionLost) as caught:
            await transport.send(Request("GET", url))
        assert (caught.value.phase, caught.value.stale) == ("body", False)

    async def test_all_kept_connections_closed_at_once(self, serve: Serve, make: Make) -> None:
        """When a server closes all its idle connections, sending again, as often as there were, ends in an answer."""
        peers: list[Peer] = []
        arrived: list[str] = []
        lost: list[tuple[bool, bool]] = []

        async def script(peer: Peer) -> None:
            peers.append(peer)
            while True:
                target = (await peer.request()).target
                arrived.append(target)
                await asyncio.sleep(0.01)  # so that each of them needs a connection of its own
                await peer.say(said(target.encode()))

        transport, url = make(connections=10), await serve(script)

        async def ask(number: int) -> bytes:
            for _ in range(10):
                try:
                    return (await transport.send(Request("GET", f"{url}/{number}"))).body
                except ConnectionLost as error:
                    lost.append((error.sent, error.stale))
            return (await transport.send(Request("GET", f"{url}/{number}"))).body

        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(ask(number) for number in range(10)))
            for peer in peers:
                peer.writer.transport.abort()
            numbers = range(10, 20)
            answers = await asyncio.gather(*(ask(number) for number in numbers))
        assert answers == [f"/{number}".encode() for number in numbers]
        assert len(arrived) == len(set(arrived))
        assert set(lost) <= {(True, "stale" not in self.cannot)}
