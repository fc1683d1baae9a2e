"""A list on a server that changes while it is walked, and answers in any order."""

import asyncio
import json
from collections.abc import Callable, Iterator
from itertools import cycle, repeat
from urllib.parse import parse_qs, urlencode, urlsplit

import attrs

from print_async.envelope import Envelope
from print_async.errors import ConnectionLost
from print_async.paging import LinkPages, OffsetPages, Pager

BASE, PATH = "https://print.example/api", "/users"
KINDS = ("offsets", "links")

Change = Callable[[list[int]], None]


@attrs.define(slots=False)
class Shelf:
    """A list of numbers, in pages by offset. What it says of itself may be wrong."""

    rows: list[int | None]
    """`None` is a row that counts, and is not shown."""
    limit: int = 3
    """What is asked for."""
    cap: int = 1_000
    """The most it gives."""
    kind: str = "offsets"
    count: Callable[[int, int], int | None] = lambda total, _: total
    """What it says how many there are, from how many there are and how many are on the page."""
    link: Callable[[int], int] = lambda stop: stop
    """Where it says that the next page begins, from where it does."""
    changes: Iterator[Change | None] = attrs.field(factory=lambda: repeat(None))
    """What becomes of the list before each answer."""
    pauses: Iterator[int] = attrs.field(factory=lambda: repeat(1))
    """Turns of the loop until each answer is made."""
    fail_at: set[int] = attrs.field(factory=set)
    key: Callable[[int], object] | None = lambda row: row
    keep: Callable[[int], bool] | None = None
    asked: list[int] = attrs.field(factory=list)
    running: int = 0
    peak: int = 0

    def pager(self, **options: object) -> Pager[int]:
        """Make a pager of the list."""
        if self.kind == "offsets":
            return Pager(OffsetPages("GET /users", self.at, decode, self.limit, key=self.key), **options)

        async def get(url: str) -> bytes:
            assert url.startswith(f"{BASE}{PATH}?")
            return await self.at(int(parse_qs(urlsplit(url).query)["offset"][0]))

        first = f"?limit={self.limit}&offset=0&x=a%2Fb"
        return Pager(LinkPages("GET /users", get, decode, BASE, PATH, first, self.key, self.keep), **options)

    async def at(self, start: int) -> bytes:
        """Answer the page that begins there."""
        self.asked.append(start)
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            for _ in range(next(self.pauses)):
                await asyncio.sleep(0)
            if (change := next(self.changes, None)) is not None:
                change(self.rows)
            answer = self.answer(start)
            await asyncio.sleep(0)
            if start in self.fail_at:
                raise ConnectionLost("reset")
            return answer
        finally:
            self.running -= 1

    def answer(self, start: int) -> bytes:
        """Make the page that begins there."""
        size, total = min(self.limit, self.cap), len(self.rows)
        stop, items = start + size, [row for row in self.rows[start : start + size] if row is not None]
        page: dict[str, object] = {"items": items, "count": self.count(total, len(items))}
        if self.kind == "links" and stop < total:
            query = urlencode({"limit": size, "offset": self.link(stop), "x": "a/b"})
            page["next"] = f"http://print.example/api/users?{query}"
        return json.dumps(page).encode()


def decode(raw: bytes) -> Envelope[int]:
    """Read a page."""
    page = json.loads(raw)
    return Envelope(page["items"], page.get("count"), page.get("next"))


async def walk(pager: Pager[int], seen: list[int]) -> None:
    """Walk to the end, noting each item as it comes."""
    async for item in pager:
        seen.append(item)
        assert len(seen) < 2_000, "the walk does not end"


def inserting(where: float, numbers: Iterator[int], rows: int = 1) -> Change:
    """Insert new rows, at a part of the list from 0 to 1."""

    def change(items: list[int]) -> None:
        at = round(where * len(items))
        items[at:at] = [next(numbers) for _ in range(rows)]

    return change


def deleting(where: float, rows: int = 1, mortal: Callable[[int], bool] = lambda _: True) -> Change:
    """Delete rows from a part of the list on, of those that can be."""

    def change(items: list[int]) -> None:
        at = round(where * len(items))
        gone = [row for row in items[at:] if mortal(row)][:rows]
        items[:] = [row for row in items if row not in gone]

    return change


def pauses(*turns: int) -> Iterator[int]:
    """Let answers take these turns, over and over."""
    return cycle(turns or (1,))
