"""Servers in virtual time: what a limit would meet, second by second, without a clock, a loop or a network."""

import heapq
import itertools
import random
from collections.abc import Callable
from typing import Protocol

import attrs

from print_async.limits.adaptive import AdaptiveLimit

Latency = Callable[[random.Random], float]


def between(least: float, most: float) -> Latency:
    """Make latencies that are spread evenly."""
    return lambda chance: chance.uniform(least, most)


class Limit(Protocol):
    """What decides how many requests are in flight."""

    limit: int

    def answered(self, sent: float, now: float, load: int) -> None:
        """Take note of an answer."""

    def refused(self, sent: float, now: float, load: int, retry_after: float = 0.0) -> None:
        """Take note of a refusal."""


@attrs.define
class FixedLimit:
    """A setting that somebody has chosen."""

    limit: int

    def answered(self, sent: float, now: float, load: int) -> None:
        """Learn nothing."""

    def refused(self, sent: float, now: float, load: int, retry_after: float = 0.0) -> None:
        """Learn nothing."""


class Server(Protocol):
    """What requests are sent to."""

    def answer(self, now: float) -> tuple[float, bool]:
        """Return when a request that is sent now is answered, and whether it was taken or refused."""
        ...


@attrs.define
class Refusing:
    """Takes a number of requests at a time, which may change with time, and refuses the others.

    Args:
        stages: From when on it takes how many.
        latency: Of what it takes.
        refusal: The latency of a refusal.
        way: The longest time that a request is on its way, there and back again.
        noise: The share of requests that it refuses for another reason.
    """

    stages: dict[float, int]
    latency: Latency = between(0.02, 0.05)
    refusal: float = 0.001
    way: float = 0.0
    noise: float = 0.0
    chance: random.Random = attrs.field(factory=lambda: random.Random(1))
    busy: list[float] = attrs.field(factory=list)

    def answer(self, now: float) -> tuple[float, bool]:
        """Answer, or refuse."""
        arrives = now + self.chance.uniform(0, self.way)
        while self.busy and self.busy[0] <= arrives:
            heapq.heappop(self.busy)
        places = [places for begins, places in self.stages.items() if begins <= arrives][-1]
        if len(self.busy) >= places or self.chance.random() < self.noise:
            return arrives + self.refusal, False
        done = arrives + self.latency(self.chance)
        heapq.heappush(self.busy, done)
        return done + self.chance.uniform(0, self.way), True


@attrs.define
class Queueing:
    """Works on a number of requests at a time, and lets the others wait, first come, first served."""

    workers: int
    latency: Latency = between(0.02, 0.05)
    chance: random.Random = attrs.field(factory=lambda: random.Random(1))
    free_at: list[float] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.free_at = [0.0] * self.workers

    def answer(self, now: float) -> tuple[float, bool]:
        """Answer, sooner or later."""
        done = max(now, heapq.heappop(self.free_at)) + self.latency(self.chance)
        heapq.heappush(self.free_at, done)
        return done, True


@attrs.define
class Changing:
    """Takes all there are; what they take changes with time."""

    latency: Callable[[float, random.Random], float]
    chance: random.Random = attrs.field(factory=lambda: random.Random(1))

    def answer(self, now: float) -> tuple[float, bool]:
        """Answer."""
        return now + self.latency(now, self.chance), True


@attrs.frozen
class Ended:
    """One request, when it was over, and the limit then."""

    at: float
    taken: bool
    limit: int


@attrs.frozen
class Log:
    """What became of all requests."""

    requests: list[Ended]

    def during(self, begin: float, end: float) -> "Log":
        """Return the part of it between two moments."""
        return Log([each for each in self.requests if begin <= each.at < end])

    @property
    def taken(self) -> int:
        """How many were answered."""
        return sum(each.taken for each in self.requests)

    @property
    def refused_share(self) -> float:
        """The share that was refused."""
        return 1 - self.taken / len(self.requests)

    @property
    def limits(self) -> list[int]:
        """The limit after each of them."""
        return [each.limit for each in self.requests]


def drive(limit: Limit, server: Server, seconds: float, *, demand: int = 100, backoff: float = 0.0) -> Log:
    """Send as much as the limit allows, from so many callers, each of which pauses up to `backoff` after a refusal."""
    now, in_flight, idle = 0.0, 0, demand
    chance, order = random.Random(2), itertools.count()
    due: list[tuple[float, int, tuple[float, int, bool] | None]] = []
    log: list[Ended] = []
    while now < seconds:
        while idle and in_flight < limit.limit:
            idle, in_flight = idle - 1, in_flight + 1
            at, taken = server.answer(now)
            heapq.heappush(due, (at, next(order), (now, in_flight, taken)))
        now, _, ended = heapq.heappop(due)
        if ended is None:
            idle += 1
            continue
        sent, load, taken = ended
        in_flight -= 1
        (limit.answered if taken else limit.refused)(sent, now, load)
        log.append(Ended(now, taken, limit.limit))
        if taken or not backoff:
            idle += 1
        else:
            heapq.heappush(due, (now + chance.uniform(0, backoff), next(order), None))
    return Log(log)


def adaptive(server: Server, seconds: float, *, maximum: int = 100, demand: int = 100, backoff: float = 0.0) -> Log:
    """Send with a limit that adapts."""
    return drive(AdaptiveLimit(maximum), server, seconds, demand=demand, backoff=backoff)


def fixed(limit: int, server: Server, seconds: float) -> float:
    """Return the answers per second with a fixed limit, once it has begun."""
    return drive(FixedLimit(limit), server, seconds + 1).during(1, seconds + 1).taken / seconds
