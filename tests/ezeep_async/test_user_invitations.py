"""Invitations of users, over real sockets."""

import pytest

from ezeep_async.models import Invitation, InvitationStatus, NewInvitation
from print_async.errors import ConnectionLost, NotFound
from print_async.testing import Fault, FaultKind

ABSENT = "00000000-0000-4000-8000-000000000000"


def to(number: int) -> NewInvitation:
    """Return an invitation of somebody."""
    return NewInvitation(email=f"new{number}@example.com", expire_date="2031-07-22T15:15:33")


async def test_create_list_resend(start):
    """An invitation is created, listed, and sent again, which shows in its date."""
    rig = await start()
    invitations = rig.ezeep.user_invitations

    made = [await invitations.create(to(number)) for number in range(5)]
    assert [each.email for each in made] == [to(number).email for number in range(5)]
    assert {(each.invitation_status, each.delivery_status) for each in made} == {(InvitationStatus.OPEN, "SENT")}
    assert made[0].expire_date == "2031-07-22T15:15:33Z"
    assert await invitations.list(page_size=2).collect() == made

    rig.clock.now += 60
    assert await invitations.resend(made[3].id) == Invitation(made[3].id)
    listed = await invitations.list().collect()
    assert [now.updated == then.updated for now, then in zip(listed, made, strict=True)] == [
        True,
        True,
        True,
        False,
        True,
    ]
    with pytest.raises(NotFound):
        await invitations.resend(ABSENT)


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_a_lost_answer(start, method):
    """Nobody is written to twice."""
    rig = await start()
    made = await rig.ezeep.user_invitations.create(to(0))
    rig.sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, method=method, path="/v1/userinvitations"))
    invitations = rig.ezeep.user_invitations

    with pytest.raises(ConnectionLost) as lost:
        await (invitations.create(to(1)) if method == "POST" else invitations.resend(made.id))

    assert not lost.value.retryable
    assert rig.sim.stats.mutations.total() == 2


@pytest.mark.parametrize(
    ("email", "date", "why"),
    [("", "2031-07-22", "email"), ("a@example.com", "", "expire_date"), ("a@example.com", "soon", "expire_date")],
)
def test_bad_input(email, date, why):
    """An invitation without an address, or with a date that is none, is refused at once."""
    with pytest.raises(ValueError, match=why):
        NewInvitation(email=email, expire_date=date)
