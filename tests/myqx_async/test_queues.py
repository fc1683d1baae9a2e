"""Queues: every operation, over real sockets and TLS."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myqx_async.auth import PinLogin
from myqx_async.models import Queue, QueueInteraction, User
from myqx_async.services.queues import Queues
from print_async.errors import ConnectionLost, InsufficientScope, NotFound, WrongTokenKind
from print_async.service import fill, operation_of
from print_async.testing import Fault, FaultKind


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


async def test_get_by_name(start):
    """Every queue is found by its name, whatever is in it, online or not; the client's part only if asked for."""
    rig = await start(1, 20, 12)
    queues = await rig.myqx.queues.list(state="all", include=("client",)).collect()
    assert {character for queue in queues for character in queue.name} >= set(" /%&Ü")

    for queue in queues:
        assert await rig.myqx.queues.get_by_name(queue.name, include=("client",)) == queue
    assert (await rig.myqx.queues.get_by_name("Follow me")).client is None
    with pytest.raises(NotFound):
        await rig.myqx.queues.get_by_name("Nothing")


@given(st.text(min_size=1))
def test_any_name_is_one_segment(name):
    """Whatever a name is, the path has the literal prefix before it and no further segment."""
    path = operation_of(Queues.get_by_name).path

    filled = fill(path, {"name": name}) if name not in (".", "..") else "/v3/queues/name:_"

    assert filled.startswith("/v3/queues/name:")
    assert filled.isascii()
    assert not set(filled.removeprefix("/v3/queues/name:")) & set("/?#: &")


async def test_users(start):
    """Who may print to a queue is the same by its id and by its name."""
    rig = await start(1, 20, 6)
    rig.sim._directory.create({"username": "second", "fullname": "Second User"})

    users = await rig.myqx.queues.users(3)

    assert [(user.id, user.username) for user in users] == [(1001, users[0].username), (1002, "second")]
    assert users[1] == User(1002, "second", "Second User")
    assert await rig.myqx.queues.users_by_name("Übergröße & Plot") == users
    for call in (rig.myqx.queues.users(99), rig.myqx.queues.users_by_name("Nothing")):
        with pytest.raises(NotFound):
            await call


@pytest.mark.parametrize("options", [{}, {"success_status": 201}, {"success_status": 204}, {"success_body": False}])
async def test_assign_printer(start, options):
    """A queue gets a printer, whatever the server calls success."""
    rig = await start(**options)

    assert await rig.myqx.queues.assign_printer(1, 9) is None

    assert (await rig.myqx.queues.get_by_name("Follow me")).printer_id == 9
    for queue, printer in ((99, 1), (1, 99)):
        with pytest.raises(NotFound):
            await rig.myqx.queues.assign_printer(queue, printer)


async def test_an_assignment_is_not_repeated(start):
    """An assignment whose answer is lost is made once."""
    rig = await start()
    rig.sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, method="POST", path="/api/v3/queues"))

    with pytest.raises(ConnectionLost):
        await rig.myqx.queues.assign_printer(1, 9)

    assert rig.sim.stats.mutations == {"queue-assigned:1": 1}


async def test_bad_names(start):
    """A name that would name another resource is refused before any I/O."""
    rig = await start()
    for name in ("", ".", ".."):
        for call in (rig.myqx.queues.get_by_name(name), rig.myqx.queues.users_by_name(name)):
            with pytest.raises(ValueError, match="name"):
                await call

    assert rig.requests == 0
