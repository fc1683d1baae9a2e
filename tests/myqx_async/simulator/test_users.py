"""Reading, finding and writing users."""

import pytest

FIRST = 1001


async def _names(visitor, path: str, **params: object) -> list[str]:
    answer = await visitor.get(path, await visitor.sign_in(), **params)
    assert answer.status == 200
    return [user["username"] for user in answer.body["users"]]


async def test_pages_together_are_all_users_in_order(visit) -> None:
    """Walking by start and limit meets every user once, by rising id, and count tells the whole."""
    visitor = await visit(205)
    token = await visitor.sign_in()
    ids: list[int] = []
    for start in range(0, 300, 50):
        answer = await visitor.get("users", token, start=start, limit=50)
        assert answer.body["count"] == 205
        ids += [user["id"] for user in answer.body["users"]]
    assert ids == list(range(FIRST, FIRST + 205))


async def test_a_page_has_a_hundred_users_unless_told(visit) -> None:
    """The defaults are limit 100 and start 0."""
    visitor = await visit(205)
    answer = await visitor.get("users", await visitor.sign_in())
    assert [answer.body["users"][0]["id"], len(answer.body["users"])] == [FIRST, 100]


async def test_count_can_be_the_page_s(visit) -> None:
    """With count_is_page the count is the length of the page, for the list and the search alike."""
    visitor = await visit(205, count_is_page=True)
    token = await visitor.sign_in()
    assert (await visitor.get("users", token, limit=30)).body["count"] == 30
    assert (await visitor.get("users/find", token, group="Sales", limit=3)).body["count"] == 3


@pytest.mark.parametrize(
    "params", [{"limit": "x"}, {"limit": "-1"}, {"start": "1.5"}, {"start": "²"}, {"limit": "9" * 5000}]
)
async def test_a_page_that_is_no_number_is_refused(visit, params: dict[str, str]) -> None:
    """limit and start must be whole numbers, not negative."""
    visitor = await visit()
    assert (await visitor.get("users", await visitor.sign_in(), **params)).status == 400


async def test_an_unknown_parameter_empties_the_list(visit) -> None:
    """A bad filter gives an empty result and no error."""
    visitor = await visit()
    answer = await visitor.get("users", await visitor.sign_in(), email="x@example.com")
    assert (answer.status, answer.body) == (200, {"users": [], "count": 0})


async def test_a_user_has_the_documented_fields(visit) -> None:
    """Without include a user has these eleven fields and no other."""
    visitor = await visit()
    answer = await visitor.get(f"users/{FIRST + 3}", await visitor.sign_in())
    assert set(answer.body) == {
        *("id", "username", "fullname", "email", "scanStorage", "code"),
        *("syncSource", "lang", "phone", "ldapDomain", "notes"),
    }
    assert answer.body["id"] == FIRST + 3


async def test_include_adds_the_named_parts_only(visit) -> None:
    """Each part comes when named, in lists and for one user, and an unknown name is passed over."""
    visitor = await visit()
    token = await visitor.sign_in()
    parts = {"aliases", "delegates", "policies", "accounts", "permissions", "groups"}
    everything = (await visitor.get(f"users/{FIRST}", token, include=",".join(parts))).body
    assert parts <= set(everything)
    page = (await visitor.get("users", token, include="aliases,groups,nonsense", limit=1)).body["users"]
    assert set(page[0]) & (parts | {"nonsense"}) == {"aliases", "groups"}
    assert page[0]["aliases"] == everything["aliases"]


async def test_a_lone_user_has_no_delegate(visit) -> None:
    """A delegate is another user, so where there is but one the list is empty."""
    visitor = await visit(1)
    answer = await visitor.get(f"users/{FIRST}", await visitor.sign_in(), include="delegates")
    assert answer.body["delegates"] == []


async def test_find_does_not_include_groups(visit) -> None:
    """The search takes the parts of the list but groups."""
    visitor = await visit()
    answer = await visitor.get("users/find", await visitor.sign_in(), group="Sales", include="groups,accounts")
    assert "accounts" in answer.body["users"][0]
    assert "groups" not in answer.body["users"][0]


@pytest.mark.parametrize("index", [0, 7, 199])
async def test_every_filter_finds_the_user(visit, index: int) -> None:
    """User name, alias, e-mail, code and card each find exactly the one user."""
    visitor = await visit(1000)
    token = await visitor.sign_in()
    user = (await visitor.get(f"users/{FIRST + index}", token, include="aliases")).body
    card = visitor.sim.credentials(index).card
    active = "1" if visitor.sim.credentials(index).active else "0"
    filters = [("username", user["username"]), ("username", user["aliases"][0]), ("email", user["email"])]
    for name, value in [*filters, ("code", user["code"]), ("card", card)]:
        found = await visitor.get("users/find", token, **{name: value, "isActive": active})
        assert [other["id"] for other in found.body["users"]] == [user["id"]], name
        assert found.body["count"] == 1


async def test_filters_must_all_be_met(visit) -> None:
    """A user name together with another user's e-mail finds nobody."""
    visitor = await visit()
    first, second = await _names(visitor, "users", limit=2)
    assert await _names(visitor, "users/find", username=first, email=f"{second}@example.com") == []


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"limit": "5"},
        {"colour": "red"},
        {"group": "Sales", "colour": "red"},
        {"group": "Sales", "isActive": "yes"},
        {"group": "Nowhere"},
        {"username": "nobody"},
        {"username": "nobody1"},
        {"username": "x999999999"},
        {"email": "anna"},
        {"code": "abc"},
        {"card": "FFFF"},
        {"card": "xyz"},
    ],
)
async def test_wrong_filters_find_nobody(visit, params: dict[str, str]) -> None:
    """No filter, an unknown one, and values that nobody has give an empty result and no error."""
    visitor = await visit()
    assert await _names(visitor, "users/find", **params) == []


async def test_inactive_users_are_found_only_when_asked_for(visit) -> None:
    """isActive is 1 by default; 0 finds the inactive ones, and alone it is a filter too."""
    visitor = await visit(40)
    person = visitor.sim.credentials(19)
    assert await _names(visitor, "users/find", username=person.username) == []
    assert await _names(visitor, "users/find", username=person.username, isActive=0) == [person.username]
    assert len(await _names(visitor, "users/find", isActive=0)) == 2
    assert len(await _names(visitor, "users/find", isActive=1)) == 38
    assert person.username in await _names(visitor, "users")


async def test_a_group_is_found_by_its_full_path(visit) -> None:
    """A subgroup's members are part of the group's, the path is joined with |, and the search is paged."""
    visitor = await visit(240)
    token = await visitor.sign_in()
    whole = (await visitor.get("users/find", token, group="Sales", limit=1000)).body
    part = (await visitor.get("users/find", token, group="Sales|Prague", limit=1000)).body
    assert 0 < part["count"] < whole["count"] < 240
    assert {user["id"] for user in part["users"]} < {user["id"] for user in whole["users"]}
    page = (await visitor.get("users/find", token, group="Sales", start=10, limit=5)).body
    assert page["users"] == whole["users"][10:15]
    assert page["count"] == whole["count"]


async def test_sync_source_is_a_filter(visit) -> None:
    """syncSource finds those and only those who came from there, changes included."""
    visitor = await visit(60)
    token = await visitor.sign_in()
    before = (await visitor.get("users/find", token, syncSource="LDAP")).body["users"]
    assert {user["syncSource"] for user in before} == {"LDAP"}
    await visitor.call("PUT", f"/api/v3/users/{before[2]['id']}", token, json={"syncSource": "CSV"})
    await visitor.call("PUT", f"/api/v3/users/{FIRST}", token, json={"syncSource": "LDAP"})
    after = (await visitor.get("users/find", token, syncSource="LDAP")).body["users"]
    assert [user["id"] for user in after] == [FIRST, *(user["id"] for user in before if user != before[2])]


async def test_a_created_user_is_there(visit) -> None:
    """Creating answers id and names; the user is last in the list, findable, and counted once."""
    visitor = await visit(10)
    token = await visitor.sign_in()
    body = {"username": "new.one", "fullname": "New One", "email": "n@example.org", "code": "77"}
    answer = await visitor.call("POST", "/api/v3/users", token, json=body)
    assert (answer.status, answer.body) == (200, {"id": FIRST + 10, "username": "new.one", "fullname": "New One"})
    everyone = (await visitor.get("users", token)).body
    assert everyone["count"] == 11
    assert everyone["users"][-1].items() >= body.items()
    for name in ("username", "email", "code"):
        assert await _names(visitor, "users/find", **{name: body[name]}) == ["new.one"]
    assert visitor.sim.stats.mutations == {f"user-created:{FIRST + 10}": 1}


async def test_a_created_user_can_sign_in(visit) -> None:
    """The next index has the created user's credentials, under the name given."""
    visitor = await visit(10)
    body = {"username": "new.one", "fullname": "New One"}
    await visitor.call("POST", "/api/v3/users", await visitor.sign_in(), json=body)
    person = visitor.sim.credentials(10)
    login = {"type": 3, "user": "new.one", "pwd": person.password}
    assert person.username == "new.one"
    assert (await visitor.ask(grant_type="login_info", scope="jobs", login_info=login)).status == 200


@pytest.mark.parametrize(
    "body",
    [
        {"username": "x"},
        {"fullname": "X"},
        {"username": "", "fullname": "X"},
        {"username": "x", "fullname": ""},
        {"username": 5, "fullname": "X"},
        {"username": "x", "fullname": "X", "email": None},
        [],
    ],
)
async def test_a_user_needs_both_names_as_strings(visit, body: object) -> None:
    """A body without username and fullname, or with anything but strings, is 400 and creates nobody."""
    visitor = await visit(10)
    token = await visitor.sign_in()
    answer = await visitor.call("POST", "/api/v3/users", token, json=body)
    assert answer.status == 400
    assert (await visitor.get("users", token)).body["count"] == 10


async def test_a_name_is_given_once(visit) -> None:
    """Creating a name that exists, or renaming to one, is 409; keeping one's own name is not."""
    visitor = await visit(10)
    token = await visitor.sign_in()
    first, second = await _names(visitor, "users", limit=2)
    answer = await visitor.call("POST", "/api/v3/users", token, json={"username": first, "fullname": "X"})
    assert answer.status == 409
    assert (await visitor.call("PUT", f"/api/v3/users/{FIRST}", token, json={"username": second})).status == 409
    assert (await visitor.call("PUT", f"/api/v3/users/{FIRST}", token, json={"username": first})).status == 200


async def test_creating_a_deleted_user_brings_it_back(visit) -> None:
    """The same id comes back with the new fields; until then nobody finds the user, and pages close up."""
    visitor = await visit(10)
    token = await visitor.sign_in()
    name = visitor.sim.credentials(4).username
    visitor.sim.delete_user(FIRST + 4)
    assert (await visitor.get(f"users/{FIRST + 4}", token)).status == 404
    assert await _names(visitor, "users/find", username=name) == []
    assert [user["id"] for user in (await visitor.get("users", token, start=3, limit=2)).body["users"]] == [
        FIRST + 3,
        FIRST + 5,
    ]
    answer = await visitor.call("POST", "/api/v3/users", token, json={"username": name, "fullname": "Again"})
    assert answer.body == {"id": FIRST + 4, "username": name, "fullname": "Again"}
    assert (await visitor.get("users", token)).body["count"] == 10
    assert visitor.sim.stats.mutations == {f"user-undeleted:{FIRST + 4}": 1}
    with pytest.raises(LookupError):
        visitor.sim.delete_user(1)


async def test_an_update_keeps_what_it_does_not_mention(visit) -> None:
    """Only the fields sent change, and the search knows the new values and forgets the old."""
    visitor = await visit(10)
    token = await visitor.sign_in()
    before = (await visitor.get(f"users/{FIRST + 2}", token)).body
    changes = {"email": "other@example.org", "notes": "moved", "username": "renamed"}
    answer = await visitor.call("PUT", f"/api/v3/users/{FIRST + 2}", token, json=changes)
    assert answer.body == before | changes
    assert (await visitor.get(f"users/{FIRST + 2}", token)).body == before | changes
    assert await _names(visitor, "users/find", email="other@example.org") == ["renamed"]
    assert await _names(visitor, "users/find", username="renamed") == ["renamed"]
    assert await _names(visitor, "users/find", email=before["email"]) == []
    assert await _names(visitor, "users/find", username=before["username"]) == []
    assert visitor.sim.stats.mutations == {f"user-updated:{FIRST + 2}": 1}


@pytest.mark.parametrize("body", [{"email": 5}, {"notes": None}, {"username": ""}, []])
async def test_a_bad_update_changes_nothing(visit, body: object) -> None:
    """A field that is no string, or an empty user name, is 400 and counts as no change."""
    visitor = await visit(10)
    answer = await visitor.call("PUT", f"/api/v3/users/{FIRST}", await visitor.sign_in(), json=body)
    assert answer.status == 400
    assert not visitor.sim.stats.mutations


@pytest.mark.parametrize("status", [200, 201, 204])
async def test_writes_answer_the_status_they_are_told_to(visit, status: int) -> None:
    """Each of the three statuses can be had, and 204 has no body."""
    visitor = await visit(10, success_status=status)
    token = await visitor.sign_in()
    created = await visitor.call("POST", "/api/v3/users", token, json={"username": "x", "fullname": "X"})
    updated = await visitor.call("PUT", f"/api/v3/users/{FIRST}", token, json={"notes": "x"})
    assert (created.status, updated.status) == (status, status)
    assert (created.body is None) == (updated.body is None) == (status == 204)


async def test_a_user_changes_oneself(visit) -> None:
    """users/me changes the user of the token and needs no scope of users."""
    visitor = await visit(10)
    token = await visitor.log_in(3, scope="jobs")
    answer = await visitor.call("PUT", "/api/v3/users/me", token, json={"lang": "pt"})
    assert (answer.status, answer.body["id"], answer.body["lang"]) == (200, FIRST + 3, "pt")
    visitor.sim.delete_user(FIRST + 3)
    assert (await visitor.call("PUT", "/api/v3/users/me", token, json={"lang": "en"})).status == 404


async def test_a_user_without_the_right_sees_oneself_only(visit) -> None:
    """Reading and changing others needs the right Manage users, whatever the scope; one's own record does not."""
    visitor = await visit(10)
    plain, manager = await visitor.log_in(3), await visitor.log_in(0)
    body = {"username": "x", "fullname": "X"}
    for token, status in ((plain, 403), (manager, 200)):
        assert (await visitor.get("users", token)).status == status
        assert (await visitor.get(f"users/{FIRST + 4}", token)).status == status
        assert (await visitor.call("PUT", f"/api/v3/users/{FIRST + 4}", token, json={})).status == status
        assert (await visitor.call("POST", "/api/v3/users", token, json=body)).status == status
    assert (await visitor.get(f"users/{FIRST + 3}", plain)).status == 200
    assert (await visitor.call("PUT", f"/api/v3/users/{FIRST + 3}", plain, json={})).status == 200


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("user_id", [1, FIRST - 1, FIRST + 10, 10**30])
async def test_an_unknown_id_is_not_found(visit, method: str, user_id: int) -> None:
    """Ids below, above and far beyond those given are 404."""
    visitor = await visit(10)
    answer = await visitor.call(method, f"/api/v3/users/{user_id}", await visitor.sign_in(), json={})
    assert (answer.status, answer.body["message"]) == (404, "User not found")
