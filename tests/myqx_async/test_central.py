"""The Central Server: every operation, over real sockets and TLS, at its own address with its own tokens."""

import logging

import attrs
import pytest

from myqx_async import MyQXCentral
from myqx_async.auth import ClientCredentials
from myqx_async.models import CreatedUser, NewUser, User
from print_async.errors import (
    Conflict,
    ConnectionLost,
    DecodeError,
    Forbidden,
    InsufficientScope,
    NotFound,
    WrongTokenKind,
)
from print_async.testing import Fault, FaultKind, StubTransport, json_response, token_response


@pytest.mark.parametrize("name", ["name", "username", "email", "card", "code"])
async def test_each_filter_finds_the_user(start_central, name):
    """Whatever identifies a user finds that user alone, with all that is documented of users."""
    rig = await start_central()
    person = rig.sim.credentials(7)
    login = {"name": person.username, "username": person.username, "email": f"{person.username}@example.com"}
    user = await rig.central.users.list(username=person.username).first()

    filters = {**login, "card": person.card, "code": user.code}
    assert await rig.central.users.list(**{name: filters[name]}).collect() == [user]
    assert isinstance(user, User)
    assert (user.id, user.username, user.groups) == (1008, person.username, None)


@pytest.mark.parametrize("called", ["name", "username"])
async def test_a_server_that_knows_one_of_the_two_names(start_central, called):
    """Where a server takes only one of the documented names of a filter, the other finds nobody, without an error."""
    rig = await start_central(name_filter=called)
    username = rig.sim.credentials(3).username

    found = {name: len(await rig.central.users.list(**{name: username}).collect()) for name in ("name", "username")}

    assert found == {"name": int(called == "name"), "username": int(called == "username")}


async def test_groups_on_request(start_central):
    """The groups of users come if they are asked for, as the server sends them."""
    rig = await start_central()
    email = f"{rig.sim.credentials(0).username}@example.com"

    plain = await rig.central.users.list(email=email).first()
    grouped = await rig.central.users.list(email=email, groups=True).first()

    assert [group["path"] for group in grouped.groups] == ["Sales", "Sales|Prague"]
    assert plain == attrs.evolve(grouped, groups=None)


async def test_no_match_and_resume(start_central):
    """No match is an empty list; a walk goes on, and its cursor belongs to its filters."""
    rig = await start_central()
    users = rig.central.users
    assert await users.list(username="nobody").collect() == []
    username = rig.sim.credentials(0).username
    walk = users.list(username=username)
    assert len(await walk.collect()) == 1

    assert await users.list(username=username, resume=walk.cursor).collect() == []
    with pytest.raises(ValueError, match="cursor of the list"):
        users.list(email="x", resume=walk.cursor)


@pytest.mark.parametrize("status", [200, 201, 204])
async def test_create(start_central, status):
    """A user is created whatever the server calls success; one that exists is a conflict."""
    rig = await start_central(10, success_status=status)
    users = rig.central.users

    made = await users.create(NewUser(username="new.user", fullname="Nová Ú.", email="n@example.com"))

    assert made == CreatedUser(None if status == 204 else 1011, "new.user", "Nová Ú.")
    assert (await users.list(username="new.user").first()).email == "n@example.com"
    with pytest.raises(Conflict):
        await users.create(NewUser(username="new.user", fullname="x"))


async def test_a_creation_whose_answer_is_lost_is_not_repeated(start_central):
    """A user, a PIN and a card are each asked for once, though the connection breaks."""
    rig = await start_central(5)
    rig.sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, method="POST", path="/api/v2/users"))
    user = NewUser(username="new.user", fullname="New")

    for call in (rig.central.users.create(user), rig.central.pins.create(1001), rig.central.cards.create(1001)):
        with pytest.raises(ConnectionLost) as lost:
            await call
        assert lost.value.sent
        assert not lost.value.retryable

    assert rig.sim.stats.mutations == {"user-created:1006": 1, "pin-created:1001": 1, "card-created:1001": 1}


@pytest.mark.parametrize("status", [200, 201])
async def test_pins(start_central, status):
    """PINs add up, until one is asked for that ends the others; each shows nowhere but where it is revealed."""
    rig = await start_central(success_status=status)
    pins = rig.central.pins

    made = [await pins.create(1003), await pins.create(1003, delete_old=False)]
    assert [each.pin.reveal() for each in made] == rig.sim.pins(2)
    last = await pins.create(1003, delete_old=True)

    assert rig.sim.pins(2) == [last.pin.reveal()]
    assert len({each.pin for each in (*made, last)}) == 3
    with pytest.raises(NotFound):
        await pins.create(1)


async def test_cards(start_central):
    """A card is registered, and its number finds the user."""
    rig = await start_central()

    made = await rig.central.cards.create(1003)

    assert rig.sim.cards(2) == [made.card.reveal()]
    assert [user.id async for user in rig.central.users.list(card=made.card)] == [1003]
    with pytest.raises(NotFound):
        await rig.central.cards.create(1)


async def test_secrets_show_nowhere(start_central, caplog):
    """Neither a repr nor a log has the PIN or the card number, and neither can be pickled by mistake."""
    caplog.set_level(logging.DEBUG)
    rig = await start_central()
    pin, card = await rig.central.pins.create(1003), await rig.central.cards.create(1003)

    shown = f"{pin!r} {pin} {pin.pin} {card!r} {card.card!s} {caplog.text}"

    assert pin.pin.reveal() not in shown
    assert card.card.reveal() not in shown


@pytest.mark.parametrize("answer", [{}, {"pin": None}, {"pin": 4711}, {"card": "4711"}, []])
async def test_an_answer_without_the_pin(answer):
    """An answer that has no PIN, or not as a text, is a DecodeError that does not quote it."""
    stub = StubTransport(token_response("t"), json_response(answer))
    grant = ClientCredentials("id", "secret", scope="users")
    async with MyQXCentral("https://central.example:8093", grant, transport=stub) as central:
        with pytest.raises(DecodeError) as refused:
            await central.pins.create(7)
    assert "4711" not in str(refused.value)
    assert stub.requests[1].url == "https://central.example:8093/api/v2/users/7/pins"
    assert stub.requests[1].body.content == b"{}"


async def test_refused_before_any_io(start_central, signed_in):
    """A user's token, a scope that was not asked for, and a search without a filter cost no request."""
    rig = await start_central(grant=lambda sim: sim.grant("reports"))
    users = rig.central.users
    for make in (users.list, lambda: users.list(groups=True)):
        with pytest.raises(ValueError, match="at least one of email, name, username, card, code"):
            make()
    user = NewUser(username="x", fullname="x")
    for call in (users.list(code="1").first(), users.create(user), rig.central.pins.create(1)):
        with pytest.raises(InsufficientScope) as refused:
            await call
        assert refused.value.missing == {"users"}
    async with MyQXCentral(rig.sim.url, signed_in(0, "users")(rig.sim)) as person:
        for call in (person.users.list(code="1").first(), person.cards.create(1)):
            with pytest.raises(WrongTokenKind):
                await call

    assert rig.requests == 0


async def test_the_two_servers_know_nothing_of_each_other(start, start_central):
    """Each server has its own users and its own tokens."""
    rig, other = await start(5), await start_central(5)
    await other.central.users.create(NewUser(username="only.there", fullname="x"))

    assert await rig.myqx.users.find(username="only.there").first() is None
    assert await other.central.users.list(username="only.there").first()
    assert rig.sim.stats.token_requests == other.sim.stats.token_requests == {"client_credentials": 1}


async def test_a_plain_user_may_not_list(start_central, signed_in):
    """The right to manage users is asked of a user's token, where a server takes one at all."""
    rig = await start_central(grant=signed_in(3, "users"))

    with pytest.raises(Forbidden, match="Manage users"):
        await rig.central.request("GET", "/v2/users", query={"code": "1"})
