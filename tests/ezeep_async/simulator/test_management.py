"""Groups, and users with their groups."""

import pytest

GROUPS, USERS = "/printing/v1/groups/", "/printing/v1/users/"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def members(*group_ids):
    """The body that names groups."""
    return {"groups": [{"group_id": group_id} for group_id in group_ids]}


def ids(items, key="id"):
    """One field of each item."""
    return [item[key] for item in items]


async def test_group_has_the_documented_fields(visit):
    """Every field of a group is there with its type, and both kinds of origin occur."""
    visitor = await visit()

    groups = await visitor.walk(GROUPS)

    assert {name: type(value) for name, value in groups[0].items()} == {
        "id": str,
        "name": str,
        "description": str,
        "local_printing_enabled": bool,
        "myprinters_enabled": bool,
        "origin": dict,
        "organization_id": str,
        "num_members": int,
        "num_printers": int,
    }
    assert {group["origin"]["provider"] for group in groups} == {"Ezeep", "Azure"}
    assert all(("foreign_id" in group["origin"]) == (group["origin"]["provider"] == "Azure") for group in groups)


async def test_life_of_a_group(visit):
    """A group can be created, read, changed and deleted, and is then gone from everywhere."""
    visitor = await visit()
    body = {"name": "Night shift", "organization_id": visitor.simulator.organization_id, "local_printing_enabled": True}

    created = await visitor.send("POST", GROUPS, json=body)
    path = f"{GROUPS}{created.body['id']}/"
    changed = await visitor.send("PATCH", path, json={"description": "from ten to six", "num_members": 7})
    listed = await visitor.walk(GROUPS)
    deleted = await visitor.send("DELETE", path, json={})

    assert (created.status, changed.status, deleted.status, deleted.raw) == (201, 200, 204, b"")
    assert created.body["origin"] == {"provider": "Ezeep"}
    assert changed.body == created.body | {"description": "from ten to six"}
    assert listed[-1] == changed.body
    assert (await visitor.get(path)).status == 404
    assert created.body["id"] not in ids(await visitor.walk(GROUPS))
    assert dict(visitor.simulator.stats.mutations) == {
        f"group-{what}:{created.body['id']}": 1 for what in ("created", "updated", "deleted")
    }


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"name", "organization_id"}),
        ({"name": "", "organization_id": "own"}, {"name"}),
        ({"name": "n" * 256, "organization_id": "own"}, {"name"}),
        ({"name": 5, "organization_id": "own", "myprinters_enabled": "yes"}, {"name", "myprinters_enabled"}),
        ({"name": "a", "organization_id": "own", "description": "d" * 256}, {"description"}),
        ({"name": "a", "organization_id": UNKNOWN}, {"organization_id"}),
    ],
)
async def test_group_is_refused(visit, body, fields):
    """A group that breaks the documented limits answers 400 with the problems of each field."""
    visitor = await visit()
    if body.get("organization_id") == "own":
        body = body | {"organization_id": visitor.simulator.organization_id}

    answer = await visitor.send("POST", GROUPS, json=body)

    assert answer.status == 400
    assert answer.body.keys() == fields
    assert all(isinstance(text, str) for problems in answer.body.values() for text in problems)
    assert not visitor.simulator.stats.mutations


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"data": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"data": b"[]", "headers": {"Content-Type": "application/json"}}, 400),
        ({"data": "x"}, 415),
    ],
)
async def test_unreadable_body(visit, options, status):
    """A body that is no JSON, or does not say that it is, is refused."""
    visitor = await visit()
    headers = {"Authorization": f"Bearer {visitor.token}"} | options.get("headers", {})

    answer = await visitor.send("POST", GROUPS, **options | {"headers": headers})

    assert answer.status == status


async def test_success_statuses_are_switches(visit):
    """What the documents do not say, the status of a creation and of a deletion, can be chosen."""
    visitor = await visit(create_status=200, delete_status=200)
    body = {"name": "A", "organization_id": visitor.simulator.organization_id}

    created = await visitor.send("POST", GROUPS, json=body)
    deleted = await visitor.send("DELETE", f"{GROUPS}{created.body['id']}/")

    assert (created.status, deleted.status) == (200, 200)


async def test_groups_are_replaced_whole(visit):
    """A PUT leaves a user in the groups it names and no others, answers them in another order, and counts."""
    visitor = await visit()
    group_ids = ids(await visitor.walk(GROUPS))
    user = (await visitor.get(USERS)).body["results"][0]["id"]
    path = f"{USERS}{user}/"

    first = (await visitor.send("PUT", path, json=members(*group_ids[:3]))).body
    second = (await visitor.send("PUT", path, json=members(group_ids[3]))).body
    emptied = (await visitor.send("PUT", path, json=members())).body

    assert ids(first["groups"], "group_id") != group_ids[:3]
    assert sorted(ids(first["groups"], "group_id")) == sorted(group_ids[:3])
    assert second == first | members(group_ids[3])
    assert emptied["groups"] == []
    assert (await visitor.get(path)).body == emptied
    assert visitor.simulator.stats.mutations[f"user-groups:{user}"] == 3


@pytest.mark.parametrize(
    "body", [{}, {"groups": None}, {"groups": ["x"]}, {"groups": [{}]}, members(UNKNOWN), members("no uuid")]
)
async def test_bad_groups_of_a_user(visit, body):
    """A PUT without groups that exist answers 400 and changes nothing."""
    visitor = await visit()
    path = f"{USERS}{visitor.simulator.directory.user_ids.at(1)}/"
    before = (await visitor.get(path)).body

    answer = await visitor.send("PUT", path, json=body)

    assert (answer.status, answer.body.keys()) == (400, {"groups"})
    assert (await visitor.get(path)).body == before
    assert not visitor.simulator.stats.mutations


async def test_members_by_a_body_on_get(visit):
    """The members of groups are listed by a GET with a body, and are who says they are in these groups."""
    visitor = await visit()
    group_ids = ids(await visitor.walk(GROUPS))[:2]
    users = await visitor.walk(USERS)

    one = await visitor.walk(USERS, json=members(group_ids[0]))
    both = await visitor.walk(USERS + "?limit=7", json=members(*group_ids))

    assert one == [user for user in users if group_ids[0] in ids(user["groups"], "group_id")]
    assert both == [user for user in users if set(group_ids) & set(ids(user["groups"], "group_id"))]
    assert await visitor.walk(USERS, json={}) == users


async def test_num_members_is_true(visit):
    """The counter of a group follows every change of its members."""
    visitor = await visit(users=60, groups=4)
    group_ids = ids(await visitor.walk(GROUPS))
    user_ids = ids(await visitor.walk(USERS))

    for index, user in enumerate(user_ids[:20]):
        await visitor.send("PUT", f"{USERS}{user}/", json=members(*group_ids[: index % 4]))
    await visitor.send("DELETE", f"{GROUPS}{group_ids[0]}/")

    users = await visitor.walk(USERS)
    for group in await visitor.walk(GROUPS):
        listed = await visitor.walk(USERS, json=members(group["id"]))
        assert listed == [user for user in users if group["id"] in ids(user["groups"], "group_id")]
        assert group["num_members"] == len(listed)
    assert not any(group_ids[0] in ids(user["groups"], "group_id") for user in users)


async def test_seeded_users_are_in_none_to_four_groups(visit):
    """Every number of groups from none to four occurs, and no group twice for one user."""
    users = await (await visit()).walk(USERS)

    assert {len(user["groups"]) for user in users} == {0, 1, 2, 3, 4}
    assert all(len(set(ids(user["groups"], "group_id"))) == len(user["groups"]) for user in users)


@pytest.mark.parametrize("groups", [0, 1, 2, 3, 4, 5])
async def test_any_number_of_groups(visit, groups):
    """Organizations with hardly any group work as well, and users name only groups that exist."""
    visitor = await visit(users=50, groups=groups)

    group_ids = set(ids(await visitor.walk(GROUPS)))
    users = await visitor.walk(USERS)

    assert len(group_ids) == groups
    assert {group for user in users for group in ids(user["groups"], "group_id")} == group_ids


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", GROUPS), ("PATCH", GROUPS), ("DELETE", GROUPS), ("GET", USERS), ("PUT", USERS)],
)
@pytest.mark.parametrize("unknown", [UNKNOWN, "nonsense"])
async def test_unknown_id(visit, method, path, unknown):
    """An id that is not there answers 404 with a detail."""
    visitor = await visit()

    answer = await visitor.send(method, f"{path}{unknown}/", json={"groups": []})

    assert (answer.status, answer.body.keys()) == (404, {"detail"})


async def test_me(visit):
    """The printing user of the token can be read without knowing the id."""
    visitor = await visit()

    assert (await visitor.get(f"{USERS}me/")).body["id"] == visitor.simulator.directory.user_ids.at(0)


async def test_unknown_route_and_method(visit):
    """What the API does not have answers 404 or 405 with a detail."""
    visitor = await visit()

    nowhere, unmade = await visitor.get("/printing/v2/"), await visitor.send("PATCH", GROUPS)

    assert (nowhere.status, nowhere.body.keys()) == (404, {"detail"})
    assert (unmade.status, unmade.body.keys()) == (405, {"detail"})


async def test_slashes(visit):
    """A GET without its slash answers 301 to the path with it; any other method is lost."""
    visitor = await visit()

    redirected = await visitor.get("/printing/v1/groups?limit=5")

    assert (redirected.status, redirected.headers["Location"]) == (301, "/printing/v1/groups/?limit=5")
    assert (await visitor.send("POST", "/printing/v1/groups", json={})).status == 404
    assert (await visitor.send("PUT", f"/printing/v1/users/{UNKNOWN}", json={})).status == 404
