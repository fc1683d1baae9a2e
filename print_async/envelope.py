"""The two shapes a list has on the wire: a bare array, or an object with the items and what is said about them."""

import functools
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import attrs
import msgspec

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
    fields: list[Any] = [(name, list[item]), ("count", int | None, None), ("next", str | None, None)]
    return msgspec.defstruct(f"{item.__name__}Page", fields)
