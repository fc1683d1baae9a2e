"""Slices of lists, and the wrapper that the API puts around them: `{"<plural>": [...], "count": n}`.

`limit` (items, default 100) and `start` (offset, default 0) are documented for users alone. What `count` counts is not:
here it is all there are, or with `count_is_page` what is on the page.
"""

import re
from collections.abc import Sequence
from typing import TypeVar

from aiohttp import web

from myqx_async.simulator.answers import Refusal

T = TypeVar("T")


def cut(request: web.Request, items: Sequence[T]) -> Sequence[T]:
    """Return the page that the request asks for."""
    start, limit = _number(request, "start", 0), _number(request, "limit", 100)
    return items[start : start + limit]


def wrap(name: str, page: Sequence[object], total: int, *, count_is_page: bool) -> dict[str, object]:
    """Put the wrapper around a page of `total` items."""
    return {name: page, "count": len(page) if count_is_page else total}


def includes(request: web.Request) -> frozenset[str]:
    """Return the names in the comma-separated `include`."""
    return frozenset(request.query.get("include", "").split(",")) - {""}


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise Refusal(400, f"Invalid parameter: {name}")
    return int(text)
