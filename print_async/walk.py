"""A walk from one page to the next, and how it is told where it stands."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from print_async.errors import PaginationLoop
from print_async.page import Page, Pages

T = TypeVar("T")

Position = tuple[str | None, int]
"""A page, by name, and how many of its items are passed; the page is `None` behind the last one."""


class Step(NamedTuple, Generic[T]):
    """The next items of a walk: those of one page that were not handed out before."""

    at: str
    """The page."""
    numbers: Sequence[int]
    """For each item, how many items of the page are passed with it."""
    items: Sequence[T]
    page: Page[T]
    behind: Position
    """Where the walk stands when all of them are handed out."""


class Walk(Generic[T]):
    """Goes by what each page says of the next one.

    Args:
        pages: The list.
        start: Where to begin.
        prefetch: How many pages to fetch ahead.
    """

    def __init__(self, pages: Pages[T], start: Position, prefetch: int) -> None:
        self._pages = pages
        self._at, self._skip = start
        self.prefetch = prefetch
        self._seen: set[int] = set()
        self._raw = b""
        self._ahead: deque[asyncio.Task[Page[T] | None]] = deque()

    async def next(self) -> Step[T] | None:
        """Go to the next page; `None` at the end of the list.

        Raises:
            PaginationLoop: The next page was walked before.
            PrintAsyncError: It cannot be had.
        """
        at, skip = self._at, self._skip
        if at is None:
            return None
        if hash(at) in self._seen:
            raise PaginationLoop(
                "the server's next link leads back to a page that has been walked: the list would never end. "
                "It may have changed meanwhile; start anew, or resume from `cursor`"
            )
        self._seen.add(hash(at))
        page = await self._ahead.popleft() if self._ahead else self._pages.read(at, await self._pages.load(at))
        assert page is not None  # noqa: S101 - a page is fetched ahead only where `next` names one
        if self.prefetch and page.next is not None:
            self._fetch_ahead(page)
        if page.items and page.raw and page.raw == self._raw:
            # The same items again, at another place: the server does not page, and the first were all of them.
            self._at = None
            return None
        items = page.items[skip:] if skip else page.items
        # Where pages were larger when the cursor was made, some items of the next one are known as well.
        self._at, self._skip = behind = page.next, max(0, skip - len(page.items))
        self._raw = page.raw
        return Step(at, range(skip + 1, skip + 1 + len(items)), items, page, behind)

    def go_on(self, page: Page[T]) -> None:
        """Go on behind a page that was walked by others."""
        self._at, self._skip, self._raw = page.next, 0, page.raw

    async def aclose(self) -> None:
        """Cancel what is being fetched ahead."""
        if self._ahead:
            await cancelled(self._ahead)

    def _fetch_ahead(self, page: Page[T]) -> None:
        while len(self._ahead) < self.prefetch:
            before = self._ahead[-1] if self._ahead else page
            self._ahead.append(asyncio.get_running_loop().create_task(self._fetch_behind(before)))

    async def _fetch_behind(self, before: "Page[T] | asyncio.Task[Page[T] | None]") -> Page[T] | None:
        page = before if isinstance(before, Page) else await before
        if page is None or page.next is None:
            return None
        return self._pages.read(page.next, await self._pages.load(page.next))


async def cancelled(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait until they have ended, whatever they end with."""
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
