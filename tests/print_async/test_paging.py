"""Walks over lists: complete, in order, resumable at every item, and gone without a trace when left."""

import asyncio
import json
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.errors import ConnectionLost, CrossOriginLink, PaginationLoop
from print_async.paging import LinkPages, OffsetPages, Pager
from print_async.testing import json_response
from print_async.wire import Request

BASE, PATH = "https://print.example/api", "/users"


def flat(pages: list[list[int]]) -> list[int]:
    """Return the items of all pages."""
    return list(chain.from_iterable(pages))


async def walk(pager: Pager[int], seen: list[int]) -> None:
    """Walk to the end, noting each item as it comes."""
    async for item in pager:
        seen.append(item)
        assert len(seen) < 100, "the walk does not end"


prefetch = st.sampled_from([0, 1, 3])


@given(total=st.integers(0, 20), limit=st.integers(1, 7), cap=st.integers(1, 9), ahead=prefetch)
async def test_offset_walk(numbers, total, limit, cap, ahead):
    """Every item comes once and in order, also from a server that gives fewer than it is asked for and a total."""
    server = numbers(total, cap, count=True)

    assert await Pager(server.offset_pages(limit), prefetch=ahead).collect() == list(range(total))
    assert len(server.asked) == len(set(server.asked))


@given(total=st.integers(0, 20), limit=st.integers(1, 7))
async def test_without_a_count(numbers, total, limit):
    """A bare array ends with a page that is not full; behind a full one comes one that is empty."""
    server = numbers(total)

    assert await Pager(server.offset_pages(limit)).collect() == list(range(total))
    assert server.asked == list(range(0, total + 1, limit))


async def test_count_of_the_page(numbers):
    """A count that means the page does not end the walk at the first full one."""

    async def get(start: int) -> bytes:
        items = list(range(7))[start : start + 3]
        return json.dumps({"items": items, "count": len(items)}).encode()

    assert await Pager(OffsetPages("x", get, numbers.decode, 3)).collect() == list(range(7))


@pytest.mark.parametrize("total", [4, 7, 3])
async def test_server_that_ignores_paging(numbers, total):
    """A server that gives all it has, whatever it is asked, is asked until that shows, and nothing comes twice."""
    server = numbers()

    async def get(start: int) -> bytes:
        assert len(server.asked) < 5, "the walk does not end"
        return await server.answer(start, list(range(total)))

    assert await Pager(OffsetPages("x", get, numbers.decode, 3)).collect() == list(range(total))


@pytest.mark.parametrize("way", ["items", "pages", "collect"])
@pytest.mark.parametrize("width", [1, 3])
async def test_used_up(numbers, way, width):
    """A walk that has come to its end, also that of a server that ignores paging, stays there and asks nobody."""
    server = numbers()

    async def get(start: int) -> bytes:
        return await server.answer(start, [0, 1, 2])

    pager = Pager(OffsetPages("x", get, numbers.decode, 3, key=str), concurrency=width)
    if way == "collect":
        await pager.collect()
    else:
        assert [_ async for _ in (pager if way == "items" else pager.pages())]
    asked = len(server.asked)

    assert await pager.collect() == []
    assert await Pager(OffsetPages("x", get, numbers.decode, 3), resume=pager.cursor).collect() == []
    assert len(server.asked) == asked


async def test_one_page(numbers):
    """A list without paging is asked for once."""
    server = numbers(5)

    assert await Pager(server.offset_pages(None)).collect() == [0, 1, 2, 3, 4]
    assert server.asked == [0]


pages = st.lists(st.lists(st.integers(0, 9), max_size=4), min_size=1, max_size=6)


@given(pages, prefetch)
async def test_link_walk(numbers, pages, ahead):
    """Links are followed to the last page, over empty ones as well, and each page is asked for once."""
    server = numbers()

    assert await Pager(server.link_pages(*pages), prefetch=ahead).collect() == flat(pages)
    assert server.asked == list(range(len(pages)))


@pytest.mark.parametrize("ahead", [0, 1, 3])
async def test_loop(numbers, ahead):
    """Links that lead in a circle end in PaginationLoop, after every item has come once."""
    source, seen = numbers().link_pages([1], [2], links=["?p=1", "?p=0"], first="?p=0"), []
    pager = Pager(source, prefetch=ahead)
    with pytest.raises(PaginationLoop) as ended:
        await walk(pager, seen)

    assert seen == [1, 2]
    assert ended.value.cursor == pager.cursor


async def test_loop_to_the_first(numbers):
    """A page that links to itself comes once."""
    pager, seen = Pager(numbers().link_pages([1, 2], links=[BASE + PATH])), []
    with pytest.raises(PaginationLoop):
        await walk(pager, seen)

    assert seen == [1, 2]


async def test_empty_link(numbers):
    """A next link that is the empty text, as some servers end their lists, is the end."""
    assert await Pager(numbers().link_pages([1], [2], links=["?p=1", ""])).collect() == [1, 2]


@pytest.mark.parametrize("ahead", [0, 3])
async def test_many_empty_pages(numbers, ahead):
    """Thousands of empty pages in a row are walked, without recursion."""
    empty = [[] for _ in range(5_000)]

    assert await Pager(numbers().link_pages(*empty, [7]), prefetch=ahead).collect() == [7]


@pytest.mark.parametrize("ahead", [0, 1, 3])
async def test_never_further_ahead(numbers, ahead):
    """No more than `prefetch` pages are fetched ahead of the one the caller is at."""
    server, most = numbers(), 0
    pager = Pager(server.link_pages(*([n] for n in range(10))), prefetch=ahead)
    async for at in pager:
        for _ in range(20):
            await asyncio.sleep(0)
        most = max(most, server.served - at - 1)

    assert most == ahead


@pytest.mark.parametrize("ahead", [0, 1, 3])
@pytest.mark.parametrize("way", ["closed", "break", "first", "collect", "raise", "cancelled"])
async def test_left_early(numbers, ahead, way):
    """However the loop is left, no task stays behind."""
    before, pager = asyncio.all_tasks(), Pager(numbers().link_pages(*([n] for n in range(10))), prefetch=ahead)

    async def leave():
        async for item in pager:
            if way == "raise":
                raise KeyError(item)
            if way == "break" or item == 5:
                break

    if way == "closed":
        walking = aiter(pager)
        await anext(walking)
        await walking.aclose()
        assert asyncio.all_tasks() == before
    elif way in ("first", "collect"):
        assert await (pager.first() if way == "first" else pager.collect(1)) in (0, [0])
        assert asyncio.all_tasks() == before
    elif way == "cancelled":
        task = asyncio.ensure_future(leave())
        for _ in range(3):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
    else:
        await asyncio.gather(leave(), return_exceptions=True)
    for _ in range(5):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


@given(pages, st.data(), prefetch)
async def test_error_on_the_way(numbers, pages, data, ahead):
    """An error comes after the items before it, and its cursor leads to all that follow, none lost or doubled."""
    server = numbers(fail_at=data.draw(st.integers(0, len(pages) - 1)))
    source, seen = server.link_pages(*pages), []
    with pytest.raises(ConnectionLost) as failed:
        await walk(Pager(source, prefetch=ahead), seen)
    assert seen == flat(pages[: server.fail_at])
    server.fail_at = None

    assert seen + await Pager(source, resume=failed.value.cursor).collect() == flat(pages)


@pytest.mark.parametrize("ahead", [0, 2])
@pytest.mark.parametrize(
    "link", ["https://evil.example/api/users?p=1", "//evil.example/", BASE + "/users/../x", "/x?p=1", "?p=1#x"]
)
async def test_link_elsewhere(numbers, rig, link, ahead):
    """A link off the list is refused before any I/O, after the items of its page, and without the token."""
    made = rig(json_response({"items": [1, 2], "next": link}))

    async def get(url: str) -> bytes:
        return (await made.caller.send(Request("GET", url), idempotent=True)).body

    pages, seen = LinkPages("GET /users", get, numbers.decode, BASE, PATH), []
    with pytest.raises(CrossOriginLink) as refused:
        await walk(Pager(pages, prefetch=ahead), seen)

    assert seen == [1, 2]
    assert [call.url for call in made.calls] == [BASE + PATH]
    assert "token-1" not in f"{refused.value} {refused.value!r} {vars(refused.value)}"
    with pytest.raises(CrossOriginLink):
        await Pager(pages, resume=refused.value.cursor).collect()
    assert len(made.calls) == 1


async def test_first_and_collect(numbers):
    """`first` and `collect` take the next items and leave the others to whoever asks next."""
    pager = Pager(numbers(7).offset_pages(3))

    assert await pager.collect(0) == await pager.collect(-1) == []
    assert await pager.first() == 0
    assert await pager.collect(3) == [1, 2, 3]
    assert [item async for item in pager] == [4, 5, 6]
    assert await pager.first() is None
    assert await pager.collect() == []


@pytest.mark.parametrize("options", [{"prefetch": -1}, {"concurrency": 0}, {"concurrency": -1}])
def test_numbers_of_pages(numbers, options):
    """Fetching a negative number of pages ahead, or none at a time, makes no sense."""
    with pytest.raises(ValueError, match=r"is a number of pages"):
        Pager(numbers().offset_pages(), **options)
