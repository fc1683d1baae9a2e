"""Lists that change while they are walked by several pages at a time: nothing twice, nothing left out that stayed."""

import asyncio
from contextlib import suppress
from itertools import chain, count, repeat
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from print_async.errors import ListChanged
from tests.print_async.shelf import KINDS, Shelf, deleting, inserting, pauses, walk

kinds = st.sampled_from(KINDS)
turns = st.lists(st.integers(0, 4), max_size=5)
places = st.floats(0, 1)


def stays(row: int) -> bool:
    """Tell whether a row is one that is never deleted."""
    return row % 2 == 1


def mortal(row: int) -> bool:
    """Tell whether a row is one that may be deleted."""
    return not stays(row)


small = st.one_of(
    st.none(),
    places.map(lambda at: lambda fresh: inserting(at, fresh)),
    places.map(lambda at: lambda _: deleting(at, mortal=mortal)),
)
large = st.one_of(
    small,
    st.tuples(places, st.integers(1, 30)).map(lambda drawn: lambda fresh: inserting(drawn[0], fresh, drawn[1])),
    st.tuples(places, st.integers(1, 30)).map(lambda drawn: lambda _: deleting(*drawn)),
)


def scripted(changes):
    """Make the changes of a shelf, and nothing more when they are through; new rows are even numbers."""
    fresh = count(1_000, 2)
    return chain((None if change is None else change(fresh) for change in changes), repeat(None))


def check(found: list[int], before: list[int], after: list[int]) -> None:
    """Nothing came twice; of what was there all the time, nothing in front of the last item was left out."""
    assert len(found) == len(set(found))
    stayed = [row for row in before if row in set(after)]
    seen = [row for row in stayed if row in set(found)]
    assert seen == stayed[: len(seen)]
    assert [row for row in found if row in set(stayed)] == seen


@settings(max_examples=400)
@given(kinds, st.integers(0, 60), st.integers(4, 7), st.integers(2, 5), turns, st.lists(small, max_size=20))
async def test_small_changes(kind, total, limit, width, waits, changes):
    """Rows come and go one by one, anywhere and at any time: the walk is complete, and it never gives up."""
    rows = list(range(total))
    shelf = Shelf(list(rows), limit, kind=kind, pauses=pauses(*waits), changes=scripted(changes))
    found = await shelf.pager(concurrency=width).collect()

    check(found, rows, shelf.rows)
    assert set(filter(stays, rows)) <= set(found)


@settings(max_examples=400)
@given(kinds, st.integers(0, 60), st.integers(2, 5), st.integers(2, 5), turns, st.lists(large, max_size=30))
async def test_any_changes(kind, total, limit, width, waits, changes):
    """However much changes, nothing comes twice or is left out; where that cannot be known, the walk says so."""
    rows, found = list(range(total)), []
    shelf = Shelf(list(rows), limit, kind=kind, pauses=pauses(*waits), changes=scripted(changes))
    pager = shelf.pager(concurrency=width)
    (ended,) = await asyncio.gather(walk(pager, found), return_exceptions=True)

    check(found, rows, shelf.rows)
    if ended is None:
        assert {row for row in rows if row in shelf.rows} <= set(found)
    else:
        assert isinstance(ended, ListChanged)
        assert ended.cursor == pager.cursor


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("moved", [-60, -30, -7, -1, 1, 7, 30, 60])
async def test_everything_moves(kind, moved):
    """Rows that go, or come, in front of where the walk is move all others: it finds its place, over many pages."""
    fresh = count(10_000)
    change = inserting(0, fresh, moved) if moved > 0 else deleting(0, -moved)
    # What is walked by then is more than what goes, as nothing else could be recognised.
    shelf = Shelf(list(range(400)), 5, kind=kind, changes=chain(repeat(None, 40), [change], repeat(None)))

    assert await shelf.pager(concurrency=4).collect() == list(range(400))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("moved", [1, -1])
async def test_at_every_moment(kind, moved):
    """It does not matter between which two answers a row comes or goes, nor that those ahead were made before."""
    for moment in range(30):
        change = inserting(0, count(10_000)) if moved > 0 else deleting(0)
        changes = chain(repeat(None, moment), [change], repeat(None))
        shelf = Shelf(list(range(100)), 5, kind=kind, changes=changes, pauses=pauses(4, 0, 2, 1))
        found = await shelf.pager(concurrency=5).collect()

        check(found, list(range(100)), shelf.rows)
        assert set(found) >= set(range(1, 100))


@pytest.mark.parametrize("kind", KINDS)
async def test_list_that_ends_with_a_page(kind):
    """The end of the list is also looked at from the last row on, so a row that moves there does not come twice."""
    for total in (5, 9, 13):
        changes = chain(repeat(None, total // 4), [inserting(0, count(10_000))], repeat(None))
        shelf = Shelf(list(range(total)), 5, kind=kind, changes=changes)

        assert await shelf.pager(concurrency=3).collect() == list(range(total))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change", [inserting(0, count(10_000), 200), deleting(0, 300)])
async def test_too_much_changes(kind, change):
    """If the place is not found, ListChanged says so after everything before it, and its cursor goes on from there."""
    before = asyncio.all_tasks()
    changes = chain(repeat(None, 40), [change], repeat(None))
    shelf, seen = Shelf(list(range(600)), 5, kind=kind, changes=changes), []
    pager = shelf.pager(concurrency=4)
    with pytest.raises(ListChanged, match="cursor") as lost:
        await walk(pager, seen)

    assert seen == list(range(len(seen)))
    assert len(seen) > 100
    assert asyncio.all_tasks() == before
    assert len(shelf.asked) < 40 + 4 + 40
    rest = await shelf.pager(concurrency=4, resume=lost.value.cursor).collect()
    assert rest == shelf.rows[len(seen) :]


@pytest.mark.parametrize("kind", KINDS)
async def test_same_page_at_another_place(kind):
    """A page that is as one was before, byte for byte, is no sign that the server does not page: the list may move."""
    came_and_went = [None, inserting(0, count(10_000), 2), deleting(0.5, 2)]
    shelf = Shelf(list(range(5)), 2, kind=kind, changes=chain(came_and_went, repeat(None)))
    found = await shelf.pager(concurrency=2).collect()
    check(found, list(range(5)), shelf.rows)
    assert set(found) >= {0, 1, 4}

    went_and_came = [None, None, deleting(0), None, inserting(0, count(10_000)), inserting(0, count(20_000))]
    shelf = Shelf(list(range(7)), 4, kind=kind, changes=chain(went_and_came, repeat(None)))
    assert await shelf.pager(concurrency=2).collect() == list(range(7))


@pytest.mark.parametrize("kind", KINDS)
async def test_place_that_is_found_again_and_again(kind):
    """Coming back to the same page, as what follows does not fit for a while, is no sign of the end either."""
    shelf, wrong = Shelf(list(range(60)), 5, kind=kind), Shelf(list(range(900, 960)), 5, kind=kind)
    right, unfit = shelf.answer, [wrong.answer] * 8
    shelf.answer = lambda start: (unfit.pop() if start == 20 and unfit else right)(start)

    assert await shelf.pager(concurrency=2).collect() == list(range(60))
    assert not unfit


@pytest.mark.parametrize("kind", KINDS)
async def test_row_that_moves_on(kind):
    """A row that is moved on to where the walk comes next does not come again."""
    change = lambda rows: rows.insert(20, rows.pop(10))  # noqa: E731
    shelf = Shelf(list(range(60)), 5, kind=kind, changes=chain(repeat(None, 4), [change], repeat(None)))

    assert await shelf.pager(concurrency=2).collect() == list(range(60))


@pytest.mark.parametrize("kind", KINDS)
async def test_list_that_grows_and_shrinks(kind):
    """Each page says anew how far the list goes: what was added is fetched as many pages at a time, and no more."""
    grow, shrink = inserting(1, count(10), 90), deleting(0.2, 100)
    shelf = Shelf(list(range(10)), 5, kind=kind, changes=chain([None, grow], repeat(None)))
    assert await shelf.pager(concurrency=5).collect() == list(range(100))
    assert shelf.peak == 5

    shelf = Shelf(list(range(100)), 5, kind=kind, changes=chain([None, None, shrink], repeat(None)))
    assert await shelf.pager(concurrency=5).collect() == list(range(20))
    assert len(shelf.asked) < 20


async def test_server_that_repeats_itself():
    """A server that says there are a million rows, and gives the same few in ever another order, is given up."""
    shelf, shuffle = Shelf(list(range(5)), 5, count=lambda *_: 1_000_000), Random(7).shuffle
    answer = shelf.answer
    shelf.answer = lambda start: (start and shuffle(shelf.rows), answer(0))[1]
    with pytest.raises(ListChanged, match="nothing new"):
        await shelf.pager(concurrency=2).collect()

    assert len(shelf.asked) < 50


@given(kinds, st.integers(2, 5))
@example("offsets", 2)
async def test_list_that_grows_for_ever(kind, width):
    """A list that grows as fast as it is walked is walked on; the caller ends it."""
    shelf = Shelf(list(range(10)), 5, kind=kind, changes=repeat(inserting(1, count(10), 4)))
    walk = shelf.pager(concurrency=width)

    assert await walk.collect(limit=300) == list(range(300))


async def test_rows_in_another_order_each_time():
    """Where rows have no order nothing can be promised but that the walk ends, by itself or with an error."""
    shuffle = Random(7).shuffle
    shelf = Shelf(list(range(500)), 5, changes=repeat(shuffle))
    with suppress(ListChanged):
        await shelf.pager(concurrency=3).collect()

    assert len(shelf.asked) < 2_000


@given(kinds, st.integers(10, 60), st.integers(3, 6), st.lists(small, max_size=10), st.data())
async def test_left_and_gone_on_with(kind, total, limit, changes, data):
    """A walk that is left stands at a place of the list: what is gone on with is all the rest, as it is then."""
    rows = list(range(total))
    shelf = Shelf(list(rows), limit, kind=kind, changes=scripted(changes))
    pager = shelf.pager(concurrency=3)
    await pager.collect(data.draw(st.integers(0, total)))
    shelf.changes = repeat(None)
    stands = list(shelf.rows)
    rest = await shelf.pager(concurrency=3, resume=pager.cursor).collect()

    assert rest == stands[len(stands) - len(rest) :]
