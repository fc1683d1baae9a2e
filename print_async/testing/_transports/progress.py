"""How far a transport says that a request is."""

# ruff: noqa: S101 - these are tests

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from print_async.clock import SystemClock
from print_async.phases import Phases, follow
from print_async.testing._transports.peers import (
    PATIENCE,
    Make,
    Peer,
    Rooms,
    Serve,
    answering,
    said,
    whole,
)
from print_async.wire import Body, Request, Timeouts, Transport


class _Followed(Phases):
    """The phases of one call, the last of which can be waited for."""

    def __init__(self) -> None:
        super().__init__(SystemClock(), "exchange")
        self.seen: list[str] = []
        self._entered = asyncio.Event()

    def enter(self, phase: str) -> None:
        """Note a phase."""
        super().enter(phase)
        self.seen.append(phase)
        self._entered.set()

    async def until(self, *seen: str) -> None:
        """Wait until these are the phases so far."""
        async with asyncio.timeout(PATIENCE):
            while self.seen != list(seen):
                assert self.seen == list(seen)[: len(self.seen)], "another phase was entered"
                self._entered.clear()
                await self._entered.wait()


@asynccontextmanager
async def _sending(transport: Transport, request: Request) -> AsyncIterator[_Followed]:
    """Send a request, and give it up at the end."""
    phases = _Followed()
    with follow(phases):
        task = asyncio.create_task(transport.send(request))
    try:
        yield phases
    finally:
        if not task.cancel():
            await (await task).aclose()
        await asyncio.wait({task}, timeout=PATIENCE)


async def _hang(peer: Peer) -> None:
    await peer.request()
    await peer.gone()


class Progress(Rooms):
    """How far a transport says that a request is: a deadline that is met there names that phase, and what it means."""

    def _phases(self, *phases: str) -> list[str]:
        """Return the phases without what the transport does not tell."""
        if "phases" not in self.cannot:
            return list(phases)
        return list(dict.fromkeys("exchange" if phase == "headers" else phase for phase in phases))

    @pytest.mark.parametrize("stream", [False, True])
    @pytest.mark.parametrize("body", [None, Body(b"x")])
    async def test_phases_of_a_call(
        self, serve: Serve, transport: Transport, body: Body | None, *, stream: bool
    ) -> None:
        """A call goes through `connect`, `headers` and `body`, on a new connection and on a kept one."""
        url = await serve(answering(lambda _: said(b"ok")))
        for _ in range(2):
            phases = _Followed()
            with follow(phases):
                answer = await transport.send(Request("POST", url, body=body, stream=stream))
            assert (await whole(answer) if stream else answer.body) == b"ok"
            assert phases.seen == self._phases("connect", "headers", "body")

    async def test_waiting_for_a_place(self, serve: Serve, make: Make) -> None:
        """Who waits for the pool is in `connect`: of that request nothing was sent."""
        transport, arrived = make(connections=1), asyncio.Event()

        async def script(peer: Peer) -> None:
            await peer.request()
            arrived.set()
            await peer.gone()

        url = await serve(script)
        async with _sending(transport, Request("GET", url)):
            await asyncio.wait_for(arrived.wait(), PATIENCE)
            async with _sending(transport, Request("GET", url)) as waits:
                await asyncio.sleep(0.05)
                assert waits.seen == ["connect"]

    async def test_connecting(self, serve: Serve, make: Make) -> None:
        """TLS is part of `connect`."""
        accepted = asyncio.Event()

        async def script(peer: Peer) -> None:
            accepted.set()
            await peer.gone()

        url = (await serve(script)).replace("http:", "https:")
        async with _sending(make(timeouts=Timeouts(connect=1, read=PATIENCE)), Request("GET", url)) as phases:
            await asyncio.wait_for(accepted.wait(), PATIENCE)
            await asyncio.sleep(0.05)
            assert phases.seen == ["connect", "exchange"] if "phases" in self.cannot else ["connect"]

    async def test_awaiting_the_head(self, serve: Serve, transport: Transport) -> None:
        """A server that does not answer leaves the call in `headers`."""
        async with _sending(transport, Request("GET", await serve(_hang))) as phases:
            await phases.until(*self._phases("connect", "headers"))

    @pytest.mark.parametrize("stream", [False, True])
    async def test_reading(self, serve: Serve, transport: Transport, *, stream: bool) -> None:
        """From the head of the answer on, the call is in `body`."""

        async def script(peer: Peer) -> None:
            await peer.request()
            await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            await peer.gone()

        async with _sending(transport, Request("GET", await serve(script), stream=stream)) as phases:
            await phases.until(*self._phases("connect", "headers", "body"))

    @pytest.mark.parametrize("length", [None, 2])
    async def test_sending(self, serve: Serve, transport: Transport, length: int | None) -> None:
        """A body in pieces is in `send` from the first to the last, and in `headers` afterwards."""
        more, begun = asyncio.Event(), asyncio.Event()

        async def stream() -> AsyncIterator[bytes]:
            begun.set()
            yield b"x"
            await more.wait()
            yield b"y"

        before = ["connect", "exchange"] if "phases" in self.cannot else ["connect"]
        request = Request("PUT", await serve(_hang), body=Body(stream, length=length))
        async with _sending(transport, request) as phases:
            await asyncio.wait_for(begun.wait(), PATIENCE)
            await asyncio.sleep(0.05)
            assert phases.seen == [*before, "send"]
            more.set()
            await phases.until(*before, "send", "headers")
