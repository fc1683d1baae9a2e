"""Where a walk over a list stands, as text that can be kept."""

from typing import Self

import attrs
import msgspec

from print_async.errors import InvalidCursor


@attrs.frozen
class Cursor:
    """A position between two items of one list."""

    list: str
    """The list it belongs to."""
    at: str | None
    """The page, as its source names it; `None` behind the last one."""
    skip: int = 0
    """How many items of that page have been handed out."""

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def parse(cls, text: str, *, of: str) -> Self:
        """Read a cursor of the list `of`.

        Raises:
            InvalidCursor: It is no cursor, or one of another list.
        """
        try:
            cursor = msgspec.json.decode(text, type=cls)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            raise InvalidCursor("not a cursor: pass what `Pager.cursor` gave, unchanged") from None
        if cursor.list != of or cursor.skip < 0:
            raise InvalidCursor(f"this is a cursor of the list {cursor.list!r}, not of {of!r}; nothing was read")
        return cursor
