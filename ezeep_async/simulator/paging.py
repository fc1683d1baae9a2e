"""The lists: the envelope with `count`, `next`, `previous` and `results`, or bare arrays.

The vendor's samples page by `limit` and `offset`, twenty at a time unless told; its page on users speaks of `page` and
`per_page` for the account API. In its samples the links begin with `http://` although the request was made with https,
and so they do here.
"""

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import attrs
from aiohttp import web

from ezeep_async.simulator.answers import answer, detail

Fetch = Callable[[int, int], list[object]]
"""Returns the items from a start to a stop that is within the list."""


@attrs.frozen
class Envelope:
    """One page of a list."""

    count: int
    next: str | None
    previous: str | None
    results: list[object]


@attrs.frozen
class Lists:
    """How lists are cut into pages."""

    default_page: int = 20
    max_page: int = 100
    bare: bool = False
    """Answer the whole list as a JSON array, whatever page was asked for."""

    def by_offset(self, request: web.Request, count: int, fetch: Fetch) -> web.Response:
        """Answer the page that `limit` and `offset` ask for; nonsense counts as not given."""
        if self.bare:
            return answer(fetch(0, count))
        limit = self._size(request.query.get("limit"))
        offset = max(0, _number(request.query.get("offset"), 0))
        following = offset + limit if offset + limit < count else None
        preceding = max(0, offset - limit) if offset > 0 else None
        return answer(
            Envelope(
                count,
                None if following is None else _link(request, {"limit": limit, "offset": following}),
                None if preceding is None else _link(request, {"limit": limit, "offset": preceding}),
                fetch(min(offset, count), min(offset + limit, count)),
            )
        )

    def by_offset_or_page(self, request: web.Request, count: int, fetch: Fetch) -> web.Response:
        """Answer the page that `page` and `per_page` ask for, if either is given, else as `by_offset`."""
        if self.bare or not request.query.keys() & {"page", "per_page"}:
            return self.by_offset(request, count, fetch)
        size = self._size(request.query.get("per_page"))
        page, pages = _number(request.query.get("page"), 1), max(1, -(-count // size))
        if not 1 <= page <= pages:
            raise detail(404, "Invalid page.")
        return answer(
            Envelope(
                count,
                _link(request, {"page": page + 1, "per_page": size}) if page < pages else None,
                _link(request, {"page": page - 1, "per_page": size}) if page > 1 else None,
                fetch((page - 1) * size, min(page * size, count)),
            )
        )

    def _size(self, asked: str | None) -> int:
        size = _number(asked, self.default_page)
        return min(size if size > 0 else self.default_page, self.max_page)


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isascii() and text.isdecimal() else default


def _link(request: web.Request, changes: Mapping[str, int]) -> str:
    return f"http://{request.host}{request.path}?{urlencode({**request.query, **changes})}"
