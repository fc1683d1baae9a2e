"""How a list is cut into stretches, and what of that is remembered."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.cluster.mirror import missing, settled
from print_async.cluster.reading import Offsets
from print_async.mirror_file import MirrorFile, Part, Table

THINGS = Table("things", ("id INTEGER",), key=("id",))


@given(
    start=st.integers(0, 30),
    stop=st.integers(0, 60),
    size=st.integers(1, 20),
    done=st.lists(st.tuples(st.integers(0, 70), st.integers(1, 20)), max_size=6),
)
def test_what_is_missing(start, stop, size, done):
    """Each place that no part has is in one stretch, no place that one has is in any, and none is too long."""
    parts = [Part(first, first + length, length) for first, length in done]

    stretches = list(missing(parts, start, stop, size))

    there = {place for part in parts for place in range(part.first, part.stop)}
    places = [place for first, last in stretches for place in range(first, last)]
    assert sorted(places) == [place for place in range(start, stop) if place not in there]
    assert all(0 < last - first <= size for first, last in stretches)


@pytest.mark.parametrize(
    ("parts", "certain"),
    [
        ([], True),
        ([Part(0, 10, 10, 50, 50, 5), Part(10, 20, 10, 50, 50, None)], True),
        ([Part(0, 10, 10, 50, 50, 5), Part(10, 20, 10, 45, 45, 5)], True),
        ([Part(0, 10, 10, 50, 50, 5), Part(10, 20, 10, 44, 44, 5)], False),
        ([Part(0, 10, 10, 50, 50, 7), Part(10, 20, 10, 44, 44, 5)], False),
        ([Part(0, 10, 10, 50, 49, 5)], False),
        ([Part(0, 10, 10, 50, 50, None), Part(10, 20, 10, 10, 10, None)], True),
        ([Part(0, 10, 10, None, None, 5), Part(10, 20, 10, 50, 50, 5)], True),
    ],
)
def test_settled(parts, certain):
    """A list has kept still if its count did in each part, and over all by no more than is read beyond each."""
    assert settled(parts) is certain


def cursor(at: str | None, skip: int = 0) -> str:
    """Return a cursor as a walk gives it."""
    return json.dumps({"list": "GET /users", "at": at, "skip": skip})


@pytest.mark.parametrize(
    ("at", "further"),
    [
        ("40", "1000"),
        ("?limit=20&offset=40", "?limit=20&offset=1000"),
        ("?offset=40&limit=20", "?offset=1000&limit=20"),
        ("?limit=40&offset=40&state=all", "?limit=40&offset=1000&state=all"),
    ],
)
def test_offsets(at, further):
    """From the cursor behind the first items it is learnt how any other page is named."""
    offsets = Offsets.of(cursor(at), 40)

    assert offsets is not None
    assert json.loads(offsets.cursor(1000)) == json.loads(cursor(further))


@pytest.mark.parametrize(
    ("at", "skip"),
    [
        (None, 0),
        ("?page=3", 0),
        ("?cursor=40", 0),
        ("?limit=20&offset=60", 0),
        ("?my_offset=40", 0),
        ("?offset=40&offset=40", 0),
        ("?offset=40", 3),
        ("40x", 0),
        ("", 0),
    ],
)
def test_no_offsets(at, skip):
    """A page that has another kind of name, or lies elsewhere than its name says, is no ground to jump from."""
    assert Offsets.of(cursor(at, skip), 40) is None


@pytest.fixture
def open_file(tmp_path):
    """Open the file; what was open before is closed."""
    opened = []

    def again() -> MirrorFile:
        for file in opened:
            file.close()
        opened.append(MirrorFile.open(tmp_path / "mirror.sqlite", "here", (THINGS,), ()))
        opened[-1].begin(["things", "others"])
        return opened[-1]

    yield again
    opened[-1].close()


def test_parts_are_remembered(open_file):
    """Parts are still there when the file is opened again, count as items, and are gone when their stage is done."""
    parts = [Part(20, 30, 10, 50, 50, 5), Part(0, 10, 9, 49, 50, None)]
    file = open_file()
    for part in parts:
        file.write_part("things", {"things": [(part.first,)]}, part)

    file = open_file()
    assert file.parts("things") == parts[::-1]
    assert (file.parts("others"), file.items()) == ([], 19)

    file.finish("things", [THINGS])
    assert (file.parts("things"), file.items(), file.standing("things").done) == ([], 19, True)


def test_going_on_in_turn(open_file):
    """Who goes on in turn, page after page, reads everything, so that parts do not count any more."""
    file = open_file()
    file.write_part("things", {}, Part(20, 30, 10))

    file.write("things", {"things": [(1,)]}, "a cursor", 1, None)

    assert (file.parts("things"), file.items()) == ([], 1)


def test_a_new_run_has_no_parts(open_file):
    """The parts of a run do not outlive it."""
    file = open_file()
    file.write_part("others", {}, Part(20, 30, 10))
    for stage in ("things", "others"):
        file.finish(stage, [])
    file = open_file()

    assert (file.parts("others"), file.items()) == ([], 0)
