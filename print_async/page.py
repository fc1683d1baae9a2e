"""A page of a list, and what every source of pages can tell."""

from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

import attrs

T = TypeVar("T")


@attrs.define  # frozen, it would take four times as long to make, and one is made for every request
class Page(Generic[T]):
    """One page of a list."""

    items: Sequence[T]
    next: str | None
    """The name of the page behind it; `None` at the end."""
    count: int | None = None
    """What the server says the list holds, or this page: vendors mean one or the other."""
    raw: bytes = attrs.field(default=b"", repr=False)
    """The page as it came, JSON."""
    rows: Sequence[T] = attrs.field(default=(), repr=False)
    """All that the server put on it. `items` has fewer where some are left out, or were handed out before."""


@attrs.frozen
class Place:
    """Where a page lies in a list that is asked for by the offsets of its rows."""

    start: int
    """The offset of its first row, from 0."""
    name: Callable[[int], str]
    """Names the page that begins at an offset."""


class Pages(Protocol[T]):
    """The pages of one list on one server. A page is named by a text, so that a cursor can hold it."""

    @property
    def list(self) -> str:
        """The name of the list, to tell its cursors from others'."""
        ...

    @property
    def first(self) -> str:
        """The name of the first page."""
        ...

    @property
    def key(self) -> Callable[[T], object] | None:
        """What tells a row from all others of the list: its id. `None` if there is no such thing."""
        ...

    async def load(self, at: str) -> bytes:
        """Get the page of that name, as it comes."""
        ...

    def read(self, at: str, raw: bytes, /) -> Page[T]:
        """Read what has come of the page of that name."""
        ...

    def place(self, at: str, page: Page[T]) -> Place | None:
        """Tell where a page lies; `None` at the end, or if its name and its next link do not go by offsets."""
        ...
