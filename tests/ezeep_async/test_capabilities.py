"""The packed capabilities of printers and drivers."""

import gzip
import json
import tracemalloc
from base64 import b64encode
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ezeep_async.models import Capabilities, CapabilityPaper, CapabilityTray, PrintableArea
from print_async.errors import DecodeError

SAMPLES = Path(__file__).parents[1] / "samples" / "ezeep"


def pack(text: str) -> str:
    """Pack a text as ezeep does."""
    return b64encode(gzip.compress(text.encode("utf-16-le"))).decode()


def write(known: Capabilities) -> str:
    """Write capabilities in ezeep's way, packed."""

    def line(default: bool, *parts: object) -> str:
        return "*" * default + ",".join(map(str, parts))

    def area(paper: CapabilityPaper) -> str:
        where = paper.printable
        return "" if where is None else f"\u00b6{where.left},{where.top},{where.width},{where.height}"

    trays = [line(tray.default, tray.index, tray.name) for tray in known.trays]
    papers = [
        line(paper.default, paper.id, paper.width, paper.height, paper.name) + area(paper) for paper in known.papers
    ]
    resolutions = [line(text == known.default_resolution, text) for text in known.resolutions]
    sections = (trays, papers, resolutions, *known.more)
    return pack("".join("".join(f"{entry}\0" for entry in section) + "\0" for section in sections))


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\u00b6"))
numbers = st.integers(-999_999_999, 999_999_999)
areas = st.builds(PrintableArea, numbers, numbers, numbers, numbers)
entries = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
resolutions = st.lists(entries.filter(lambda text: not text.startswith("*")), unique=True).flatmap(
    lambda texts: st.tuples(st.just(tuple(texts)), st.sampled_from([None, *texts]))
)


@st.composite
def capabilities(draw) -> Capabilities:
    """Draw anything that can be written."""
    texts, default = draw(resolutions)
    return Capabilities(
        tuple(draw(st.lists(st.builds(CapabilityTray, numbers, names, st.booleans())))),
        tuple(draw(st.lists(st.builds(CapabilityPaper, *[numbers] * 3, names, st.none() | areas, st.booleans())))),
        texts,
        default,
        tuple(draw(st.lists(st.lists(entries).map(tuple)))),
    )


@given(known=capabilities())
@example(known=Capabilities((), (), ()))
def test_what_is_written_is_read(known):
    """Whatever there is to say is read as it was written, sections of unknown meaning included."""
    assert Capabilities.parse(write(known)) == known


@pytest.mark.parametrize("sample", ["drivers_list", "printers_list"])
def test_the_sample(sample):
    """The text that ezeep shows is read, from a driver as from a printer."""
    blob = json.loads((SAMPLES / f"{sample}.json").read_bytes())["results"][0]["blob_capabilities"]

    known = Capabilities.of(blob)

    assert known.trays == (
        CapabilityTray(7, "Auto Select", True),
        CapabilityTray(1, "Tray1"),
        CapabilityTray(258, "MP Tray"),
        CapabilityTray(4, "Manual"),
    )
    assert len(known.papers) == 23
    assert known.papers[0] == CapabilityPaper(9, 2100, 2970, "A4", PrintableArea(42, 42, 2015, 2884))
    assert [paper.name for paper in known.papers if paper.default] == ["Letter"]
    assert known.papers[-1].id == 256
    assert (known.resolutions, known.default_resolution) == (("300", "600", "1200"), "600")
    assert known.more[0] == (" ", " ")
    assert known.more[1] == ("0", "8,8,8,8,1,1")
    assert len(known.more) + 3 == next(value for name, value in blob.items() if name.lower() == "count")


WHOLE = gzip.compress("1,Tray\0\0\0\0".encode("utf-16-le"))
NONSENSE = {
    "empty": ("", "cut short"),
    "no base64": ("H4sI!", "not base64"),
    "no ASCII": ("H4sIü", "not base64"),
    "no gzip": (b64encode(b"hello, world").decode(), "not base64"),
    "cut short": (b64encode(WHOLE[:-4]).decode(), "cut short"),
    "damaged": (b64encode(WHOLE[:-8] + b"\0" * 8).decode(), "not base64"),
    "something behind": (b64encode(WHOLE + b"x").decode(), "behind"),
    "no UTF-16": (b64encode(gzip.compress(b"abc")).decode(), "not base64"),
    "too few sections": (pack("1,Tray\0\0\0"), "2 sections"),
    "no end": (pack("1,Tray\0\0\0\0rest"), "no end"),
    "no end of a section": (pack("1,Tray\0\0\0\0rest\0"), "no end"),
    "a tray without a name": (pack("1\0\0\0\0"), "1 fields instead of 2"),
    "a tray without a number": (pack("\u0661,Tray\0\0\0\0"), "no number"),
    "a paper without a size": (pack("\x009,A4\0\0\0"), "2 fields instead of 4"),
    "a paper with half an area": (pack("\x009,1,2,A4\u00b61,2\0\0\0"), "2 fields instead of 4"),
    "a number without end": (pack(f"{'9' * 5000},Tray\0\0\0\0"), "no number"),
}


@pytest.mark.parametrize("kind", NONSENSE)
def test_nonsense(kind):
    """What is not packed, or not written, in that way is a clear error."""
    packed, why = NONSENSE[kind]

    with pytest.raises(DecodeError, match=why):
        Capabilities.parse(packed)


@given(packed=st.text() | st.binary().map(lambda data: b64encode(data).decode()) | st.text().map(pack))
def test_anything(packed):
    """Whatever the text, it is read or it is a `DecodeError`."""
    with suppress(DecodeError):
        Capabilities.parse(packed)


@pytest.mark.parametrize("blob", [{}, {"Capabilities": None}, {"Count": 6}, {"capabilities": 7}])
def test_no_text(blob):
    """Without the text there is nothing to read."""
    with pytest.raises(DecodeError, match="no text"):
        Capabilities.of(blob)


def test_a_bomb():
    """A text that unpacks to more than a megabyte is refused while it unpacks; one of just that much is read."""
    packed = b64encode(gzip.compress(bytes(1 << 25))).decode()
    tracemalloc.start()
    try:
        with pytest.raises(DecodeError, match="larger than"):
            Capabilities.parse(packed)
        assert tracemalloc.get_traced_memory()[1] < 1 << 23
    finally:
        tracemalloc.stop()

    most = (1 << 20) // 2
    assert len(Capabilities.parse(pack("\0\0\0" + "x" * (most - 5) + "\0\0")).more[0][0]) == most - 5
    with pytest.raises(DecodeError, match="larger than"):
        Capabilities.parse(pack("\0\0\0" + "x" * (most - 4) + "\0\0"))
