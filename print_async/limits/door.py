"""Letting in as many as there is room for, one door for each server, and one room behind all doors."""

import asyncio
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import attrs

from print_async.limits.lanes import Lanes

P = TypeVar("P")


@attrs.define
class Room:
    """What all doors lead to."""

    places: int
    taken: int = 0
    doors: "list[Door[Any]]" = attrs.field(factory=list["Door[Any]"])


@attrs.define(eq=False)
class Door(Generic[P]):
    """The way in for one kind of visitor, which has a limit of its own.

    Args:
        room: What it leads to.
        limit: How many may have come in through this door. Where it is raised, the next one who leaves makes up for it.
        place: Makes what one has who has come in. It is given back by `leave`.
    """

    room: Room
    limit: int
    place: "Callable[[Door[P]], P]"
    inside: int = 0
    _lanes: Lanes[P] = attrs.field(init=False, factory=Lanes[P])

    @property
    def waiting(self) -> int:
        """How many wait before it."""
        return self._lanes.waiting

    @property
    def open(self) -> bool:
        """Whether there is room for one more."""
        return self.inside < self.limit and self.room.taken < self.room.places

    def enter_now(self) -> P | None:
        """Come in if nobody waits and there is room, else `None`."""
        room = self.room
        if self._lanes.waiting or self.inside >= self.limit or room.taken >= room.places:
            return None
        return self._let_in()

    async def enter(self) -> P:
        """Come in as soon as there is room and it is one's turn."""
        waiter = self._lanes.join()
        self.let_in()
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.cancelled():
                self._lanes.leave()
            else:
                self.leave()  # let in and cancelled in the same turn
            raise

    def leave(self) -> None:
        """Make room. Where the room was full, those before other doors come first, then those before this one."""
        full = self.room.taken >= self.room.places
        self.inside -= 1
        self.room.taken -= 1
        if full:
            for door in self.room.doors:
                if door is not self and door.waiting:
                    door.let_in()
        if self._lanes.waiting:
            self.let_in()

    def let_in(self) -> None:
        """Let in who waits, as far as there is room."""
        while self.open and (waiter := self._lanes.next()) is not None:
            waiter.set_result(self._let_in())

    def _let_in(self) -> P:
        self.inside += 1
        self.room.taken += 1
        return self.place(self)
