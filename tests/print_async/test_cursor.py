"""Cursors as text, and the walks that resume from them."""

import json
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.cursor import Cursor
from print_async.errors import InvalidCursor
from print_async.paging import Pager


@given(st.text(st.characters(codec="utf-8")), st.none() | st.text(st.characters(codec="utf-8")), st.integers(0, 10**9))
def test_there_and_back(name, at, skip):
    """A cursor comes back from its text as it was."""
    cursor = Cursor(name, at, skip)

    assert Cursor.parse(str(cursor), of=name) == cursor


@pytest.mark.parametrize(
    "text",
    ["", "7", "null", "[]", "{}", "offset=20", '{"list":"GET /users"}', '{"list":"GET /users","at":7}',
     '{"list":"GET /users","at":"0","skip":-1}', '{"list":"GET /users","at":"0","skip":"1"}',
     '{"list":"GET /users","at":"0","skip":1.5}', '{"list":7,"at":"0"}', '{"list":"GET /users","at":"0"', "\ud800"],
)  # fmt: skip
def test_no_cursor(text):
    """What is no cursor is an InvalidCursor, which is a ValueError."""
    with pytest.raises(InvalidCursor):
        Cursor.parse(text, of="GET /users")


@given(st.text())
def test_any_text(text):
    """Any text is a cursor or an InvalidCursor."""
    try:
        Cursor.parse(text, of="x")
    except InvalidCursor:
        return
    raise AssertionError(text)


def test_deep_text():
    """Text that nests beyond measure is no cursor either."""
    with pytest.raises(InvalidCursor):
        Cursor.parse('{"x":' + "[" * 100_000, of="x")


def test_of_another_list():
    """A cursor of another list is refused, and the error names both."""
    with pytest.raises(InvalidCursor, match="'GET /groups', not of 'GET /users'"):
        Cursor.parse(str(Cursor("GET /groups", "0")), of="GET /users")


def kept(cursor: str) -> str:
    """Put a cursor in a file and take it out again."""
    return json.loads(json.dumps({"cursor": cursor}))["cursor"]


pages = st.lists(st.lists(st.integers(0, 9), max_size=4), min_size=1, max_size=6)


@given(pages, st.data(), st.sampled_from([0, 1, 3]))
async def test_resumed_links(numbers, pages, data, ahead):
    """The cursor behind any item, kept as text, leads to exactly the rest."""
    source, items = numbers().link_pages(*pages), list(chain(*pages))
    stop = data.draw(st.integers(0, len(items)))
    pager = Pager(source, prefetch=ahead)

    assert await pager.collect(stop) == items[:stop]
    assert await Pager(source, resume=kept(pager.cursor)).collect() == items[stop:]
    assert await pager.collect() == items[stop:]


@given(st.integers(0, 12), st.integers(1, 5), st.integers(1, 5))
async def test_resumed_offsets(numbers, total, limit, other):
    """Every cursor of a walk by offset leads to exactly the rest, also with pages of another size."""
    pager, server = Pager(numbers(total).offset_pages(limit)), numbers(total)
    cursors = [pager.cursor] + [pager.cursor async for _ in pager] + [pager.cursor]

    for done, cursor in enumerate(cursors[:-1]):
        assert await Pager(server.offset_pages(limit), resume=kept(cursor)).collect() == list(range(done, total))
        assert await Pager(server.offset_pages(other), resume=kept(cursor)).collect() == list(range(done, total))
    assert await Pager(server.offset_pages(limit), resume=cursors[-1]).collect() == []


@given(pages, st.data())
async def test_resumed_pages(numbers, pages, data):
    """A walk by pages stands behind each page it gave; one resumed within a page begins with the rest of that."""
    source, items = numbers().link_pages(*pages), list(chain(*pages))
    pager = Pager(source)
    await pager.collect(data.draw(st.integers(0, len(items))))
    rest = await Pager(source, resume=pager.cursor).collect()

    resumed, seen = Pager(source, resume=pager.cursor), []
    async for page in resumed.pages():
        seen += page.items
        assert json.loads(page.raw)["next"] == page.next
        assert seen + await Pager(source, resume=kept(resumed.cursor)).collect() == rest
    assert seen == rest


async def test_finished(numbers):
    """The cursor behind the last page leads nowhere, and nobody is asked."""
    server = numbers(2)
    pager = Pager(server.offset_pages(3))
    await pager.collect()
    server.asked.clear()

    assert await Pager(server.offset_pages(3), resume=kept(pager.cursor)).collect() == []
    assert server.asked == []


@pytest.mark.parametrize("cursor", ["", "7", str(Cursor("GET /groups", "0")), str(Cursor("GET /users", "0", -1))])
async def test_wrong_cursor(numbers, cursor):
    """What is no cursor of this list is refused when the pager is made."""
    server = numbers(2)
    with pytest.raises(InvalidCursor):
        Pager(server.offset_pages(), resume=cursor)
    assert server.asked == []


@pytest.mark.parametrize("at", ["x", "-3", "", "1.5", "?p=1"])
async def test_cursor_of_another_kind(numbers, at):
    """A cursor whose page is no offset is an InvalidCursor, before anybody is asked."""
    server = numbers(5)
    with pytest.raises(InvalidCursor):
        await Pager(server.offset_pages(), resume=str(Cursor("GET /users", at))).collect()
    assert server.asked == []
