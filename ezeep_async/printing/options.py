"""How a document is to be printed."""

import re
from enum import Enum
from typing import Any

import attrs
from attrs.validators import ge, gt, instance_of, optional

_PAGE_RANGES = re.compile(r"\d{1,9}(-\d{1,9})?(;\d{1,9}(-\d{1,9})?)*", re.ASCII)


class Duplex(Enum):
    """On which sides, and along which edge the sheet is turned. The values are the vendor's `duplexmode`."""

    SIMPLEX = 1
    LONG_EDGE = 2
    SHORT_EDGE = 3


class Orientation(Enum):
    """Which way round. The values are the vendor's `orientation`."""

    PORTRAIT = 1
    LANDSCAPE = 2


@attrs.frozen
class PaperSize:
    """A size of paper that has no name: 0.1 mm each, so A4 is `PaperSize(2100, 2970)`.

    Raises:
        ValueError, TypeError: Not whole numbers above 0.
    """

    width: int = attrs.field(validator=[instance_of(int), gt(0)])
    length: int = attrs.field(validator=[instance_of(int), gt(0)])


def _some_text(_: object, field: "attrs.Attribute[Any]", value: object) -> None:
    if isinstance(value, str) and not value.strip():
        raise ValueError(f"{field.name} must not be empty; leave it out to have the printer's own")


def _ranges(_: object, field: "attrs.Attribute[Any]", value: str) -> None:
    fits = _PAGE_RANGES.fullmatch(value)
    pairs = [[int(page) for page in part.split("-")] for part in value.split(";")] if fits else []
    if not fits or any(pair[0] < 1 or pair[-1] < pair[0] for pair in pairs):
        raise ValueError(f"{field.name} are pages and ranges with semicolons between, as in 1-2;4-5;8, not {value!r}")


def _whole(_: object, field: "attrs.Attribute[Any]", value: object) -> None:
    if isinstance(value, bool):
        raise TypeError(f"{field.name} is a number, not {value!r}")


@attrs.frozen(kw_only=True)
class PrintOptions:
    """How a document is to be printed. What is `None` is left to the printer.

    They are compared with what the printer says that it can do before anything is sent; what it does not say is let
    pass.

    Raises:
        ValueError, TypeError: A value that no printer can have.
    """

    paper: str | int | PaperSize | None = attrs.field(
        default=None, validator=[optional(instance_of((str, int, PaperSize))), _some_text, _whole]
    )
    """Name or id of one of the printer's paper formats, or a size of your own."""
    color: bool | None = attrs.field(default=None, validator=optional(instance_of(bool)))
    duplex: Duplex | None = attrs.field(default=None, validator=optional(instance_of(Duplex)))
    orientation: Orientation | None = attrs.field(default=None, validator=optional(instance_of(Orientation)))
    copies: int | None = attrs.field(default=None, validator=[optional([instance_of(int), ge(1)]), _whole])
    resolution: str | None = attrs.field(default=None, validator=[optional(instance_of(str)), _some_text])
    """One of the printer's resolutions, such as `600` or `Auto`."""
    tray: str | int | None = attrs.field(
        default=None, validator=[optional(instance_of((str, int))), _some_text, _whole]
    )
    """Name or index of one of the printer's trays. Undocumented: the vendor's client was seen sending it."""
    page_ranges: str | None = attrs.field(default=None, validator=optional([instance_of(str), _ranges]))
    """Pages from 1, as in `1-2;4-5;8`. Undocumented: the vendor's client was seen sending it."""

    @property
    def is_empty(self) -> bool:
        """Whether everything is left to the printer."""
        return self == PrintOptions()
