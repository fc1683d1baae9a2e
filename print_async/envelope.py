"""The two shapes a list has on the wire: a bare array, or an object with the items and what is said about them."""

import functools
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import attrs

from print_async.codec import decode

T = TypeVar("T")


@attrs.define  # not frozen, as `Page` is not
class Envelope(Generic[T]):
    """A decoded page."""

    items: list[T]
    count: int | None = None
    next: str | None = None


def envelope_decoder(item: type[T], name: str) -> Callable[[bytes], Envelope[T]]:
    """Return a function that decodes a page of such items, bare or in an object under that name.

    The object may have `count` and `next`; whatever else is in it is passed over. The function raises `DecodeError`.
    """
    return _decoder(item, name)  # type: ignore[arg-type]  # classes are hashable, whatever mypy says


@functools.cache
def _decoder(item: Any, name: str) -> Callable[[bytes], Envelope[Any]]:
    wrapper, bare = _wrapper(item, name), list[item]

    def decode_page(data: bytes) -> Envelope[Any]:
        if data.lstrip()[:1] == b"[":
            return Envelope(decode(data, bare))
        found = decode(data, wrapper)
        return Envelope(getattr(found, name), found.count, found.next)

    return decode_page


def _wrapper(item: Any, name: str) -> type[Any]:
    optional_int: Any = int | None
    optional_str: Any = str | None
    fields = {
        name: attrs.field(type=list[item]),
        "count": attrs.field(type=optional_int, default=None),
        "next": attrs.field(type=optional_str, default=None),
    }
    return attrs.make_class(f"{item.__name__}Page", fields, frozen=True, slots=True)
