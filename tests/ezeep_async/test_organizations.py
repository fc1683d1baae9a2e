"""Organizations: created with a partner's token, listed with a user's; over real sockets."""

import attrs
import pytest

from ezeep_async.auth import PartnerCredentials, Password
from ezeep_async.models import AdminInvitation, Currency, InvitedAdmin, Language, NewOrganization
from print_async.errors import BadRequest, Forbidden, WrongTokenKind

INVITATION = AdminInvitation(
    email="new.admin@example.com",
    expire_date="2031-07-22T15:15:33",
    user=InvitedAdmin(first_name="New", preferred_language=Language.GERMAN),
)
INVITED = NewOrganization(name="Größe", currency_code=Currency.EURO, admin_user_invitation=INVITATION)


def partner(sim):
    """Return a partner's grant."""
    return PartnerCredentials(sim.client_id)


async def test_create_with_a_user(start):
    """An organization is created for a user that there is, and in their list then."""
    rig = await start(grant=partner)
    admin = rig.sim.directory.user_ids.at(0)

    made = await rig.ezeep.organizations.create(
        NewOrganization(name="Example", currency_code=Currency.US_DOLLAR, admin_user=admin)
    )

    assert (made.name, made.admin_user) == ("Example", admin)
    async with rig.join(rig.sim.grant()) as ezeep:
        mine = await ezeep.organizations.list_mine(page_size=1).collect()
    assert [each.id for each in mine] == [rig.sim.organization_id, made.id]
    assert len(rig.sim.organizations.created) == 1


async def test_create_with_an_invitation(start):
    """An organization is created for somebody who is invited."""
    rig = await start(grant=partner)

    made = await rig.ezeep.organizations.create(INVITED)

    assert (made.name, made.admin_user) == ("Größe", None)
    assert [each.id for each in await rig.ezeep.organizations.list_mine().collect()] == [rig.sim.organization_id]


async def test_a_token_of_a_user(start):
    """With a user's token nothing is sent; where its kind is not known, the server refuses it."""
    rig = await start(grant=lambda sim: Password(sim.client_id, username="user0@example.com", password=sim.password))

    with pytest.raises(WrongTokenKind, match="client token"):
        await rig.ezeep.organizations.create(INVITED)
    assert rig.requests == 0
    with pytest.raises(Forbidden):
        await rig.ezeep.request("POST", "/partner/v1/organizations/", json=INVITED)


async def test_what_the_server_refuses(start):
    """An admin who is not there, and an invitation without its date, are refused."""
    rig = await start(grant=partner)
    unknown = NewOrganization(name="n", currency_code=Currency.EURO, admin_user="x")

    with pytest.raises(BadRequest, match="admin_user"):
        await rig.ezeep.organizations.create(unknown)
    body = {"name": "n", "currency_code": "EUR", "admin_user_invitation": {"email": "a@example.com"}}
    with pytest.raises(BadRequest, match="expire_date"):
        await rig.ezeep.request("POST", "/partner/v1/organizations/", json=body)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"admin_user": "u"}, "one of"),
        ({"admin_user_invitation": attrs.NOTHING}, "one of"),
        ({"name": ""}, "name must"),
    ],
)
def test_bad_input(changes, why):
    """Two administrators, none, and no name are refused at once."""
    given = {"name": "n", "currency_code": Currency.EURO, "admin_user_invitation": INVITATION, **changes}

    with pytest.raises(ValueError, match=why):
        NewOrganization(**{name: value for name, value in given.items() if value is not attrs.NOTHING})


@pytest.mark.parametrize("changes", [{"email": ""}, {"expire_date": ""}, {"expire_date": "tomorrow"}])
def test_a_bad_invitation(changes):
    """An invitation without an address or a date is refused at once."""
    with pytest.raises(ValueError, match=next(iter(changes))):
        attrs.evolve(INVITATION, **changes)
