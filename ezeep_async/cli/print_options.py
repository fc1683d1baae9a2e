"""How to print, as options of a command."""

import re
from decimal import Decimal
from enum import Enum
from typing import Annotated

import attrs
import typer

from ezeep_async.printing import Duplex, Orientation, PaperSize, PrintOptions


class Sides(Enum):
    """On which sides, in the words of the command line."""

    LONG = "long"
    SHORT = "short"
    OFF = "off"


class Way(Enum):
    """Which way round, in the words of the command line."""

    PORTRAIT = "portrait"
    LANDSCAPE = "landscape"


_DUPLEX = {Sides.LONG: Duplex.LONG_EDGE, Sides.SHORT: Duplex.SHORT_EDGE, Sides.OFF: Duplex.SIMPLEX}
_SIZE = re.compile(r"(\d{1,5}(?:\.\d)?)x(\d{1,5}(?:\.\d)?)mm", re.ASCII)


@attrs.frozen(kw_only=True)
class Settings:
    """How to print. What is not said is left to the printer."""

    copies: Annotated[int | None, typer.Option(min=1)] = None
    duplex: Annotated[Sides | None, typer.Option(help="Both sides, turned along that edge; or one side.")] = None
    color: Annotated[bool | None, typer.Option("--color/--no-color")] = None
    paper: Annotated[str | None, typer.Option(help="Name or number of its paper, or a size such as 62x100mm.")] = None
    orientation: Annotated[Way | None, typer.Option()] = None
    resolution: Annotated[str | None, typer.Option(help="One of the printer's, such as 600.")] = None
    tray: Annotated[str | None, typer.Option(help="Name or number of its tray.")] = None
    pages: Annotated[str | None, typer.Option(help="Such as 1-2;4-5;8 (in quotes, for the shell).")] = None

    def options(self) -> PrintOptions:
        """Return them as the client takes them.

        Raises:
            ValueError: One makes no sense, whatever the printer.
        """
        return PrintOptions(
            copies=self.copies,
            duplex=None if self.duplex is None else _DUPLEX[self.duplex],
            color=self.color,
            paper=None if self.paper is None else _paper(self.paper),
            orientation=None if self.orientation is None else Orientation[self.orientation.name],
            resolution=self.resolution,
            tray=None if self.tray is None else _number(self.tray),
            page_ranges=self.pages,
        )


def _paper(text: str) -> str | int | PaperSize:
    size = _SIZE.fullmatch(text)
    return PaperSize(*(int(Decimal(each) * 10) for each in size.groups())) if size else _number(text)


def _number(text: str) -> str | int:
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else text
