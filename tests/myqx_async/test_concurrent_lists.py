"""MyQ's lists by several pages at a time, over real sockets and TLS."""

import pytest

LIST = "GET /api/v3/users"


@pytest.mark.parametrize(("total", "page_size"), [(150, 10), (146, 10), (145, 10), (3, 1), (7, 100), (20, 20)])
@pytest.mark.parametrize("count_is_page", [False, True])
async def test_as_one_by_one(start, total, page_size, count_is_page):
    """All users come in order, whichever of the two things `count` means; one page at a time if it is the page's."""
    rig = await start(total, count_is_page=count_is_page, latency=0.005)

    found = await rig.myqx.users.list(include=("groups",), page_size=page_size, concurrency=4).collect()

    assert [user.id for user in found] == list(range(1001, 1001 + total))
    assert all(user.groups is not None for user in found)
    assert rig.sim.stats.peak_in_flight == (4 if total > 100 and not count_is_page else 1)


async def test_find(start):
    """What is found by filters is walked in the same way, and the filters go with every page."""
    rig = await start(200)
    one_by_one = await rig.myqx.users.find(group="Sales|Prague").collect()

    assert await rig.myqx.users.find(group="Sales|Prague", page_size=3, concurrency=3).collect() == one_by_one
    assert len(one_by_one) > 10


@pytest.mark.parametrize("count_is_page", [False, True])
async def test_users_deleted_meanwhile(start, count_is_page):
    """Users that are deleted in front of the walk move the others, and none of those is left out."""
    rig = await start(120, count_is_page=count_is_page)
    seen = []
    async for user in rig.myqx.users.list(page_size=8, concurrency=3):
        seen.append(user.id)
        if len(seen) % 20 == 0:
            for gone in seen[-20:-15]:
                rig.sim.delete_user(gone)

    assert seen == list(range(1001, 1121))
    assert len(await rig.myqx.users.list().collect()) == 90


async def test_bad_input_is_refused_before_any_io(start):
    """No page at a time makes no sense."""
    rig = await start()
    for make in (rig.myqx.users.list, lambda **options: rig.myqx.users.find(email="x", **options)):
        with pytest.raises(ValueError, match="concurrency"):
            make(concurrency=0)

    assert rig.requests == 0
