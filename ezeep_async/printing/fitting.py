"""Options compared with what a printer says that it can do, and turned into what is sent.

A printer promises to tell its id and its name; of anything else it may say nothing, and then it is asked without a
check. What it does say is binding.
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from ezeep_async.models.print_jobs import JobProperties
from ezeep_async.models.print_printers import CUSTOM_PAPER_ID, PaperFormat, PrinterProperties, Tray
from ezeep_async.printing.options import Duplex, PaperSize, PrintOptions
from print_async.codec import UNSET, UnsetType
from print_async.errors import PrintOptionsError


def fit(options: PrintOptions, printer: PrinterProperties) -> JobProperties:
    """Return what to send to have a document printed so on a printer.

    Raises:
        PrintOptionsError: The printer cannot do it. The message lists every problem, and what it can do instead.
    """
    problems = tuple(_problems(options, printer))
    if problems:
        raise PrintOptionsError(
            f"{printer.name} cannot print so; nothing was uploaded or printed. {' '.join(problems)}",
            printer=printer.id,
            problems=problems,
        )
    return _properties(options, printer)


def _problems(options: PrintOptions, printer: PrinterProperties) -> Iterator[str]:
    yield from _paper_problems(options.paper, printer)
    if options.color and printer.prints_color is False:
        yield "It prints in black and white only."
    if options.duplex not in (None, Duplex.SIMPLEX) and printer.duplex_supported is False:
        yield "It prints on one side only."
    allowed = printer.orientations_supported_id
    if options.orientation is not None and allowed and options.orientation.value not in allowed:
        yield f"There is no orientation {options.orientation.name.lower()}; there is {_list(_orientations(printer))}."
    resolutions = printer.known_resolutions
    if options.resolution is not None and resolutions and options.resolution not in resolutions:
        yield f"There is no resolution {options.resolution!r}; there is {_list(resolutions)}."
    trays = printer.known_trays
    if options.tray is not None and trays is not None and _tray(options.tray, trays) is None:
        has = f"there is {_list(f'{tray.name} ({tray.index})' for tray in trays)}" if trays else "it has none to choose"
        yield f"There is no tray {options.tray!r}; {has}."


def _paper_problems(paper: str | int | PaperSize | None, printer: PrinterProperties) -> Iterator[str]:
    if isinstance(paper, PaperSize):
        yield from _size_problems(paper, printer)
    elif paper == CUSTOM_PAPER_ID:
        yield f"Paper {CUSTOM_PAPER_ID} is for sizes of your own: give a PaperSize."
    elif paper is not None and printer.paper_formats and _format(paper, printer.paper_formats) is None:
        papers = (f"{each.name or 'no name'} ({each.id})" for each in printer.paper_formats)
        yield f"There is no paper {paper!r}; there is {_list(papers)}."


def _size_problems(paper: PaperSize, printer: PrinterProperties) -> Iterator[str]:
    if printer.paper_formats and _format(CUSTOM_PAPER_ID, printer.paper_formats) is None:
        papers = (f"{each.name or 'no name'} ({each.id})" for each in printer.paper_formats)
        yield f"It takes no paper of a size of your own; there is {_list(papers)}."
        return
    widest, longest = printer.max_x_extent or paper.width, printer.max_y_extent or paper.length
    if paper.width > widest or paper.length > longest:
        yield (
            f"Paper of {paper.width} x {paper.length} (0.1 mm) is too large; it takes at most "
            f"{printer.max_x_extent or 'any'} x {printer.max_y_extent or 'any'}."
        )


def _properties(options: PrintOptions, printer: PrinterProperties) -> JobProperties:
    paper, paper_id, width, length = _paper(options.paper, printer)
    source, tray_name = _source(options.tray, printer)
    return JobProperties(
        paper=paper,
        paper_id=paper_id,
        paper_width=width,
        paper_length=length,
        color=_or_unset(options.color),
        duplex=UNSET if options.duplex is None else options.duplex is not Duplex.SIMPLEX,
        duplex_mode=UNSET if options.duplex is None else options.duplex.value,
        orientation=UNSET if options.orientation is None else options.orientation.value,
        copies=_or_unset(options.copies),
        resolution=_or_unset(options.resolution),
        default_source=source,
        tray_name=tray_name,
        page_ranges=_or_unset(options.page_ranges),
    )


T = TypeVar("T")
_Text = str | UnsetType
_Number = int | UnsetType


def _paper(paper: str | int | PaperSize | None, printer: PrinterProperties) -> tuple[_Text, _Number, _Number, _Number]:
    if paper is None:
        return UNSET, UNSET, UNSET, UNSET
    if isinstance(paper, PaperSize):
        return UNSET, CUSTOM_PAPER_ID, paper.width, paper.length
    found = _format(paper, printer.paper_formats or ())
    if found is not None:
        return _or_unset(found.name), found.id, UNSET, UNSET
    return (paper, UNSET, UNSET, UNSET) if isinstance(paper, str) else (UNSET, paper, UNSET, UNSET)


def _source(tray: str | int | None, printer: PrinterProperties) -> tuple[_Number, _Text]:
    if tray is None:
        return UNSET, UNSET
    found = _tray(tray, printer.known_trays or ())
    if found is not None:
        return found.index, _or_unset(found.name)
    return (UNSET, tray) if isinstance(tray, str) else (tray, UNSET)


def _format(paper: str | int, formats: Iterable[PaperFormat]) -> PaperFormat | None:
    return next((each for each in formats if paper in (each.id, each.name)), None)


def _tray(tray: str | int, trays: Iterable[Tray]) -> Tray | None:
    return next((each for each in trays if tray in (each.index, each.name)), None)


def _orientations(printer: PrinterProperties) -> list[str]:
    return list(printer.orientations_supported or map(str, printer.orientations_supported_id or ()))


def _list(values: Iterable[str]) -> str:
    return ", ".join(values)


def _or_unset(value: T | None) -> T | UnsetType:
    return UNSET if value is None else value
