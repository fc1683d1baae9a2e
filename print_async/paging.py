"""Walking a list that comes in pages, item by item, resumable at every one.

A `Pager` walks; a `Pages` knows how one server names its pages. Two kinds are here: by offset, and by next link.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Generic, Protocol, TypeVar

import attrs

from print_async.cursor import Cursor
from print_async.envelope import Envelope
from print_async.errors import CrossOriginLink, InvalidCursor, PaginationLoop, PrintAsyncError
from print_async.links import same_list

T = TypeVar("T")


@attrs.frozen
class Page(Generic[T]):
    """One page of a list."""

    items: Sequence[T]
    next: str | None
    """The name of the page behind it; `None` at the end."""
    count: int | None = None
    """What the server says the list holds, or this page: vendors mean one or the other."""
    raw: bytes = attrs.field(default=b"", repr=False)
    """The page as it came, JSON."""


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

    async def fetch(self, at: str) -> Page[T]:
        """Get the page of that name."""
        ...


class Pager(Generic[T]):
    """A walk over a list.

        async for user in myqx.users.list():
            ...

    It is used up by walking: a second `async for` goes on where the first one stopped. Leaving early is fine; a page
    that was being fetched ahead is cancelled. An error on the way carries the cursor to resume from.

    Args:
        pages: The list.
        prefetch: How many pages to fetch ahead while the caller works on the current one.
        resume: A cursor of the same list to go on from.

    Raises:
        InvalidCursor: `resume` is not a cursor of this list.
    """

    def __init__(self, pages: Pages[T], *, prefetch: int = 0, resume: str | None = None) -> None:
        if prefetch < 0:
            raise ValueError("prefetch is a number of pages, 0 or more")
        self._pages = pages
        self._prefetch = prefetch
        start = Cursor(pages.list, pages.first) if resume is None else Cursor.parse(resume, of=pages.list)
        self._at, self._skip = start.at, start.skip

    @property
    def cursor(self) -> str:
        """Where the walk stands: behind the item, or page, handed out last. Text; keep it, and pass it as `resume`."""
        return str(Cursor(self._pages.list, self._at, self._skip))

    async def __aiter__(self) -> AsyncGenerator[T, None]:
        async with aclosing(self._walk()) as walk:
            async for at, skip, page in walk:
                for number, item in enumerate(page.items[skip:] if skip else page.items, skip + 1):
                    self._at, self._skip = at, number
                    yield item
                self._at, self._skip = page.next, max(0, skip - len(page.items))

    async def pages(self) -> AsyncGenerator[Page[T], None]:
        """Walk page by page. After each, `cursor` stands behind that page."""
        async with aclosing(self._walk()) as walk:
            async for _, skip, page in walk:
                self._at, self._skip = page.next, max(0, skip - len(page.items))
                yield attrs.evolve(page, items=page.items[skip:]) if skip else page

    async def collect(self, limit: int | None = None) -> list[T]:
        """Return the next items as a list, at most `limit` of them. Without a limit the whole list is in memory."""
        found: list[T] = []
        if limit is not None and limit <= 0:
            return found
        async with aclosing(self.__aiter__()) as items:
            async for item in items:
                found.append(item)
                if len(found) == limit:
                    break
        return found

    async def first(self) -> T | None:
        """Return the next item, or `None` if there is none."""
        return next(iter(await self.collect(limit=1)), None)

    async def _walk(self) -> AsyncGenerator[tuple[str, int, Page[T]], None]:
        """Yield the pages with their names, and how many items of each were handed out before."""
        at, skip = self._at, self._skip
        seen: set[int] = set()
        last = b""
        ahead: deque[asyncio.Task[Page[T] | None]] = deque()
        try:
            while at is not None:
                if hash(at) in seen:
                    raise PaginationLoop(
                        "the server's next link leads back to a page that has been walked: the list would never end. "
                        "It may have changed meanwhile; start anew, or resume from `cursor`"
                    )
                seen.add(hash(at))
                page = await ahead.popleft() if ahead else await self._pages.fetch(at)
                assert page is not None  # noqa: S101 - a page is fetched ahead only where `next` names one
                if page.next is not None:
                    self._fetch_ahead(ahead, page)
                if page.items and page.raw and page.raw == last:
                    # The same items again, at another place: the server does not page, and the first were all of them.
                    self._at, self._skip = None, 0
                    return
                last = page.raw
                yield at, skip, page
                # Where pages were larger when the cursor was made, some items of the next one are known as well.
                at, skip = page.next, max(0, skip - len(page.items))
        except PrintAsyncError as error:
            error.cursor = self.cursor
            raise
        finally:
            for task in ahead:
                task.cancel()
            await asyncio.gather(*ahead, return_exceptions=True)

    def _fetch_ahead(self, ahead: "deque[asyncio.Task[Page[T] | None]]", page: Page[T]) -> None:
        while len(ahead) < self._prefetch:
            before = ahead[-1] if ahead else page
            ahead.append(asyncio.get_running_loop().create_task(self._fetch_behind(before)))

    async def _fetch_behind(self, before: "Page[T] | asyncio.Task[Page[T] | None]") -> Page[T] | None:
        page = before if isinstance(before, Page) else await before
        return None if page is None or page.next is None else await self._pages.fetch(page.next)


@attrs.frozen
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

    async def fetch(self, at: str) -> Page[T]:
        """Get the page at that offset."""
        if not (at.isascii() and at.isdigit()):
            raise InvalidCursor(f"{at!r} is no offset, so this is no cursor of {self.list!r}; nothing was read")
        start = int(at)
        raw = await self.get(start)
        found = self.decode(raw)
        more = self._has_more(start, found)
        return Page(found.items, str(start + len(found.items)) if more else None, found.count, raw)

    def _has_more(self, start: int, found: Envelope[T]) -> bool:
        got = len(found.items)
        # More items than asked for: the server does not page, and this is all of the list.
        if self.limit is None or not got or got > self.limit:
            return False
        return got == self.limit or (found.count is not None and found.count > start + got)


@attrs.frozen
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

    async def fetch(self, at: str) -> Page[T]:
        """Get the page of that name; `CrossOriginLink`, before any I/O, where it is not of this list."""
        query = same_list(at, base=self.base, path=self.path)
        raw = await self.get(self.base + self.path + query)
        found = self.decode(raw)
        return Page(found.items, self._name(found.next) if found.next else None, found.count, raw)

    def _name(self, link: str) -> str:
        try:
            return same_list(link, base=self.base, path=self.path)
        except CrossOriginLink:
            # The items of this page are good; the link is refused when it comes to following it.
            return link
