"""Telling from the rows that two pages share whether the list moved between the fetching of the one and of the other.

Pages by offset shift when somebody deletes or inserts a row in front of them: a row is met twice, or never. So each
page is asked for from the last row of the one before. If it begins with that row, it fits. If not, what is known of the
rows that were handed out tells which are new:

- Rows keep their order. So a page that has any row that was handed out, and goes on from there, has every row that
  comes next: nothing is left out. A page that has none says nothing, and another must be looked for.
- Of the rows behind the first such row, those are new that were not handed out. To know them, the last rows of the list
  that were handed out are enough: any older one stands in front of these, and so in front of the first one met.

A page that has such a row, but does not begin with one, is taken only where there is no better one: it may be that the
row has moved, and rows that did not are in front of it.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import chain
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """The last rows handed out, by key, in the order of the list.

    Args:
        key: What tells a row from all others.
        rows: Those handed out so far; at least one.
        limit: How many to remember.
    """

    def __init__(self, key: Callable[[T], object], rows: Iterable[T], limit: int) -> None:
        self._key = key
        self._limit = limit
        first = list(map(key, rows))
        self._known = set(first)
        self._order = deque([first])  # the same in their order, in parts that are forgotten one by one

    def begins(self, rows: Sequence[T]) -> bool:
        """Tell whether a page begins with a row that was handed out."""
        return bool(rows) and self._key(rows[0]) in self._known

    def overlaps(self, rows: Sequence[T]) -> bool:
        """Tell whether any row of a page was handed out."""
        return not self._known.isdisjoint(map(self._key, rows))

    def new_of(self, rows: Sequence[T]) -> Collection[object]:
        """Return the keys of the rows of a page that are new, and remember them. It overlaps with what is known."""
        keys = list(map(self._key, rows))
        new = keys[1:]
        if keys[0] != self._order[-1][-1] or not self._known.isdisjoint(new):
            return self._sort_in(keys)
        if new:
            self._known.update(new)
            self._order.append(new)
        while len(self._known) - len(self._order[0]) > self._limit:
            self._known.difference_update(self._order.popleft())
        return new

    def _sort_in(self, keys: list[object]) -> Collection[object]:
        met = next(number for number, key in enumerate(keys) if key in self._known)
        here = dict.fromkeys(keys[met:])
        new = [key for key in here if key not in self._known]
        order = list(chain.from_iterable(self._order))
        at = order.index(keys[met])
        # What was handed out, follows in the list and is not here, is gone or comes later: it stays the last.
        earlier, later = ([key for key in part if key not in here] for part in (order[:at], order[at:]))
        self._order = deque(filter(None, (earlier[-self._limit :], list(here), later[-self._limit :])))
        self._known = set(chain.from_iterable(self._order))
        return new
