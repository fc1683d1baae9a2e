"""Users of MyQ X: every operation, over real sockets and TLS."""

import attrs
import pytest

from myqx_async.auth import CardLogin, RefreshToken
from myqx_async.models import CreatedUser, NewUser, User, UserChanges
from print_async.errors import BadRequest, Conflict, Forbidden, InsufficientScope, NotFound, ServerError, WrongTokenKind
from print_async.raw import raw_responses
from print_async.testing import Fault, FaultKind

PARTS = ("aliases", "delegates", "policies", "accounts", "permissions", "groups")


def user_grant(index: int, scope: str = "users"):
    """Return a function of the simulator that signs in a user by card; the first one may manage users."""
    return lambda sim: CardLogin(sim.client_id, sim.client_secret, scope=scope, card=sim.credentials(index).card)


def ids(users) -> list[int]:
    """Return the ids of users."""
    return [user.id for user in users]


@pytest.mark.parametrize("count_is_page", [False, True])
@pytest.mark.parametrize(("total", "page_size"), [(23, 5), (20, 5), (3, 1), (7, 100), (150, 1000)])
async def test_list(start, total, page_size, count_is_page):
    """All users come in order, whatever the pages, and whichever of the two things `count` means."""
    rig = await start(total, count_is_page=count_is_page)

    found = await rig.myqx.users.list(page_size=page_size).collect()

    assert ids(found) == list(range(1001, 1001 + total))
    first = found[0]
    assert isinstance(first, User)
    assert first.email == f"{first.username}@example.com"
    assert first.scan_storage == rf"\\files.example.com\scans\{first.username}"
    assert (first.sync_source, first.ldap_domain, found[1].ldap_domain) == ("", "", "corp.example.com")
    assert all(getattr(first, part) is None for part in PARTS)


async def test_default_pages(start):
    """Pages are of MyQ's own default size, and the last one ends the walk."""
    rig = await start(250)

    pages = [page async for page in rig.myqx.users.list().pages()]

    assert [(len(page.items), page.count) for page in pages] == [(100, 250), (100, 250), (50, 250)]
    assert rig.sim.stats.routes["GET /api/v3/users"] == 3


@pytest.mark.parametrize("part", PARTS)
async def test_include(start, part):
    """A part that is asked for is there, as the server sent it, and no other one is."""
    rig = await start()
    with raw_responses() as raw:
        user = await rig.myqx.users.list(include=[part], page_size=1).first()

    shown = {name: getattr(user, name) for name in PARTS}
    assert shown[part] == raw[-1].json()["users"][0][part]
    assert [name for name, value in shown.items() if value is not None] == [part]


async def test_include_everything(start):
    """Several parts are asked for together; `find` knows all of them but the groups."""
    rig = await start()
    listed = await rig.myqx.users.list(include=iter(PARTS)).first()
    found = await rig.myqx.users.find(username=listed.username, include=PARTS).first()

    assert all(getattr(listed, part) is not None for part in PARTS)
    assert found == attrs.evolve(listed, groups=None)


@pytest.mark.parametrize("method", ["list", "find"])
async def test_a_lone_include_is_no_list_of_letters(start, method):
    """A single part given as a string is refused before any I/O: MyQ would silently leave out what it does not know."""
    rig = await start()
    filters = {"email": "x"} if method == "find" else {}

    with pytest.raises((TypeError, ValueError)):
        await getattr(rig.myqx.users, method)(include="aliases", **filters).first()

    assert rig.requests == 0


@pytest.mark.parametrize("taken", [0, 1, 3, 4, 11, 12])
@pytest.mark.parametrize("page_size", [4, 100, 2])
async def test_resume(start, taken, page_size):
    """A walk goes on at the very item where another stopped, with pages of any size."""
    rig = await start(12)
    walk = rig.myqx.users.list(page_size=4)
    begun = await walk.collect(limit=taken)

    rest = await rig.myqx.users.list(page_size=page_size, resume=walk.cursor).collect()

    assert ids(begun + rest) == list(range(1001, 1013))


async def test_resume_after_an_error(start):
    """An error on the way carries the cursor from which nothing is lost and nothing doubled."""
    rig = await start(9)
    walk = rig.myqx.users.list(page_size=4)
    found = await walk.collect(limit=2)
    rig.sim.faults.add(Fault(kind=FaultKind.STATUS, status=500, times=1))
    with pytest.raises(ServerError) as broken:
        await walk.collect()

    rest = await rig.myqx.users.list(page_size=4, resume=broken.value.cursor).collect()

    assert ids(found + rest) == list(range(1001, 1010))


@pytest.mark.parametrize("name", ["username", "alias", "email", "card", "code"])
async def test_find_one(start, name):
    """Whatever identifies a user finds that user alone."""
    rig = await start()
    user = await rig.myqx.users.get(1008)
    filters = {
        "username": {"username": user.username},
        "alias": {"username": "u0000007"},
        "email": {"email": user.email},
        "card": {"card": rig.sim.credentials(7).card},
        "code": {"code": user.code},
    }

    assert await rig.myqx.users.find(**filters[name]).collect() == [user]
    assert await rig.myqx.users.find(**filters[name], active=False).collect() == []


async def test_find_many(start):
    """What many share finds all of them, over several pages, and all the filters must apply."""
    rig = await start(120)
    found = await rig.myqx.users.find(group="Sales|Prague", page_size=3).collect()
    assert ids(found) == list(range(1001, 1121, 12))

    both = await rig.myqx.users.find(group="Sales", sync_source="LDAP", page_size=2).collect()
    assert both
    assert {user.sync_source for user in both} == {"LDAP"}
    inactive = await rig.myqx.users.find(sync_source="Google", active=False).collect()
    assert ids(inactive) == [1020, 1040, 1060, 1080, 1100, 1120]
    assert await rig.myqx.users.find(group="Nobody & Co. #1").collect() == []


async def test_get(start):
    """One user is found by id; an id that nobody has is `NotFound`, with the vendor's own code beside the status."""
    rig = await start(code_differs=True)

    assert await rig.myqx.users.get(1003) == (await rig.myqx.users.list().collect(limit=3))[2]
    with pytest.raises(NotFound, match="code 1404") as missing:
        await rig.myqx.users.get(1)
    error = missing.value
    assert (error.status, error.code, error.message, error.data) == (404, 1404, "User not found", [])
    assert (error.method, error.path) == ("GET", "/api/v3/users/1")


@pytest.mark.parametrize("status", [200, 201, 204])
async def test_create_and_update(start, status):
    """A user is created and changed whatever the server calls success; what is not set is not sent."""
    rig = await start(10, success_status=status)
    users = rig.myqx.users

    made = await users.create(NewUser(username="new.user", fullname="Nová Ú.", scan_storage="//x", sync_source="HR"))
    assert made == CreatedUser(None if status == 204 else 1011, "new.user", "Nová Ú.")
    assert await users.update(1011, UserChanges(ldap_domain="d", notes="")) is None

    user = await users.get(1011)
    assert (user.fullname, user.scan_storage, user.sync_source) == ("Nová Ú.", "//x", "HR")
    assert (user.ldap_domain, user.notes, user.lang) == ("d", "", "en")
    assert rig.sim.stats.mutations == {"user-created:1011": 1, "user-updated:1011": 1}
    with pytest.raises(Conflict):
        await users.create(NewUser(username="new.user", fullname="x"))
    with pytest.raises(NotFound):
        await users.update(1, UserChanges(notes="x"))
    with pytest.raises(BadRequest, match="username must not be empty"):
        await users.update(1011, UserChanges(username=""))


async def test_a_deleted_user_comes_back(start):
    """Creating a user whose name was deleted gives the one of before."""
    rig = await start()
    user = await rig.myqx.users.get(1005)
    rig.sim.delete_user(1005)
    with pytest.raises(NotFound):
        await rig.myqx.users.get(1005)

    made = await rig.myqx.users.create(NewUser(username=user.username, fullname="Again"))

    assert made == CreatedUser(1005, user.username, "Again")


async def test_a_user_and_the_others(start):
    """A user may read and change themselves; others only with the right to manage users."""
    rig = await start(grant=user_grant(3))
    users = rig.myqx.users

    await users.update_me(UserChanges(phone="+420 1"))
    await users.update(1004, UserChanges(notes="n"))
    user = await users.get(1004)

    assert (user.phone, user.notes) == ("+420 1", "n")
    for call in (users.get(1005), users.update(1005, UserChanges(notes="n")), users.list().first()):
        with pytest.raises(Forbidden, match="Manage users"):
            await call
    async with rig.join(user_grant(0)(rig.sim)) as manager:
        assert len(await manager.users.list().collect()) == 200


async def test_refused_before_any_io(start):
    """A wrong kind of token, a scope that was not asked for, and bad input cost no request, not even for a token."""
    rig = await start()
    users, printers_cursor = rig.myqx.users, rig.myqx.printers.list().cursor
    for why, make in {
        "page_size": lambda: users.list(page_size=0),
        "at least one of": lambda: users.find(active=False, include=["aliases"]),
        "cursor of the list": lambda: users.list(resume=printers_cursor),
        "GET /v3/users/find": lambda: users.find(email="b", resume=users.find(email="a").cursor),
        "include=aliases": lambda: users.list(resume=users.list(include=["aliases"]).cursor),
        "not a cursor": lambda: users.find(email="a", resume="x"),
        "username": lambda: NewUser(username="", fullname="x"),
        "fullname": lambda: NewUser(username="x", fullname=""),
    }.items():
        with pytest.raises(ValueError, match=why):
            make()
    with pytest.raises(WrongTokenKind, match=r"PUT /v3/users/me needs a user token"):
        await users.update_me(UserChanges())
    async with rig.join(user_grant(0, "jobs")(rig.sim)) as person:
        with pytest.raises(WrongTokenKind, match="needs a client token"):
            await person.users.find(username="x").first()
        for call in (person.users.list().first(), person.users.get(1), person.users.update(1, UserChanges())):
            with pytest.raises(InsufficientScope) as refused:
                await call
            assert refused.value.missing == {"users"}

    assert rig.requests == 0


async def test_a_scope_that_was_not_granted(start):
    """A scope that the server left out stops a call once it is known, before the call itself is made."""
    rig = await start(strict_scopes=False, client_scopes=("printers",))

    for _ in range(2):
        with pytest.raises(InsufficientScope):
            await rig.myqx.users.get(1001)

    assert rig.sim.stats.routes == {"POST /api/auth/token": 1}


async def test_a_stored_token_of_unknown_kind(start):
    """What a refresh token speaks for is not known, so the server is asked; its refusal is `Forbidden`."""
    rig = await start(grant=user_grant(0, "users offline.access"))
    stored = (await rig.myqx.session.token()).refresh_token
    application = rig.sim.client_id, rig.sim.client_secret

    async with rig.join(RefreshToken(*application, refresh_token=stored)) as myqx:
        with pytest.raises(Forbidden):
            await myqx.users.find(username="x").first()
