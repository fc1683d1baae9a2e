"""What a printer or its driver can do, which ezeep packs into a text: `blob_capabilities`.

The text is base64 of gzip of UTF-16LE. Each entry ends in NUL, and each section in one NUL more. A `*` before an entry
marks the default. The vendor shows such texts (management_api/drivers) and explains none of it: the reading here is
drawn from its samples. The first three sections are trays, papers and resolutions; the others are kept as they are.
"""

import binascii
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Self

import attrs

from print_async.errors import DecodeError

_MOST_BYTES = 1 << 20  # unpacked; the vendor's samples have two thousand
_GZIP = 16 + zlib.MAX_WBITS
_END = "\0"
_AREA = "\u00b6"


@attrs.frozen
class CapabilityTray:
    """A tray."""

    index: int
    name: str
    default: bool = False


@attrs.frozen
class PrintableArea:
    """Where a printer can print on a paper; all in 0.1 mm."""

    left: int
    top: int
    width: int
    height: int


@attrs.frozen
class CapabilityPaper:
    """A size of paper; all lengths in 0.1 mm."""

    id: int
    """Windows' number, or the driver's; 256 is a custom size."""
    width: int
    height: int
    name: str
    printable: PrintableArea | None = None
    default: bool = False


@attrs.frozen
class Capabilities:
    """What a printer or driver can do, unpacked."""

    trays: tuple[CapabilityTray, ...]
    papers: tuple[CapabilityPaper, ...]
    resolutions: tuple[str, ...]
    """In dots per inch, as text: `600`."""
    default_resolution: str | None = None
    """One of them."""
    more: tuple[tuple[str, ...], ...] = ()
    """The sections behind those, by entry. What they mean is not known."""

    @classmethod
    def of(cls, blob: Mapping[str, object]) -> Self:
        """Unpack the `blob_capabilities` of a printer (`Capabilities`) or of a driver (`capabilities`).

        Raises:
            DecodeError: It has no such text, or the text is not packed as in the vendor's samples, or is larger than
                1 MiB unpacked.
        """
        packed = next((value for name, value in blob.items() if name.lower() == "capabilities"), None)
        if not isinstance(packed, str):
            raise DecodeError("these blob_capabilities have no text named Capabilities")
        return cls.parse(packed)

    @classmethod
    def parse(cls, packed: str) -> Self:
        """Unpack the text itself; raises `DecodeError` as `of` does."""
        sections = tuple(_sections(_unpack(packed)))
        if len(sections) < 3:
            raise DecodeError(f"the capabilities have {len(sections)} sections, and not trays, papers and resolutions")
        trays, papers, resolutions, *more = sections
        marked = [_default(entry) for entry in resolutions]
        return cls(
            tuple(map(_tray, trays)),
            tuple(map(_paper, papers)),
            tuple(text for text, _ in marked),
            next((text for text, default in marked if default), None),
            tuple(more),
        )


def _unpack(packed: str) -> str:
    try:
        inflate = zlib.decompressobj(_GZIP)
        # The limit is kept while unpacking: a few bytes can be made to unpack to gigabytes.
        data = inflate.decompress(binascii.a2b_base64(packed, strict_mode=True), _MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise DecodeError(f"the capabilities are larger than {_MOST_BYTES} bytes unpacked")
        if not inflate.eof or inflate.unused_data:
            raise DecodeError("the capabilities are cut short, or have something behind their end")
        return data.decode("utf-16-le")
    except (ValueError, zlib.error) as error:
        raise DecodeError("the capabilities are not base64 of gzip of UTF-16") from error


def _sections(text: str) -> Iterator[tuple[str, ...]]:
    entries: list[str] = []
    *whole, rest = text.split(_END)
    for entry in whole:
        if entry:
            entries.append(entry)
        else:
            yield tuple(entries)
            entries = []
    if entries or rest:
        raise DecodeError("the last section of the capabilities has no end")


def _tray(entry: str) -> CapabilityTray:
    text, default = _default(entry)
    index, name = _fields(text, 2)
    return CapabilityTray(_number(index), name, default)


def _paper(entry: str) -> CapabilityPaper:
    text, default = _default(entry)
    said, sign, area = text.rpartition(_AREA) if _AREA in text else (text, "", "")
    number, width, height, name = _fields(said, 4)
    printable = PrintableArea(*map(_number, _fields(area, 4))) if sign else None
    return CapabilityPaper(_number(number), _number(width), _number(height), name, printable, default)


def _default(entry: str) -> tuple[str, bool]:
    return entry.removeprefix("*"), entry.startswith("*")


def _fields(text: str, count: int) -> list[str]:
    fields = text.split(",", count - 1)
    if len(fields) != count:
        raise DecodeError(f"an entry of the capabilities has {len(fields)} fields instead of {count}")
    return fields


def _number(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise DecodeError("an entry of the capabilities has no number where one belongs")
    return int(text)
