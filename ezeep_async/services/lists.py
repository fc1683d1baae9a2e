"""How ezeep's lists are walked: Django REST framework's envelope, by next link."""

from collections.abc import Callable
from typing import TypeVar

from print_async.codec import UNSET
from print_async.envelope import envelope_decoder
from print_async.paging import LinkPages, Pager
from print_async.service import Call, Query, with_query

T = TypeVar("T")

PAGE_SIZE = 100
"""What is asked for by default. ezeep's own default is 20; the most it gives is documented for print jobs only: 100."""


def pager(
    call: Call,
    item: type[T],
    *,
    query: Query | None = None,
    json: object = UNSET,
    title: str = "",
    keep: Callable[[T], bool] | None = None,
    page_size: int = PAGE_SIZE,
    prefetch: int = 1,
    resume: str | None = None,
) -> Pager[T]:
    """Make the pager of a list operation.

    Args:
        call: The operation.
        item: The model of its items.
        title: What tells the list from others of the same operation and query.
        query, json: Filters, in the query and in the body; the body goes with every page.
        keep: Drops the items for which it is false.
        page_size: Items to ask for in each page.
        prefetch: Pages to fetch ahead.
        resume: A cursor to go on from.

    Raises:
        ValueError: `page_size` is less than 1.
        InvalidCursor: `resume` is not a cursor of this list.
    """
    if page_size < 1:
        raise ValueError("page_size must be at least 1")
    decode = envelope_decoder(item, "results")
    operation = call.operation

    async def get(url: str) -> bytes:
        return (await call.send(url=url, json=json)).body

    pages = LinkPages(
        list=f"{with_query(f'{operation.method} {operation.path}', query)} {title}".rstrip(),
        get=get,
        decode=decode if keep is None else lambda data: decode(data).only(keep),
        base=call.base,
        path=operation.path,
        first=with_query(f"?limit={page_size}&offset=0", query),
    )
    return Pager(pages, prefetch=prefetch, resume=resume)
