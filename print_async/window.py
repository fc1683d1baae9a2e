"""A walk that fetches several pages at a time, where the server lets pages be asked for by the offsets of their rows.

The first page is walked as any other. If its name and its next link go by offsets, all other pages can be named
beforehand, as far as the list is said to go. They are held as they come, and read in their turn. Each is asked for from
the last row of the one before it, which shows whether they fit together (`overlap.py`). Where they do not, because rows
were deleted or inserted meanwhile, what was fetched ahead is thrown away, and the place is looked for around where it
was. Where a page is not what was expected, a shorter one or one with another next link, the walk goes on behind it by
what each page says of the next.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Iterator
from typing import Generic, TypeVar

from print_async.errors import ListChanged
from print_async.overlap import Recent
from print_async.page import Page, Pages
from print_async.walk import Position, Step, Walk, cancelled

T = TypeVar("T")

_REACH = 16  # pages to look for the place in either direction
_PATIENCE = 2 * _REACH  # pages in a row with nothing new
_SAME = 3


class Window(Generic[T]):
    """Fetches pages ahead by offset, and hands them out in order.

    Args:
        pages: The list.
        start: Where to begin.
        width: How many pages to fetch at a time.
        prefetch: How many to fetch ahead where pages cannot be named beforehand.
    """

    def __init__(self, pages: Pages[T], start: Position, width: int, prefetch: int) -> None:
        self._pages = pages
        self._walk = Walk(pages, start, prefetch=0)
        self._width = width
        self._prefetch = prefetch
        self._undecided = True
        self._open = False
        self._ahead: deque[tuple[int, asyncio.Task[bytes]]] = deque()
        self._idle = 0  # pages in a row with nothing new on them
        self._same = 0  # of these, the last ones that were all like an earlier one at another place

    async def next(self) -> Step[T] | None:
        """Go to the next page; `None` at the end of the list.

        Raises:
            ListChanged: More was deleted or inserted than the place could be found again for.
            PrintAsyncError: The page cannot be had.
        """
        if self._open:
            return await self._next()
        step = await self._walk.next()
        if step is not None and self._undecided and not step.behind[1]:
            self._undecided = False
            self._open = self._prepare(step)
            self._walk.prefetch = self._prefetch
        return step

    async def aclose(self) -> None:
        """Cancel what is being fetched ahead."""
        await self._drop()
        await self._walk.aclose()

    def _prepare(self, step: Step[T]) -> bool:
        """Tell whether the pages behind the first one can be named beforehand, and their rows be told apart."""
        page, key = step.page, self._pages.key
        place, size = self._pages.place(step.at, page), len(page.rows)
        if place is None or key is None or size < 2:
            return False
        keys = set(map(key, page.rows))
        if None in keys or len(keys) < size:
            return False
        self._name: Callable[[int], str] = place.name
        self._key = key
        self._stride = size - 1
        self._planned = place.start + self._stride
        self._count = page.count or 0
        self._latest = place.start, page  # the last one that had something new
        self._recent = Recent(key, page.rows, (self._width + 2) * size)
        return True

    async def _next(self) -> Step[T]:
        self._fill()
        start, task = self._ahead[0]
        if task.done():
            # Requests that wait to be sent go out first: sent all at once, they would be answered all at once.
            await asyncio.sleep(0)
        raw = await task
        self._ahead.popleft()
        page = self._read(start, raw)
        if not self._recent.begins(page.rows):
            await self._drop()
            start, page = await self._search(start)
            self._planned = start + len(page.rows) - 1
        new = self._new_of(start, page)
        if self._goes_on(start, page, new):
            self._fill()
        else:
            self._open = False
            await self._drop()
            # A page with nothing new may end in front of where the walk is.
            self._walk.go_on(page if new or page.next is None else self._latest[1])
        if new:
            self._latest = start, page
        return self._step(start, page, new)

    def _fill(self) -> None:
        # Behind what is said to be the end, there is one page at a time: the count may be that of the page alone.
        while not self._ahead or (len(self._ahead) < self._width and self._planned + 1 < self._count):
            task = asyncio.get_running_loop().create_task(self._pages.load(self._name(self._planned)))
            self._ahead.append((self._planned, task))
            self._planned += self._stride

    async def _drop(self) -> None:
        if self._ahead:
            tasks = [task for _, task in self._ahead]
            self._ahead.clear()
            await cancelled(tasks)

    def _read(self, start: int, raw: bytes) -> Page[T]:
        page = self._pages.read(self._name(start), raw)
        if page.count is not None:
            self._count = page.count
        return page

    async def _search(self, start: int) -> tuple[int, Page[T]]:
        """Find a page that begins with a row that was handed out, near where it should have been; or has one at all."""
        second_best = None
        for offset in self._around(start):
            page = self._read(offset, await self._pages.load(self._name(offset)))
            if self._recent.begins(page.rows):
                return offset, page
            if self._recent.overlaps(page.rows):
                second_best = second_best or (offset, page)
        if second_best is None:
            raise _lost("none of the rows handed out last was found again")
        return second_best

    def _around(self, start: int) -> Iterator[int]:
        for distance in range(self._stride, (_REACH + 1) * self._stride, self._stride):
            if start - distance > -self._stride:
                yield max(0, start - distance)
            yield start + distance - self._stride

    def _new_of(self, start: int, page: Page[T]) -> Collection[object]:
        new = self._recent.new_of(page.rows)
        elsewhere, latest = self._latest
        self._idle = 0 if new else self._idle + 1
        self._same = self._same + 1 if page.raw == latest.raw and start != elsewhere else 0
        if self._idle > _PATIENCE:
            raise _lost(f"{self._idle} pages in a row have had nothing new")
        return new

    def _goes_on(self, start: int, page: Page[T], new: Collection[object]) -> bool:
        """Tell whether the page is what was expected, and the next one planned begins on it, and further on."""
        stop = start + len(page.rows)
        follows = self._ahead[0][0] if self._ahead else self._planned
        if page.next != self._name(stop) or not start < follows < stop or None in new:
            return False
        # The same rows at any place: the server does not page at all, as the walk will find out as well.
        return self._same < _SAME

    def _step(self, start: int, page: Page[T], new: Collection[object]) -> Step[T]:
        at, behind = self._name(start), (page.next, 0)
        if len(new) == len(page.rows) - 1 and page.items is page.rows:
            return Step(at, range(2, len(page.rows) + 1), page.items[1:], page, behind)
        numbered = [(number, item) for number, item in enumerate(page.items, 1) if self._key(item) in new]
        return Step(at, [number for number, _ in numbered], [item for _, item in numbered], page, behind)


def _lost(why: str) -> ListChanged:
    return ListChanged(
        f"the list changes faster than it can be walked by several pages at a time: {why}. What was handed out came "
        "once; what comes next is not known for certain. Start anew, or go on from `cursor`, which may leave out rows "
        "or give some again"
    )
