"""How ezeep's lists are walked: Django REST framework's envelope, by next link."""

from collections.abc import Callable
from operator import attrgetter
from typing import TypeVar

from print_async.codec import UNSET
from print_async.envelope import envelope_decoder
from print_async.paging import LinkPages, Pager
from print_async.service import Call, Query, with_query

T = TypeVar("T")

PAGE_SIZE = 100
"""What is asked for by default. ezeep's own default is 20; the most it gives is documented for print jobs only: 100."""

_ID = attrgetter("id")


def pager(
    call: Call,
    item: type[T],
    *,
    query: Query | None = None,
    json: object = UNSET,
    title: str = "",
    key: Callable[[T], object] = _ID,
    keep: Callable[[T], bool] | None = None,
    page_size: int = PAGE_SIZE,
    prefetch: int = 1,
    concurrency: int = 1,
    resume: str | None = None,
) -> Pager[T]:
    """Make the pager of a list operation.

    Args:
        call: The operation.
        item: The model of its items.
        title: What tells the list from others of the same operation and query.
        query, json: Filters, in the query and in the body; the body goes with every page.
        key: What tells an item from all others of the list; by default its `id`.
        keep: Drops the items for which it is false.
        page_size: Items to ask for in each page.
        prefetch: Pages to fetch ahead.
        concurrency: Pages to fetch at a time.
        resume: A cursor to go on from.

    Raises:
        ValueError: `page_size` or `concurrency` is less than 1, or `prefetch` less than 0.
        InvalidCursor: `resume` is not a cursor of this list.
    """
    if page_size < 1:
        raise ValueError("page_size must be at least 1")
    operation = call.operation
    name = with_query(operation.needs.operation, query)

    async def get(url: str) -> bytes:
        return (await call.send(url=url, json=json)).body

    pages = LinkPages(
        list=f"{name} {title}" if title else name,
        get=get,
        decode=envelope_decoder(item, "results"),
        base=call.base,
        path=operation.path,
        first=with_query(f"?limit={page_size}&offset=0", query),
        key=key,
        keep=keep,
    )
    return Pager(pages, prefetch=prefetch, concurrency=concurrency, resume=resume)
