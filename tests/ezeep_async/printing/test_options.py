"""Options: what no printer can have, what this one cannot do, and what is sent."""

import json
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ezeep_async.models import JobProperties, PaperFormat, PrinterProperties, Tray
from ezeep_async.printing import Duplex, Orientation, PaperSize, PrintOptions
from ezeep_async.printing.fitting import fit
from ezeep_async.simulator.print_jobs import check_properties
from ezeep_async.simulator.print_printers import printers as simulated_printers
from print_async.codec import decode, encode
from print_async.errors import PrintOptionsError

BARE = PrinterProperties("id", "Bare")
FULL = PrinterProperties(
    "id",
    "Full",
    color=True,
    duplex_supported=True,
    orientations_supported=("portrait", "landscape"),
    orientations_supported_id=(1, 2),
    paper_formats=(PaperFormat(0, "Auto"), PaperFormat(9, "A4", 2100, 2970), PaperFormat(256, "Custom")),
    resolutions=("Auto", "600", ""),
    trays=(Tray(15, "Automatic"), Tray(2, "Tray 2")),
    max_x_extent=2970,
    max_y_extent=4318,
)
LITTLE = PrinterProperties(
    "id",
    "Little",
    color=True,
    color_supported=False,
    duplex_supported=False,
    orientations_supported=("portrait",),
    orientations_supported_id=(1,),
    paper_formats=(PaperFormat(9, "A4"), PaperFormat(300)),
    resolutions=("", "300"),
    trays=(None,),
)


def sent(options: PrintOptions, printer: PrinterProperties) -> dict[str, object]:
    """Return the properties as they go out."""
    return json.loads(encode(fit(options, printer)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"copies": 0}, {"copies": True}, {"copies": 1.5}, {"copies": "2"}, {"paper": ""}, {"paper": " "},
        {"paper": True}, {"paper": 2.5}, {"resolution": ""}, {"resolution": 600}, {"tray": ""}, {"tray": False},
        {"color": "color"}, {"color": 1}, {"duplex": True}, {"duplex": 2}, {"orientation": 1},
        {"page_ranges": ""}, {"page_ranges": "0"}, {"page_ranges": "3-2"}, {"page_ranges": "1-2,4"},
        {"page_ranges": "1;"}, {"page_ranges": "a"}, {"page_ranges": "1-2-3"}, {"page_ranges": 3},
        {"page_ranges": "\u0663"},
    ],
    ids=repr,
)  # fmt: skip
def test_what_no_printer_can_have(wrong):
    """A value that makes no sense on any printer is refused when the options are made, and the option is named."""
    with pytest.raises((ValueError, TypeError), match=next(iter(wrong))):
        PrintOptions(**wrong)


@pytest.mark.parametrize("size", [(0, 10), (10, 0), (-1, 10), (2.5, 10), ("1", 10)], ids=repr)
def test_what_no_paper_has(size):
    """A size of paper is whole tenths of millimetres above zero."""
    with pytest.raises((ValueError, TypeError)):
        PaperSize(*size)


def test_everything_at_once():
    """Each option goes out under the vendor's name, paper and tray with both their names and numbers."""
    options = PrintOptions(
        paper="A4", color=False, duplex=Duplex.SHORT_EDGE, orientation=Orientation.LANDSCAPE, copies=3,
        resolution="600", tray="Tray 2", page_ranges="1-2;4-5;8",
    )  # fmt: skip

    assert sent(options, FULL) == {
        "paper": "A4", "paperid": 9, "color": False, "duplex": True, "duplexmode": 3, "orientation": 2, "copies": 3,
        "resolution": "600", "defaultSource": 2, "trayname": "Tray 2", "PageRanges": "1-2;4-5;8",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"paper": 9}, {"paper": "A4", "paperid": 9}),
        ({"paper": PaperSize(1000, 2000)}, {"paperid": 256, "paperwidth": 1000, "paperlength": 2000}),
        ({"tray": 15}, {"defaultSource": 15, "trayname": "Automatic"}),
        ({"duplex": Duplex.SIMPLEX}, {"duplex": False, "duplexmode": 1}),
        ({}, {}),
    ],
    ids=repr,
)
def test_by_number_and_by_name(options, expected):
    """Paper and trays can be given by number as well, a size of one's own goes out as paper 256, in 0.1 mm."""
    assert sent(PrintOptions(**options), FULL) == expected


def test_a_printer_that_says_nothing():
    """Of a printer that tells only its name everything may be asked, as it is given."""
    assert sent(PrintOptions(paper="A9", tray=7, color=True, duplex=Duplex.LONG_EDGE), BARE) == {
        "paper": "A9", "defaultSource": 7, "color": True, "duplex": True, "duplexmode": 2,
    }  # fmt: skip
    assert sent(PrintOptions(paper=77, tray="Top"), BARE) == {"paperid": 77, "trayname": "Top"}
    assert sent(PrintOptions(paper=PaperSize(1, 1)), BARE)["paperid"] == 256


def test_all_problems_in_one_error():
    """The error has every problem, and beside each what the printer can do; it is a `ValueError`."""
    options = PrintOptions(
        paper="A3", color=True, duplex=Duplex.LONG_EDGE, orientation=Orientation.LANDSCAPE, resolution="600", tray=2
    )

    with pytest.raises(ValueError, match="Little cannot print so; nothing was uploaded or printed") as refused:
        fit(options, LITTLE)

    assert isinstance(refused.value, PrintOptionsError)
    problems = refused.value.problems
    assert len(problems) == 6
    able = ("A4 (9), no name (300)", "black and white", "one side", "portrait", "300", "none")
    for problem, can in zip(problems, able, strict=True):
        assert can in problem
        assert problem in str(refused.value)


@pytest.mark.parametrize(
    ("size", "printer", "fits"),
    [
        (PaperSize(2970, 4318), FULL, True), (PaperSize(2971, 4318), FULL, False), (PaperSize(2970, 4319), FULL, False),
        (PaperSize(1, 1), LITTLE, False), (PaperSize(9999, 9999), BARE, True),
    ],
    ids=repr,
)  # fmt: skip
def test_sizes_of_ones_own(size, printer, fits):
    """A size of one's own needs a printer that takes such, and must not be larger than what it takes."""
    if fits:
        assert sent(PrintOptions(paper=size), printer)["paperwidth"] == size.width
    else:
        with pytest.raises(PrintOptionsError, match=r"size of your own|at most 2970 x 4318"):
            fit(PrintOptions(paper=size), printer)


def test_paper_256_by_its_number():
    """The number of the custom size without a size is refused, as the printer could not know which."""
    with pytest.raises(PrintOptionsError, match="PaperSize"):
        fit(PrintOptions(paper=256), FULL)


maybe = st.none() | st.booleans()
numbers = st.integers(0, 4)
names = st.sampled_from(("A4", "A3", "600", "Top"))
printers = st.builds(
    PrinterProperties,
    st.just("id"),
    st.just("P"),
    color=maybe,
    color_supported=maybe,
    duplex_supported=maybe,
    orientations_supported_id=st.none() | st.lists(st.sampled_from((1, 2)), unique=True).map(tuple),
    paper_formats=st.none() | st.lists(st.builds(PaperFormat, numbers | st.just(256), st.none() | names)).map(tuple),
    resolutions=st.none() | st.lists(names | st.just("")).map(tuple),
    trays=st.none() | st.lists(st.none() | st.builds(Tray, numbers, st.none() | names)).map(tuple),
    max_x_extent=st.none() | st.integers(0, 30),
    max_y_extent=st.none() | st.integers(0, 30),
)
options = st.builds(
    PrintOptions,
    paper=st.none() | names | numbers | st.builds(PaperSize, st.integers(1, 40), st.integers(1, 40)),
    color=maybe,
    duplex=st.none() | st.sampled_from(Duplex),
    orientation=st.none() | st.sampled_from(Orientation),
    copies=st.none() | st.integers(1, 9),
    resolution=st.none() | names,
    tray=st.none() | names | numbers,
)


def paper_fits(paper, printer) -> bool:
    """Whether a printer may be asked for a paper."""
    formats = printer.paper_formats
    if isinstance(paper, PaperSize):
        sizes = ((paper.width, printer.max_x_extent), (paper.length, printer.max_y_extent))
        return (not formats or any(each.id == 256 for each in formats)) and all(
            not most or size <= most for size, most in sizes
        )
    return paper is None or not formats or any(paper in (each.id, each.name) for each in formats)


def can_do(options, printer) -> bool:
    """Whether a printer may be asked for all of it: what it says, and in each case that it says nothing."""
    color = printer.color if printer.color_supported is None else printer.color_supported
    trays = None if printer.trays is None else [each for each in printer.trays if each is not None]
    resolutions = [each for each in printer.resolutions or () if each]
    oriented = printer.orientations_supported_id
    return all(
        (
            paper_fits(options.paper, printer),
            not options.color or color is not False,
            options.duplex in (None, Duplex.SIMPLEX) or printer.duplex_supported is not False,
            options.orientation is None or not oriented or options.orientation.value in oriented,
            options.resolution is None or not resolutions or options.resolution in resolutions,
            options.tray is None or trays is None or any(options.tray in (each.index, each.name) for each in trays),
        )
    )


@given(options, printers)
def test_the_matrix(options, printer):
    """What a printer can do, or says nothing of, is sent; all else is an error that says what it can do."""
    if not can_do(options, printer):
        with pytest.raises(PrintOptionsError) as refused:
            fit(options, printer)
        assert refused.value.problems
        assert all(problem in str(refused.value) for problem in refused.value.problems)
        return

    fitted = fit(options, printer)
    assert (fitted == JobProperties()) == options.is_empty
    body = json.loads(encode(fitted))
    assert ("paperwidth" in body, "paperlength" in body) == (isinstance(options.paper, PaperSize),) * 2
    assert "paperwidth" not in body or body["paperid"] == 256
    assert body.get("copies") == options.copies


@given(options, st.sampled_from(simulated_printers(0)))
def test_the_other_reading(options, printer):
    """Whatever is sent to a simulated printer has the names and types that another reading of the documents takes."""
    properties = decode(encode(printer.properties()), PrinterProperties)
    if can_do(options, properties):
        check_properties(sent(options, properties))


@pytest.mark.parametrize(("color", "supported"), list(product((None, False, True), repeat=2)))
def test_both_words_for_colour(color, supported):
    """The newer word for colour counts where a printer has it, else the older one; without either it may be asked."""
    printer = PrinterProperties("id", "P", color=color, color_supported=supported)

    refuses = (color if supported is None else supported) is False
    if refuses:
        with pytest.raises(PrintOptionsError, match="black and white"):
            fit(PrintOptions(color=True), printer)
    else:
        assert sent(PrintOptions(color=True), printer) == {"color": True}
    assert sent(PrintOptions(color=False), printer) == {"color": False}
