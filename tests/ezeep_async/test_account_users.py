"""Account users: who the users are, over real sockets."""

import pytest

from ezeep_async.auth import Password
from ezeep_async.models import AccountUser, AccountUserChanges, InvitationStatus, Role
from print_async.errors import BadRequest, NotFound
from print_async.testing import Fault, FaultKind

ABSENT = "00000000-0000-4000-8000-000000000000"


async def test_list(start):
    """All account users come with all that is documented of them, and their ids are those of the printing users."""
    rig = await start(users=45)

    found = await rig.ezeep.account_users.list(page_size=10).collect()

    assert [user.id for user in found] == [user.id for user in await rig.ezeep.users.list().collect()]
    assert [user.email for user in found] == [f"user{index}@example.com" for index in range(45)]
    assert all(isinstance(user, AccountUser) and user.date_joined.endswith("Z") for user in found)
    assert found[0].roles == (Role.ADMIN,)
    assert {role for user in found for role in user.roles} == {Role.ADMIN, Role.USER}
    assert all((user.azure_profile is None) != (user.id_profile is None) for user in found)
    assert any(user.user_invitations for user in found)
    assert any(user.user_invitations is None for user in found)
    invitations = [each for user in found for each in user.user_invitations or ()]
    assert {each.invitation_status for each in invitations} == {InvitationStatus.ACCEPTED}
    assert rig.sim.stats.routes["GET /v1/users/"] == 5


async def test_list_of_one_who_is_no_admin(start):
    """Who is no administrator finds only themselves."""
    plain = "user7@example.com"
    rig = await start(grant=lambda sim: Password(sim.client_id, username=plain, password=sim.password))

    (found,) = await rig.ezeep.account_users.list(page_size=3).collect()

    assert (found.email, found.roles) == (plain, (Role.USER,))


@pytest.mark.parametrize("taken", [0, 1, 4, 5, 11])
async def test_resume(start, taken):
    """A walk goes on at the very item where another stopped."""
    rig = await start(users=11)
    walk = rig.ezeep.account_users.list(page_size=4)
    begun = await walk.collect(limit=taken)

    rest = await rig.ezeep.account_users.list(resume=walk.cursor).collect()

    assert [user.email for user in begun + rest] == [f"user{index}@example.com" for index in range(11)]


async def test_bad_input_is_refused_before_any_io(start):
    """A page without items, and the cursor of the printing users, cost no request."""
    rig = await start()
    for wrong in ({"page_size": 0}, {"prefetch": -1}, {"resume": rig.ezeep.users.list().cursor}):
        with pytest.raises(ValueError, match=r"page_size|prefetch|cursor"):
            rig.ezeep.account_users.list(**wrong)

    assert rig.requests == 0


async def test_get_and_me(start):
    """A user is read by id as they are listed, and whoever is signed in without one."""
    rig = await start()
    users = await rig.ezeep.account_users.list().collect()

    assert await rig.ezeep.account_users.get(users[7].id) == users[7]
    assert await rig.ezeep.account_users.me() == users[0]
    for call in (
        rig.ezeep.account_users.get(ABSENT),
        rig.ezeep.account_users.update(ABSENT, AccountUserChanges(last_name="x")),
    ):
        with pytest.raises(NotFound):
            await call


async def test_update(start):
    """What is set is changed, in the lists as well, and the rest stays; the answer may be lost on the way."""
    rig = await start()
    accounts = rig.ezeep.account_users
    before = (await accounts.list().collect())[7]
    rig.sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, method="PATCH", times=1))

    changed = await accounts.update(before.id, AccountUserChanges(last_name="Größe", role=Role.ADMIN))

    assert (changed.first_name, changed.last_name, changed.roles) == (before.first_name, "Größe", (Role.ADMIN,))
    assert (changed.email, changed.display_name) == (before.email, f"{before.first_name} Größe")
    assert (await accounts.list().collect())[7] == changed == await accounts.get(before.id)
    moved = await accounts.update(before.id, AccountUserChanges(email="other@example.com"))
    assert (moved.email, moved.last_name) == ("other@example.com", "Größe")
    assert await accounts.update(before.id, AccountUserChanges()) == moved
    password = rig.sim.password
    async with rig.join(Password(rig.sim.client_id, username="other@example.com", password=password)) as theirs:
        assert await theirs.account_users.me() == moved


async def test_update_that_is_refused(start):
    """An empty address costs no request; a role that nobody knows is the server's to refuse."""
    rig = await start()
    with pytest.raises(ValueError, match="email"):
        AccountUserChanges(email="")
    assert rig.requests == 0

    with pytest.raises(BadRequest, match="roles"):
        await rig.ezeep.account_users.update(rig.sim.directory.user_ids.at(1), AccountUserChanges(role=Role("king")))


async def test_a_plain_user_changes_nobody_else(start):
    """Who is no administrator reads and changes themselves, and finds nobody else."""
    plain = "user7@example.com"
    rig = await start(grant=lambda sim: Password(sim.client_id, username=plain, password=sim.password))
    ids = rig.sim.directory.user_ids

    assert (await rig.ezeep.account_users.get(ids.at(7))).email == plain
    for call in (
        rig.ezeep.account_users.get(ids.at(8)),
        rig.ezeep.account_users.update(ids.at(8), AccountUserChanges(first_name="x")),
    ):
        with pytest.raises(NotFound):
            await call
