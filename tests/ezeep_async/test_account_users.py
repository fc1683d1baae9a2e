"""Account users: who the users are, over real sockets."""

import pytest

from ezeep_async.auth import Password
from ezeep_async.models import AccountUser, Role


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
