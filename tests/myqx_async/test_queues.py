"""Queues, over real sockets and TLS."""

import pytest

from myqx_async.auth import PinLogin
from myqx_async.models import Queue, QueueInteraction
from print_async.errors import InsufficientScope, WrongTokenKind


async def test_list(start):
    """The queues that are online come with all that is documented of them; the client's part only if asked for."""
    rig = await start(1, 20, 6)

    found = await rig.myqx.queues.list().collect()

    assert [queue.id for queue in found] == [1, 2, 3, 5, 6]
    assert found[0] == Queue(1, "Follow me", "follow", False, ("air", "ipps", "lpr"), 1, None)
    assert found[2].name == "Übergröße & Plot"


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"state": "all"}, [1, 2, 3, 4, 5, 6]),
        ({"state": "offline"}, [4]),
        ({"state": "online"}, [1, 2, 3, 5, 6]),
        ({"protocol": "raw"}, [2, 6]),
        ({"protocol": "raw", "state": "all"}, [2, 4, 6]),
        ({"protocol": "air", "state": "offline"}, [4]),
    ],
    ids=str,
)
async def test_filters(start, filters, expected):
    """Each filter finds the queues it speaks of, and both together only those to which both apply."""
    rig = await start(1, 20, 6)

    found = await rig.myqx.queues.list(**filters).collect()

    assert [queue.id for queue in found] == expected


async def test_include(start):
    """The client's part is there if it is asked for."""
    rig = await start()

    found = await rig.myqx.queues.list(include=["client"]).collect()

    assert found[0].client.interaction == QueueInteraction(project=True, payment_account=True)
    assert found[1].client.interaction == QueueInteraction(project=False, payment_account=False)


async def test_a_lone_include_is_no_list_of_letters(start):
    """A single part given as a string is refused before any I/O: MyQ would silently leave out what it does not know."""
    rig = await start()

    with pytest.raises((TypeError, ValueError)):
        await rig.myqx.queues.list(include="client").first()

    assert rig.requests == 0


async def test_resume(start):
    """A walk goes on within its one page."""
    rig = await start()
    walk = rig.myqx.queues.list(state="all")
    begun = await walk.collect(limit=2)

    rest = await rig.myqx.queues.list(state="all", resume=walk.cursor).collect()

    assert [queue.id for queue in begun + rest] == [1, 2, 3, 4, 5]
    assert await rig.myqx.queues.list(state="all", resume=walk.cursor).collect() == rest


async def test_refused_before_any_io(start):
    """A user's token, a scope that was not asked for, and a foreign cursor cost no request."""
    rig = await start(grant=lambda sim: sim.grant("users"))
    grant = PinLogin(rig.sim.client_id, rig.sim.client_secret, scope="queues", pin=rig.sim.credentials(0).pin)
    async with rig.join(grant) as person:
        with pytest.raises(WrongTokenKind):
            await person.queues.list().first()
    with pytest.raises(InsufficientScope) as refused:
        await rig.myqx.queues.list().first()
    with pytest.raises(ValueError, match="cursor of the list"):
        rig.myqx.queues.list(resume=rig.myqx.queues.list(state="all").cursor)

    assert refused.value.missing == {"queues"}
    assert rig.requests == 0
