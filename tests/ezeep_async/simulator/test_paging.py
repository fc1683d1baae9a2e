"""Pages, links and whole walks."""

import pytest
from yarl import URL

USERS, ACCOUNT = "/printing/v1/users/", "/v1/users/"


async def test_first_page(visit):
    """Without parameters a page has twenty items, and a link over http to the host that was asked."""
    visitor = await visit()

    page = (await visitor.get(USERS)).body

    assert (page["count"], len(page["results"]), page["previous"]) == (200, 20, None)
    assert page["next"] == f"{visitor.simulator.management_url}{USERS}?limit=20&offset=20"
    assert page["next"].startswith("http://")


@pytest.mark.parametrize("users", [1, 19, 20, 21, 205])
async def test_a_walk_is_complete(visit, users):
    """Following the links gives every user once, in the same order on both APIs."""
    visitor = await visit(users=users)

    printing = await visitor.walk(USERS)
    account = await visitor.walk(ACCOUNT, base=visitor.simulator.account_url)
    by_page = await visitor.walk(f"{ACCOUNT}?page=1&per_page=10", base=visitor.simulator.account_url)

    assert len({user["id"] for user in printing}) == users
    assert [user["id"] for user in account] == [user["id"] for user in printing]
    assert by_page == account


async def test_walking_back(visit):
    """The links to previous pages lead back to the first."""
    visitor = await visit()

    page, offsets = (await visitor.get(f"{USERS}?limit=10&offset=25")).body, []
    while page["previous"]:
        offsets.append(URL(page["previous"]).query["offset"])
        page = (await visitor.get(page["previous"])).body

    assert offsets == ["15", "5", "0"]


async def test_pages_by_number(visit):
    """Links come in the kind that was asked for, and keep the other parameters."""
    visitor = await visit()

    page = (await visitor.account(f"{ACCOUNT}?page=2&per_page=30&x=y")).body

    assert dict(URL(page["next"]).query) == {"page": "3", "per_page": "30", "x": "y"}
    assert dict(URL(page["previous"]).query) == {"page": "1", "per_page": "30", "x": "y"}
    assert (await visitor.account(f"{ACCOUNT}?page=8&per_page=30")).status == 404


@pytest.mark.parametrize(
    ("query", "size"),
    [("limit=100", 100), ("limit=5000", 100), ("limit=0", 20), ("limit=x&offset=-3", 20), ("offset=195", 5)],
)
async def test_page_sizes(visit, query, size):
    """A page is never larger than the most the server gives, and nonsense counts as not given."""
    visitor = await visit()

    assert len((await visitor.get(f"{USERS}?{query}")).body["results"]) == size


async def test_behind_the_end(visit):
    """An offset behind the end answers an empty page without a next link."""
    visitor = await visit()

    page = (await visitor.get(f"{USERS}?offset=500")).body

    assert (page["results"], page["next"], page["count"]) == ([], None, 200)


async def test_bare_lists(visit):
    """With bare lists, each list is one whole array."""
    visitor = await visit(bare_lists=True)

    assert len((await visitor.get(USERS)).body) == 200
    assert len((await visitor.get("/printing/v1/groups/")).body) == 4
    assert len((await visitor.account(f"{ACCOUNT}?page=1")).body) == 200


async def test_a_million_users(visit):
    """The far end of a million users is there at once, the same on both APIs, and leads back to its groups."""
    visitor = await visit(users=1_000_000)

    printing = (await visitor.get(f"{USERS}?offset=999980")).body
    account = (await visitor.account(f"{ACCOUNT}?offset=999980")).body

    last = printing["results"][-1]
    assert (printing["count"], printing["next"], len(printing["results"])) == (1_000_000, None, 20)
    assert [user["id"] for user in account["results"]] == [user["id"] for user in printing["results"]]
    assert (await visitor.get(f"{USERS}{last['id']}/")).body == last
    groups = [group for user in printing["results"] for group in user["groups"]]
    listed = await visitor.walk(f"{USERS}?limit=100", json={"groups": groups[:1]})
    assert any(groups[0] in user["groups"] for user in printing["results"] if user in listed)
