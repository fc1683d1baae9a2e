"""What a worker does of a mirror: it reads a stretch of a list, and makes the rows."""

import re
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Any, TypeVar

import attrs
import msgspec

from print_async.cursor import Cursor
from print_async.mirror import Stage
from print_async.mirror_file import Table, Values, values_of

C = TypeVar("C")

Stages = Callable[[C], Sequence[Stage[Any]]]
"""Makes the stages of a mirror for a client."""

_OFFSET = re.compile(r"(?<=[?&]offset=)\d+|^\d+$")
_TRIES = 3


@attrs.frozen
class StageTables:
    """What there is to know of a stage without a client."""

    name: str
    tables: tuple[Table, ...]


@attrs.frozen
class Stretch:
    """What to read."""

    stage: int
    """Its place among the stages."""
    cursor: str | None
    """Where to begin; `None` for the beginning of the list."""
    items: int
    """How many items to read; it ends with a whole page."""
    apart: bool = False
    """Whether others read what is before and behind it: then a page more is read, and all of it again if the list
    changes meanwhile."""


@attrs.frozen
class Found:
    """What was there."""

    rows: Values
    items: int
    cursor: str
    """Behind the last item."""
    least: int | None
    most: int | None
    """What the server has said meanwhile of how many items the list has."""

    @property
    def ended(self) -> bool:
        """Whether the list ends there."""
        return _parsed(self.cursor).at is None


async def describe(stages: Stages[C], client: C, _: object) -> list[StageTables]:
    """Return what the stages are."""
    return [StageTables(stage.name, tuple(stage.tables)) for stage in stages(client)]


async def read(stages: Stages[C], client: C, stretch: Stretch) -> Found:
    """Read a stretch of a list.

    Raises:
        PrintAsyncError: The walk failed.
    """
    stage = stages(client)[stretch.stage]
    found = await _read(stage, stretch)
    tries = 1
    while stretch.apart and found.least != found.most and tries < _TRIES:
        found = await _read(stage, stretch)
        tries += 1
    return found


async def _read(stage: Stage[Any], stretch: Stretch) -> Found:
    pager = stage.pager(stretch.cursor)
    items: list[Any] = []
    counts: set[int] = set()
    enough = False
    async with aclosing(pager.pages()) as pages:
        async for page in pages:
            items += page.items
            counts |= set() if page.count is None else {page.count}
            if enough or (len(items) >= stretch.items and not stretch.apart):
                break
            enough = len(items) >= stretch.items
    rows = values_of(row for item in items for row in stage.rows(item))
    return Found(rows, len(items), pager.cursor, min(counts, default=None), max(counts, default=None))


@attrs.frozen
class Offsets:
    """Names the pages of a list by the offset of their first item."""

    _list: str
    _before: str
    _behind: str

    @classmethod
    def of(cls, cursor: str, items: int) -> "Offsets | None":
        """Learn it from a cursor, if it names a page by its offset and that is what was read so far.

        Args:
            cursor: Where a walk stands.
            items: How many items are before that.
        """
        found = _parsed(cursor)
        offsets = [] if found.at is None else list(_OFFSET.finditer(found.at))
        if found.at is None or found.skip or len(offsets) != 1 or int(offsets[0][0]) != items:
            return None
        return cls(found.list, found.at[: offsets[0].start()], found.at[offsets[0].end() :])

    def cursor(self, offset: int) -> str:
        """Return the cursor of the page that begins there."""
        return str(Cursor(self._list, f"{self._before}{offset}{self._behind}"))


def _parsed(cursor: str) -> Cursor:
    return msgspec.json.decode(cursor, type=Cursor)
