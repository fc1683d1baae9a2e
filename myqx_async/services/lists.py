"""How MyQ's lists are walked: `{"users": [...], "count": n}`, by `start` and `limit` where the list is paged."""

from collections.abc import Mapping
from typing import TypeVar

from print_async.envelope import envelope_decoder
from print_async.paging import OffsetPages, Pager
from print_async.service import Call, Query, fill, with_query

T = TypeVar("T")

PAGE_SIZE = 100
"""MyQ's own default."""


def paged(call: Call, item: type[T], name: str, *, query: Query, page_size: int, resume: str | None) -> Pager[T]:
    """Make the pager of a list that takes `start` and `limit`.

    Raises:
        ValueError: `page_size` is less than 1.
        InvalidCursor: `resume` is not a cursor of this list.
    """
    if page_size < 1:
        raise ValueError("page_size must be at least 1")
    return _pager(call, item, name, query, page_size, resume, {})


def whole(
    call: Call, item: type[T], name: str, *, query: Query, resume: str | None, path: Mapping[str, object] | None = None
) -> Pager[T]:
    """Make the pager of a list that comes as one page; `path` has the values for the names in the operation's path."""
    return _pager(call, item, name, query, None, resume, path or {})


def _pager(
    call: Call,
    item: type[T],
    name: str,
    query: Query,
    page_size: int | None,
    resume: str | None,
    path: Mapping[str, object],
) -> Pager[T]:
    async def get(start: int) -> bytes:
        paging = {} if page_size is None else {"start": start, "limit": page_size}
        return (await call.send(path=path, query={**query, **paging})).body

    title = with_query(f"{call.operation.method} {fill(call.operation.path, path)}", query)
    return Pager(OffsetPages(title, get, envelope_decoder(item, name), page_size), resume=resume)
