"""Walking a list that comes in pages, item by item, resumable at every one.

A `Pager` walks; a `Pages` knows how one server names its pages. Two kinds are here: by offset, and by next link.
"""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Generic, TypeVar

import attrs

from print_async.cursor import Cursor
from print_async.envelope import Envelope
from print_async.errors import CrossOriginLink, InvalidCursor, PrintAsyncError
from print_async.links import same_list
from print_async.page import Page, Pages, Place
from print_async.walk import Step, Walk
from print_async.window import Window

T = TypeVar("T")

_OFFSET = re.compile(r"(?<=[?&]offset=)([0-9]{1,18})(?=&|$)")


class Pager(Generic[T]):
    """A walk over a list.

        async for user in myqx.users.list():
            ...

    It is used up by walking: a second `async for` goes on where the first one stopped. Leaving early is fine; pages
    that were being fetched ahead are cancelled. An error on the way carries the cursor to resume from.

    By default each page is asked for when the one before it is there. With `concurrency`, that many are fetched at a
    time where the server lets them be asked for by offset and says how many rows there are; where it does not, or its
    pages are not as long, or not linked, as was to be expected, the walk goes on by the next links as if it was 1.
    With several at a time, each page also begins with the last row of the one before it, so that rows that are deleted
    or inserted meanwhile are noticed. For rows that have ids, and keep their order and ids, this is promised: none
    comes twice, and none is left out that was there all the time; or `ListChanged` is raised, where so much has changed
    that none of the rows handed out last is found within sixteen pages of its place. It cannot be promised of rows that
    change places, across a `resume` (where rows were deleted or inserted in between), nor with one page at a time.

    Args:
        pages: The list.
        prefetch: How many pages to fetch ahead while the caller works on the current one, with one page at a time.
        concurrency: How many pages to fetch at a time. At most as many are held in memory beside the current one.
        resume: A cursor of the same list to go on from.

    Raises:
        ValueError: `prefetch` is less than 0, or `concurrency` less than 1.
        InvalidCursor: `resume` is not a cursor of this list.
    """

    def __init__(self, pages: Pages[T], *, prefetch: int = 0, concurrency: int = 1, resume: str | None = None) -> None:
        if prefetch < 0:
            raise ValueError("prefetch is a number of pages, 0 or more")
        if concurrency < 1:
            raise ValueError("concurrency is a number of pages, 1 or more")
        self._pages = pages
        self._prefetch = prefetch
        self._concurrency = concurrency
        self._at: str | None = pages.first
        self._skip = 0
        if resume is not None:
            start = Cursor.parse(resume, of=pages.list)
            self._at, self._skip = start.at, start.skip

    @property
    def cursor(self) -> str:
        """Where the walk stands: behind the item, or page, handed out last. Text; keep it, and pass it as `resume`."""
        return str(Cursor(self._pages.list, self._at, self._skip))

    async def __aiter__(self) -> AsyncGenerator[T, None]:
        walk = self._walk()
        try:
            while (step := await self._next(walk)) is not None:
                self._at, self._skip = step.at, 0
                for self._skip, item in zip(step.numbers, step.items, strict=True):
                    yield item
                self._at, self._skip = step.behind
            self._at, self._skip = None, 0
        finally:
            await walk.aclose()

    async def pages(self) -> AsyncGenerator[Page[T], None]:
        """Walk page by page. After each, `cursor` stands behind that page."""
        walk = self._walk()
        try:
            while (step := await self._next(walk)) is not None:
                self._at, self._skip = step.behind
                page = step.page
                if step.items is not page.items:
                    page = Page(step.items, page.next, page.count, page.raw, page.rows)
                yield page
            self._at, self._skip = None, 0
        finally:
            await walk.aclose()

    async def collect(self, limit: int | None = None) -> list[T]:
        """Return the next items as a list, at most `limit` of them. Without a limit the whole list is in memory.

        If it fails, the walk stands where it stood before, for nothing was handed out.
        """
        found: list[T] = []
        if limit is not None and limit <= 0:
            return found
        walk, position = self._walk(), (self._at, self._skip)
        try:
            while position[0] is not None and (step := await self._next(walk)) is not None:
                found += step.items
                position = step.behind
                if limit is not None and len(found) >= limit:
                    position = (step.at, step.numbers[limit - len(found) - 1])
                    del found[limit:]
                    break
            else:
                position = (None, 0)
        finally:
            await walk.aclose()
        self._at, self._skip = position
        return found

    async def first(self) -> T | None:
        """Return the next item, or `None` if there is none."""
        return next(iter(await self.collect(limit=1)), None)

    def _walk(self) -> Walk[T] | Window[T]:
        start = self._at, self._skip
        if self._concurrency == 1:
            return Walk(self._pages, start, self._prefetch)
        return Window(self._pages, start, self._concurrency, self._prefetch)

    async def _next(self, walk: Walk[T] | Window[T]) -> Step[T] | None:
        try:
            return await walk.next()
        except PrintAsyncError as error:
            error.cursor = self.cursor
            raise


@attrs.define  # not frozen, as `Page` is not
class OffsetPages(Generic[T]):
    """Pages named by the offset of their first item.

    The end is a page that is not full, unless `count` says that there is more: a server may give fewer items than it is
    asked for. The count alone never ends the walk, because vendors do not say whether it counts the list or the page.
    """

    list: str
    get: Callable[[int], Awaitable[bytes]]
    """Get the page that starts there."""
    decode: Callable[[bytes], Envelope[T]]
    limit: int | None
    """How many items a page is asked to have; `None` for a list that comes as one page."""
    first: str = "0"
    key: Callable[[T], object] | None = None
    """What tells an item from all others; needed to fetch several pages at a time."""

    async def load(self, at: str) -> bytes:
        """Get the page at that offset, as it comes."""
        if not (at.isascii() and at.isdigit()):
            raise InvalidCursor(f"{at!r} is no offset, so this is no cursor of {self.list!r}; nothing was read")
        return await self.get(int(at))

    def read(self, at: str, raw: bytes, /) -> Page[T]:
        """Read what has come of the page at that offset."""
        start, found = int(at), self.decode(raw)
        more = self._has_more(start, found)
        return Page(found.items, str(start + len(found.items)) if more else None, found.count, raw, found.items)

    def place(self, at: str, page: Page[T]) -> Place | None:
        """Tell where a page lies: its name is the offset. `None` for the last one."""
        return None if page.next is None else Place(int(at), str)

    def _has_more(self, start: int, found: Envelope[T]) -> bool:
        got = len(found.items)
        # More items than asked for: the server does not page, and this is all of the list.
        if self.limit is None or not got or got > self.limit:
            return False
        return got == self.limit or (found.count is not None and found.count > start + got)


@attrs.define  # not frozen, as `Page` is not
class LinkPages(Generic[T]):
    """Pages named by the query of their URL, each with a link to the next one."""

    list: str
    get: Callable[[str], Awaitable[bytes]]
    """Get the page at that absolute URL."""
    decode: Callable[[bytes], Envelope[T]]
    base: str
    """The API's base URL, without a trailing slash."""
    path: str
    """The list's path below it."""
    first: str = ""
    """The query of the first page, with its question mark."""
    key: Callable[[T], object] | None = None
    """What tells an item from all others; needed to fetch several pages at a time."""
    keep: Callable[[T], bool] | None = None
    """Leaves out the items for which it is false."""

    async def load(self, at: str) -> bytes:
        """Get the page of that name, as it comes; `CrossOriginLink`, before any I/O, where it is not of this list."""
        query = at if at == self.first else same_list(at, base=self.base, path=self.path)
        return await self.get(self.base + self.path + query)

    def read(self, _: str, raw: bytes, /) -> Page[T]:
        """Read what has come of the page of that name."""
        found = self.decode(raw)
        rows = found.items
        items = rows if self.keep is None else [row for row in rows if self.keep(row)]
        return Page(items, self._name(found.next) if found.next else None, found.count, raw, rows)

    def place(self, at: str, page: Page[T]) -> Place | None:
        """Tell where a page lies, if its name and its next link have an `offset`, and the link's is right behind it."""
        own, link = _OFFSET.split(at), _OFFSET.split(page.next or "")
        if len(own) != 3 or len(link) != 3:
            return None
        start, (head, number, tail) = int(own[1]), link
        if int(number) != start + len(page.rows):
            return None
        return Place(start, lambda offset: f"{head}{offset}{tail}")

    def _name(self, link: str) -> str:
        try:
            return same_list(link, base=self.base, path=self.path)
        except CrossOriginLink:
            # The items of this page are good; the link is refused when it comes to following it.
            return link
