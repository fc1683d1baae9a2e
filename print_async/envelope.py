"""The two shapes a list has on the wire: a bare array, or an object with the items and what is said about them."""

import functools
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import attrs
import msgspec

from print_async.codec import decode

T = TypeVar("T")


@attrs.frozen
class Envelope(Generic[T]):
    """A decoded page."""

    items: list[T]
    count: int | None = None
    next: str | None = None

    def only(self, keep: Callable[[T], bool]) -> "Envelope[T]":
        """Return the same page with only the items for which `keep` is true."""
        return attrs.evolve(self, items=[item for item in self.items if keep(item)])


def envelope_decoder(item: type[T], name: str) -> Callable[[bytes], Envelope[T]]:
    """Return a function that decodes a page of such items, bare or in an object under that name.

    The object may have `count` and `next`; whatever else is in it is passed over. The function raises `DecodeError`.
    """
    wrapper = _wrapper(item, name)  # type: ignore[arg-type]  # classes are hashable, whatever mypy says
    bare: Any = list[item]  # type: ignore[valid-type]  # a type made at run time

    def decode_page(data: bytes) -> Envelope[T]:
        if data.lstrip()[:1] == b"[":
            return Envelope(decode(data, bare))
        found = decode(data, wrapper)
        return Envelope(getattr(found, name), found.count, found.next)

    return decode_page


@functools.cache
def _wrapper(item: Any, name: str) -> type[Any]:
    fields: list[Any] = [(name, list[item]), ("count", int | None, None), ("next", str | None, None)]
    return msgspec.defstruct(f"{item.__name__}Page", fields)
