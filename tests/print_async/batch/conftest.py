"""A source that tells how far it has been pulled, and work that waits until it is let go."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import attrs
import pytest


@attrs.define
class Source:
    """The numbers from 0, as a plain or an async iterator, counting what is pulled."""

    end: int | None = None
    """How many there are; `None` for no end."""
    error: BaseException | None = None
    """What is raised at the end instead of ending."""
    pulled: int = 0

    def plain(self) -> Iterator[int]:
        """Give the numbers."""
        while self.end is None or self.pulled < self.end:
            self.pulled += 1
            yield self.pulled - 1
        if self.error is not None:
            raise self.error

    async def asynchronous(self) -> AsyncIterator[int]:
        """Give the numbers, each after a turn of the loop."""
        for number in self.plain():
            await asyncio.sleep(0)
            yield number

    def items(self, kind: str):
        """Give the numbers as `plain` or `asynchronous`."""
        return getattr(self, kind)()


@attrs.define
class Gates:
    """Work whose calls wait each for its own gate, and which knows what it is doing."""

    running: set[int] = attrs.field(factory=set)
    done: list[int] = attrs.field(factory=list)
    cancelled: set[int] = attrs.field(factory=set)
    peak: int = 0
    _gates: dict[int, asyncio.Event] = attrs.field(factory=dict)

    async def work(self, item: int) -> int:
        """Wait for the item's gate, and return the item doubled."""
        self.running.add(item)
        self.peak = max(self.peak, len(self.running))
        try:
            await self.gate(item).wait()
            self.done.append(item)
            return 2 * item
        except asyncio.CancelledError:
            self.cancelled.add(item)
            raise
        finally:
            self.running.discard(item)

    def gate(self, item: int) -> asyncio.Event:
        """Return the gate of an item."""
        return self._gates.setdefault(item, asyncio.Event())

    async def open(self, *items: int) -> None:
        """Open gates one after the other, and let what they held up go on."""
        for item in items:
            self.gate(item).set()
            await settle()


async def settle() -> None:
    """Let every task run until it waits."""
    for _ in range(50):
        await asyncio.sleep(0)


@pytest.fixture
def source() -> type[Source]:
    """Make a source."""
    return Source


@pytest.fixture
def gates() -> Gates:
    """Make work that waits for its gates."""
    return Gates()


@pytest.fixture(scope="session")
def settled():
    """Let every task run until it waits."""
    return settle
