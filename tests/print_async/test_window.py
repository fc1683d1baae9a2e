"""Several pages at a time: the same items as one by one, bounded, and gone without a trace when left."""

import asyncio
from contextlib import aclosing, suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from print_async.errors import ConnectionLost, CrossOriginLink
from tests.print_async.shelf import KINDS, Shelf, pauses, walk

kinds = st.sampled_from(KINDS)
widths = st.integers(2, 6)
turns = st.lists(st.integers(0, 4), max_size=5)


@given(kinds, st.integers(0, 60), st.integers(1, 7), st.integers(1, 9), widths, turns)
async def test_complete_and_in_order(kind, total, limit, cap, width, waits):
    """Every item comes once and in order, however long the pages are, whatever answers first; no page is read twice."""
    shelf = Shelf(list(range(total)), limit, cap, kind, pauses=pauses(*waits))

    assert await shelf.pager(concurrency=width).collect() == list(range(total))
    assert len(shelf.asked) == len(set(shelf.asked))
    assert shelf.peak <= width


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [2, 3, 8])
async def test_that_many_at_a_time(kind, width):
    """As many pages are fetched at a time as were asked for, and each begins with the last row of the one before."""
    shelf = Shelf(list(range(100)), 5, kind=kind)

    assert await shelf.pager(concurrency=width, prefetch=1).collect() == list(range(100))
    assert shelf.peak == width
    assert shelf.asked == list(range(0, 99, 4))


@pytest.mark.parametrize("total", [5, 9, 13])
async def test_no_page_too_many(total):
    """A list that ends with a full page is not asked for what is behind it, where a link says that it ends."""
    shelf = Shelf(list(range(total)), 5, kind="links")

    assert await shelf.pager(concurrency=4).collect() == list(range(total))
    assert shelf.asked == list(range(0, total - 1, 4))


@pytest.mark.parametrize("kind", KINDS)
async def test_never_further_ahead(kind):
    """No more pages are fetched ahead of the one the caller is at than at a time; the first one is fetched alone."""
    shelf, most = Shelf(list(range(100)), 5, kind=kind), 0
    pager = shelf.pager(concurrency=4)
    async for page in pager.pages():
        if page.items[0] == 0:
            assert shelf.asked == [0]
        for _ in range(20):
            await asyncio.sleep(0)
        most = max(most, len(shelf.asked) - (page.items[-1] // 4))

    assert most == 4


@pytest.mark.parametrize("kind", KINDS)
async def test_one_page_is_enough(kind):
    """For items of the first page, nothing else is asked for."""
    shelf = Shelf(list(range(100)), 5, kind=kind)
    pager = shelf.pager(concurrency=4)

    assert await pager.first() == 0
    assert await pager.collect(3) == [1, 2, 3]
    assert shelf.asked == [0, 0]


@given(kinds, st.integers(0, 30), st.integers(2, 5), st.integers(1, 5), widths, st.data())
async def test_resumed_at_any_item(kind, total, limit, size, width, data):
    """The cursor behind any item leads to exactly the rest, walked one by one or not, in pages of any size."""
    shelf = Shelf(list(range(total)), limit, kind=kind)
    stop = data.draw(st.integers(0, total))
    pager = shelf.pager(concurrency=width)
    assert await pager.collect(stop) == list(range(stop))

    for other in (1, width):
        assert await shelf.pager(concurrency=other, resume=pager.cursor).collect() == list(range(stop, total))
    walked = [(item, pager.cursor) async for item in pager]
    assert [item for item, _ in walked] == list(range(stop, total))
    for item, cursor in walked:
        for shelf.limit in (size, limit):
            assert await shelf.pager(concurrency=width, resume=cursor).collect() == list(range(item + 1, total))


@given(kinds, st.integers(0, 30), st.integers(2, 5), st.integers(1, 5), widths, st.data())
async def test_resumed_by_page(kind, total, limit, other, width, data):
    """Behind each page the cursor leads to the rest, also with pages of another size."""
    shelf, seen = Shelf(list(range(total)), limit, kind=kind), []
    pager = shelf.pager(concurrency=width)
    await pager.collect(data.draw(st.integers(0, total)))
    first = await shelf.pager(resume=pager.cursor).first()
    begun = total if first is None else first

    async for page in pager.pages():
        seen += page.items
        resumed = Shelf(list(range(total)), other, kind=kind).pager(concurrency=width, resume=pager.cursor)
        assert seen + await resumed.collect() == list(range(begun, total))


@given(kinds, st.integers(1, 40), st.integers(2, 5), widths, turns, st.data())
async def test_error_on_the_way(kind, total, limit, width, waits, data):
    """An error comes after all items in front of it, and its cursor leads to all that follow."""
    shelf = Shelf(list(range(total)), limit, kind=kind, pauses=pauses(*waits))
    await shelf.pager(concurrency=width).collect()
    shelf.fail_at = {data.draw(st.sampled_from(shelf.asked))}
    seen, pager = [], shelf.pager(concurrency=width)
    with pytest.raises(ConnectionLost) as failed:
        await walk(pager, seen)
    (place,) = shelf.fail_at
    assert seen == list(range(min(place + 1, total) if place else 0))
    assert failed.value.cursor == pager.cursor
    shelf.fail_at = set()

    assert await shelf.pager(concurrency=width, resume=failed.value.cursor).collect() == list(range(len(seen), total))
    assert await pager.collect() == list(range(len(seen), total))


@pytest.mark.parametrize("kind", KINDS)
async def test_collect_that_fails(kind):
    """If collecting fails, nothing was handed out, and neither the walk nor the error's cursor has moved."""
    shelf = Shelf(list(range(40)), 4, kind=kind, fail_at={9})
    for width in (1, 3):
        shelf.fail_at = {9, 8}
        pager = shelf.pager(concurrency=width)
        assert await pager.collect(2) == [0, 1]
        with pytest.raises(ConnectionLost) as failed:
            await pager.collect()
        shelf.fail_at = set()

        assert await shelf.pager(resume=failed.value.cursor).collect() == list(range(2, 40))
        assert await pager.collect() == list(range(2, 40))


async def settle() -> None:
    """Let what was cancelled come to its end."""
    for _ in range(10):
        await asyncio.sleep(0)


@given(kinds, widths, turns, st.integers(0, 60))
async def test_cancelled_at_any_point(kind, width, waits, moment):
    """Cancelled at whatever moment, a walk leaves no request and no task behind, and can be gone on with."""
    before, seen = asyncio.all_tasks(), []
    shelf = Shelf(list(range(60)), 4, kind=kind, pauses=pauses(*waits))
    pager = shelf.pager(concurrency=width)
    task = asyncio.ensure_future(walk(pager, seen))
    for _ in range(moment):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})
    await settle()

    assert asyncio.all_tasks() == before
    assert shelf.running == 0
    assert seen + await pager.collect() == list(range(60))


@given(kinds, widths, turns, st.integers(0, 40), st.sampled_from(["break", "close", "raise", "collect"]))
async def test_left_at_any_point(kind, width, waits, taken, way):
    """Left early, however, a walk leaves no request and no task behind, and can be gone on with."""
    before = asyncio.all_tasks()
    shelf = Shelf(list(range(60)), 4, kind=kind, pauses=pauses(*waits))
    pager = shelf.pager(concurrency=width)
    if way == "collect":
        await pager.collect(taken)
    elif way == "close":
        async with aclosing(aiter(pager)) as walking:
            for _ in range(taken):
                await anext(walking)
        assert asyncio.all_tasks() == before
    elif taken:
        with suppress(KeyError):
            async for item in pager:
                if way == "raise" and item == taken - 1:
                    raise KeyError(item)
                if item == taken - 1:
                    break
    await settle()

    assert asyncio.all_tasks() == before
    assert shelf.running == 0
    assert await pager.collect() == list(range(taken, 60))


@pytest.mark.parametrize("width", [2, 5])
async def test_items_left_out_here(width):
    """Items that are left out on this side do not disturb, also where whole pages have none, or the shared row goes."""
    shelf = Shelf(list(range(60)), 4, kind="links", keep=lambda row: row % 7 == 3 or 30 <= row < 36)
    kept = list(filter(shelf.keep, range(60)))
    pager = shelf.pager(concurrency=width)
    cursors = [pager.cursor] + [pager.cursor async for _ in pager]
    assert shelf.peak == width

    for done, cursor in enumerate(cursors):
        assert await shelf.pager(concurrency=width, resume=cursor).collect() == kept[done:]
        assert await shelf.pager(resume=cursor).collect() == kept[done:]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", [None, lambda _: None, lambda row: row // 2, lambda row: None if row == 3 else row])
async def test_items_that_cannot_be_told_apart(kind, key):
    """Without ids, or with such as are not of one row each, pages are fetched one by one and are not compared."""
    shelf = Shelf(list(range(20)), 5, kind=kind, key=key)

    assert await shelf.pager(concurrency=4).collect() == list(range(20))
    assert shelf.asked[:4] == [0, 5, 10, 15]
    assert shelf.peak == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_rows_without_an_id_further_on(kind):
    """Where rows turn up that have no id, all of them come, and from there on pages are fetched one by one."""
    shelf = Shelf(list(range(60)), 5, kind=kind, key=lambda row: None if 21 < row < 30 else row)

    assert await shelf.pager(concurrency=3).collect() == list(range(60))
    assert shelf.asked.index(25) > 5


@pytest.mark.parametrize("kind", KINDS)
async def test_pages_of_one_item(kind):
    """Pages that can share no row are fetched one by one."""
    shelf = Shelf(list(range(9)), 1, kind=kind)

    assert await shelf.pager(concurrency=4).collect() == list(range(9))
    assert shelf.peak == 1


lies = st.sampled_from(
    [
        lambda *_: None,
        lambda _, got: got,
        lambda *_: 0,
        lambda total, _: total + 50,
        lambda total, _: max(0, total - 7),
        lambda total, _: total // 2,
        lambda *_: 1_000_000,
        lambda *_: -1,
    ]
)


@given(kinds, st.integers(0, 40), st.integers(1, 6), st.integers(1, 8), widths, lies)
async def test_wrong_counts(kind, total, limit, cap, width, count):
    """Whatever the server says how many rows there are, all of them come, once and in order."""
    honest = kind == "offsets" and cap < limit  # such pages do not tell by themselves that there are more
    shelf = Shelf(list(range(total)), limit, limit if honest else cap, kind, count=count)

    assert await shelf.pager(concurrency=width).collect() == list(range(total))


async def test_count_of_the_page():
    """A count that is that of the page ends nothing; pages are then fetched one by one, and compared all the same."""
    shelf = Shelf(list(range(20)), 5, count=lambda _, got: got)

    assert await shelf.pager(concurrency=4).collect() == list(range(20))
    assert shelf.peak == 1
    assert shelf.asked == [0, 4, 8, 12, 16]


@given(kinds, st.integers(0, 40), st.lists(st.integers(1, 6), min_size=1, max_size=5), widths)
@example("offsets", 5, [2, 3, 1], 2)
async def test_pages_of_any_length(kind, total, sizes, width):
    """From a server that gives fewer than it is asked for, now and then, all items come once and in order."""
    shelf = Shelf(list(range(total)), 6, kind=kind)
    sizes, answer = pauses(*sizes), shelf.answer

    def short(start: int) -> bytes:
        shelf.cap = next(sizes)
        return answer(start)

    shelf.answer = short

    assert await shelf.pager(concurrency=width).collect() == list(range(total))


@given(st.lists(st.integers(0, 3).map(lambda n: n == 0), max_size=40), st.integers(1, 6), widths)
async def test_pages_with_holes(holes, limit, width):
    """Pages that are short, or empty, in the middle of a list that is linked, are walked over: nothing is lost."""
    rows = [None if hole else number for number, hole in enumerate(holes)]
    shelf = Shelf(rows, limit, kind="links")

    assert await shelf.pager(concurrency=width).collect() == [row for row in rows if row is not None]


@pytest.mark.parametrize("skip", [-2, 3])
async def test_links_that_disagree_with_offsets(skip):
    """Where links lead on in another way than offsets do, it is they that are followed."""
    shelf = Shelf(list(range(60)), 5, kind="links", link=lambda stop: stop + skip)
    one_by_one = await shelf.pager().collect()

    assert await shelf.pager(concurrency=3).collect() == one_by_one
    assert shelf.peak == 1


async def test_prefetch_without_offsets():
    """Where pages cannot be named beforehand they are fetched ahead as with one page at a time."""
    shelf = Shelf(list(range(60)), 5, kind="links", link=lambda stop: stop - 1)
    pager = shelf.pager(concurrency=3, prefetch=2)
    async for page in pager.pages():
        await settle()
        assert len(shelf.asked) == min(15, 1 if page.items[0] == 0 else page.items[0] // 4 + 3)


@pytest.mark.parametrize("skip", [-2, 3])
async def test_links_that_disagree_later(skip):
    """From the first page on whose link is not as expected, links are followed; what was fetched ahead is dropped."""
    shelf = Shelf(list(range(80)), 5, kind="links", link=lambda stop: stop + skip if stop > 40 else stop)
    expected, at = list(range(41)), 41 + skip
    while at < 75:
        expected += range(at, at + 5)
        at += 5 + skip

    found = await shelf.pager(concurrency=4).collect()

    assert found == expected + list(range(at, 80))
    assert shelf.peak == 4


@pytest.mark.parametrize("link", ["https://evil.example/api/users?limit=5&offset=40&x=a%2Fb", "//evil.example/"])
async def test_link_elsewhere(link):
    """A link off the list is refused after the items of its page, though what lies behind had been fetched ahead."""
    shelf, seen = Shelf(list(range(80)), 5, kind="links"), []
    answer = shelf.answer
    shelf.answer = lambda start: (
        answer(start) if start != 36 else b'{"items":[36,37,38,39,40],"next":"%s"}' % link.encode()
    )
    pager = shelf.pager(concurrency=4)
    with pytest.raises(CrossOriginLink) as refused:
        await walk(pager, seen)

    assert seen == list(range(41))
    with pytest.raises(CrossOriginLink):
        await shelf.pager(concurrency=4, resume=refused.value.cursor).collect()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("said", [5, 1_000])
async def test_server_that_ignores_offsets(kind, said):
    """A server that gives the same page, whatever it is asked for, ends the walk soon, and nothing comes twice."""
    shelf = Shelf(list(range(5)), 5, kind=kind, count=lambda *_: said)
    shelf.answer = lambda _: Shelf(shelf.rows[:5] * 2, 5, kind=kind, count=shelf.count).answer(0)

    assert await shelf.pager(concurrency=2).collect() == [0, 1, 2, 3, 4]
    assert len(shelf.asked) < 10
