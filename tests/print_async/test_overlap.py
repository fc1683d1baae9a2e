"""Which rows of a page are new, told from those that were handed out."""

import pytest

from print_async.overlap import Recent


def recent(rows: str, limit: int = 100) -> Recent[str]:
    """Make the memory of a walk that has handed out these rows, each a letter."""
    return Recent(str.lower, rows, limit)


@pytest.mark.parametrize(
    ("page", "new"),
    [
        ("def", "ef"),  # fits
        ("d", ""),
        ("cdef", "ef"),  # one was inserted in front
        ("abc", ""),
        ("xbcdy", "y"),  # what is in front of all that is known came before, or is new there
        ("cxd", "x"),  # inserted in between
        ("cefg", "efg"),  # the last one is gone
        ("dexcf", "exf"),  # one that was handed out has moved on
        ("bdae", "e"),
    ],
)
def test_new_rows(page, new):
    """New is what stands behind a row that was handed out, and was not handed out itself."""
    assert set(recent("abcd").new_of(page)) == set(new)


@pytest.mark.parametrize("page", ["", "e", "efg", "xyz"])
def test_nothing_in_common(page):
    """A page without a row that was handed out is known as such."""
    rows = recent("abcd")

    assert not rows.begins(page)
    assert not rows.overlaps(page)
    assert list(rows.new_of("defg")) == ["e", "f", "g"]


def test_beginning():
    """A page that has such a row, but further on, does not begin with one."""
    rows = recent("abcd")

    assert rows.begins("cx")
    assert rows.overlaps("cx")
    assert not rows.begins("xc")
    assert rows.overlaps("xc")


def test_keys():
    """Rows are compared by their keys."""
    assert set(recent("abcd").new_of("DEF")) == {"e", "f"}


def test_pages_after_each_other():
    """What was new on a page is known on the next."""
    rows = recent("abc")

    assert list(rows.new_of("cde")) == ["d", "e"]
    assert list(rows.new_of("efg")) == ["f", "g"]
    assert set(rows.new_of("befgh")) == {"h"}


def test_only_the_last_are_remembered():
    """Memory is bounded: what is kept are the last rows of the list, at least as many as were asked for."""
    rows = recent("a", limit=3)
    for letter in "bcdefghijklm":
        rows.new_of(chr(ord(letter) - 1) + letter)

    assert not rows.overlaps("ab")
    assert set(rows.new_of("klmn")) == {"n"}


def test_rows_ahead_are_not_forgotten():
    """However much is inserted in front of rows that were handed out, these are known when the walk comes to them."""
    rows = Recent(lambda number: number, range(10), 12)
    assert set(rows.new_of([4, *range(100, 105)])) == set(range(100, 105))
    for start in range(104, 140, 4):
        assert set(rows.new_of(range(start, start + 5))) == set(range(start + 1, start + 5))

    assert set(rows.new_of([140, 5, 6, 7, 8, 9, 10])) == {10}
    assert set(rows.new_of([9, 10, 11])) == {11}
