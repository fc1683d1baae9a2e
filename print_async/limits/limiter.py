"""How much the servers of a session are sent at a time, and in a second.

Waiting here, and not for a connection of the transport's pool, is what keeps tokens fresh: the token is put on a
request when its turn comes, not before a wait of unknown length.
"""

import asyncio
from collections.abc import AsyncIterator, Callable

import attrs

from print_async.clock import Clock
from print_async.headers import retry_after
from print_async.limits.adaptive import AdaptiveLimit
from print_async.limits.door import Door, Room
from print_async.limits.pacing import Pacer, SteadyPacer
from print_async.limits.policy import LimitPolicy
from print_async.telemetry.events import LimitChange
from print_async.wire import ByteStream, Response

_REFUSALS = frozenset({429, 503})


@attrs.define(eq=False)
class Slot:
    """A place among the requests in flight. Whoever has it says how it went, and gives it back."""

    _server: "_Server"
    _door: "Door[Slot]"
    _sent_at: float
    _load: int
    _left: bool = False

    def sends(self) -> None:
        """The request goes now, and not when the place was given: something else was waited for."""
        self._sent_at = self._server.clock.monotonic()

    def answered(self, response: Response) -> None:
        """Tell of the answer; where there is none, there is nothing to learn from it."""
        if self._server.adaptive:
            self._server.learn(self._sent_at, self._load, response)

    def leave(self) -> None:
        """Give the place back; safe to repeat."""
        if not self._left:
            self._left = True
            self._door.leave()


@attrs.frozen(eq=False)
class Occupying:
    """The body of an answer that is still on the wire, and so holds a connection, and a place."""

    stream: ByteStream
    slot: Slot

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunk = b""
        try:
            async for chunk in self.stream:
                yield chunk
        finally:
            chunk = b""  # a traceback with locals would show it
            self.slot.leave()

    async def aclose(self) -> None:
        """Give both back; safe to repeat."""
        try:
            await self.stream.aclose()
        finally:
            self.slot.leave()


@attrs.define(eq=False)
class _Server:
    """What is known of one server, whichever event loop is running."""

    origin: str
    limit: AdaptiveLimit
    adaptive: bool
    clock: Clock
    pacer: Pacer | None
    on_limit: Callable[[LimitChange], object]
    door: "Door[Slot] | None" = None

    def slot(self, door: "Door[Slot]") -> Slot:
        return Slot(self, door, self.clock.monotonic(), door.inside)

    def learn(self, sent_at: float, load: int, response: Response) -> None:
        """Adapt the limit to how one request went."""
        limit, now, status = self.limit, self.clock.monotonic(), response.status
        before = limit.limit
        if status in _REFUSALS:
            limit.refused(sent_at, now, load, retry_after(response.headers, self.clock) or 0.0)
        elif status < 500:  # other errors are quick, or slow, for reasons of their own
            limit.answered(sent_at, now, load)
        if limit.limit != before and self.door is not None:
            self.door.limit = limit.limit
            reason = str(status) if status in _REFUSALS else "latency" if limit.limit < before else "answers"
            self.on_limit(LimitChange(self.origin, limit.limit, before, self.door.inside, reason))


@attrs.define(eq=False)
class _Gate:
    """The doors to one server, of one event loop."""

    server: _Server
    door: "Door[Slot]"
    pace: "Door[None]"

    async def enter(self) -> Slot:
        """Wait for a place, and then, where there is a rate, for the turn."""
        if self.server.pacer is None:
            return self.door.enter_now() or await self.door.enter()
        await self.pace.enter()
        try:
            # One at a time: turns that are taken while there is no place would be used all at once when there is.
            slot = self.door.enter_now() or await self.door.enter()
            try:
                await self.server.pacer.turn()
            except BaseException:
                slot.leave()
                raise
        finally:
            self.pace.leave()
        slot.sends()
        return slot


class Limiter:
    """Lets requests in, as many at a time to each server as that takes, on whichever event loop is running.

    Args:
        policy: What may be set.
        connections: How many the transport has; `None` where it does not say.
        clock: What latencies are measured, and pauses are counted on.
        on_limit: Told when the limit of a server changes.
    """

    def __init__(
        self,
        policy: LimitPolicy,
        *,
        connections: int | None,
        clock: Clock,
        on_limit: Callable[[LimitChange], object],
    ) -> None:
        self._policy = policy
        # One connection is left to token requests: a refresh must not wait for the end of a hundred downloads.
        most = policy.max_in_flight if connections is None else max(1, connections - 1)
        self._places = min(policy.max_in_flight, most)
        self._clock = clock
        self._on_limit = on_limit
        self._servers: dict[str, _Server] = {}
        self._gates: dict[str, _Gate] = {}
        self._room = Room(self._places)
        self._loop: asyncio.AbstractEventLoop | None = None

    def enter_now(self, origin: str) -> Slot | None:
        """Return a place for a request to that server, `None` if there is a wait for it."""
        gate = self._gates.get(origin)
        if gate is None or self._loop is not asyncio.get_running_loop() or gate.server.pacer is not None:
            return None
        return gate.door.enter_now()

    async def enter(self, origin: str) -> Slot:
        """Wait for a place for a request to that server. In each lane, who comes first is served first."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            # Who had a place on a loop that has ended will not give it back.
            self._loop, self._gates, self._room = loop, {}, Room(self._places)
        gate = self._gates.get(origin)
        if gate is None:
            gate = self._gates[origin] = self._gate(origin)
        return await gate.enter()

    def _gate(self, origin: str) -> _Gate:
        server = self._servers.get(origin)
        if server is None:
            server = self._servers[origin] = self._server(origin)
        server.door = Door(self._room, server.limit.limit, server.slot)
        self._room.doors.append(server.door)
        return _Gate(server, server.door, Door(Room(1), 1, lambda _: None))

    def _server(self, origin: str) -> _Server:
        rate = self._policy.per_second
        pacer = self._policy.pacer if rate is None else SteadyPacer(rate, self._clock)
        return _Server(origin, AdaptiveLimit(self._places), self._policy.adaptive, self._clock, pacer, self._on_limit)
