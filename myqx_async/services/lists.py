"""How MyQ's lists are walked: `{"users": [...], "count": n}`, by `start` and `limit` where the list is paged."""

from collections.abc import Mapping
from operator import attrgetter
from typing import TypeVar

from print_async.envelope import envelope_decoder
from print_async.paging import OffsetPages, Pager
from print_async.service import Call, Query, fill, with_query

T = TypeVar("T")

PAGE_SIZE = 100
"""MyQ's own default."""

_ID = attrgetter("id")


def paged(
    call: Call, item: type[T], name: str, *, query: Query, page_size: int, concurrency: int, resume: str | None
) -> Pager[T]:
    """Make the pager of a list that takes `start` and `limit`, of items with an `id`.

    Raises:
        ValueError: `page_size` or `concurrency` is less than 1.
        InvalidCursor: `resume` is not a cursor of this list.
    """
    if page_size < 1:
        raise ValueError("page_size must be at least 1")
    url = with_query(call.base + call.operation.path, query)
    url += "&" if "?" in url else "?"

    async def get(start: int) -> bytes:
        return (await call.send(url=f"{url}start={start}&limit={page_size}")).body

    title = with_query(f"{call.operation.method} {call.operation.path}", query)
    pages = OffsetPages(title, get, envelope_decoder(item, name), page_size, key=_ID)
    return Pager(pages, concurrency=concurrency, resume=resume)


def whole(
    call: Call, item: type[T], name: str, *, query: Query, resume: str | None, path: Mapping[str, object] | None = None
) -> Pager[T]:
    """Make the pager of a list that comes as one page; `path` has the values for the names in the operation's path."""
    values = path or {}

    async def get(_: int) -> bytes:
        return (await call.send(path=values, query=query)).body

    title = with_query(f"{call.operation.method} {fill(call.operation.path, values)}", query)
    return Pager(OffsetPages(title, get, envelope_decoder(item, name), None), resume=resume)
