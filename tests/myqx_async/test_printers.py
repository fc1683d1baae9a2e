"""Printers: every operation but the release, over real sockets and TLS."""

import attrs
import pytest

from myqx_async import MyQX
from myqx_async.auth import ClientCredentials, PinLogin
from myqx_async.models import ConfigurationProfile, LoginMethod, NewConfigurationProfile, NewPrinter, Printer
from print_async.errors import BadRequest, ConnectionLost, Forbidden, InsufficientScope, NotFound, WrongTokenKind
from print_async.secret import Secret
from print_async.testing import Fault, FaultKind, StubTransport, json_response, token_response
from print_async.wire import Response


async def test_list_and_get(start):
    """All printers come in one page with all that is documented of them, and each is found by its id."""
    rig = await start(1, 150)

    found = await rig.myqx.printers.list().collect()

    assert [printer.id for printer in found] == list(range(1, 151))
    assert isinstance(found[0], Printer)
    assert (found[0].name, found[0].ip_address, found[0].terminal_id) == ("Kyocera 0001", "10.0.0.0", "T00001")
    assert (found[0].configuration_id, found[0].enforced_model, found[0].state) == (1, "", "active")
    assert await rig.myqx.printers.get(7) == found[6]
    with pytest.raises(NotFound):
        await rig.myqx.printers.get(151)
    assert rig.sim.stats.routes["GET /api/v3/printers"] == 1


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"status": "active"}, {0, 1, 2, 3, 4, 5, 6, 7, 8}),
        ({"status": "local"}, {4, 9}),
        ({"status": "offline"}, {3, 8}),
        ({"status": "withIssue"}, {3}),
        ({"mode": "online"}, {0, 1, 2, 5, 6, 7}),
        ({"mode": "local"}, {4, 9}),
        ({"mode": "offline", "status": "withIssue"}, {3}),
        ({"name": "Ricoh 0002"}, {1}),
        ({"name": "Ricoh+0002 & Co.#?"}, set()),
        ({"group": "All printers"}, set(range(10))),
        ({"group": "All printers/group 2"}, {1, 4, 7}),
        ({"group": "All"}, set()),
    ],
    ids=str,
)
async def test_filters(start, filters, expected):
    """Each filter finds the printers it speaks of, and several only those to which all apply."""
    rig = await start(1, 10)

    found = await rig.myqx.printers.list(**filters).collect()

    assert {printer.id - 1 for printer in found} == expected


@pytest.mark.parametrize("name", ["serial_number", "mac"])
async def test_filters_by_device(start, name):
    """A printer is found by what is printed on its back."""
    rig = await start()
    printer = await rig.myqx.printers.get(5)

    assert await rig.myqx.printers.list(**{name: getattr(printer, name)}).collect() == [printer]


async def test_resume(start):
    """A walk goes on within its one page, and a cursor belongs to its filters."""
    rig = await start()
    walk = rig.myqx.printers.list(mode="online")
    begun = await walk.collect(limit=3)

    rest = await rig.myqx.printers.list(mode="online", resume=walk.cursor).collect()

    assert begun + rest == await rig.myqx.printers.list(mode="online").collect()
    with pytest.raises(ValueError, match="mode=online"):
        rig.myqx.printers.list(mode="local", resume=walk.cursor)


async def test_refused_before_any_io(start):
    """A user's token, a scope that was not asked for, and bad input cost no request."""
    rig = await start(grant=lambda sim: sim.grant("users"))
    pin = rig.sim.credentials(0).pin
    grant = PinLogin(rig.sim.client_id, rig.sim.client_secret, scope="printers", pin=pin)
    async with rig.join(grant) as person:
        for call in (person.printers.list().first(), person.printers.get(1)):
            with pytest.raises(WrongTokenKind):
                await call
    for call in (rig.myqx.printers.list().first(), rig.myqx.printers.get(1)):
        with pytest.raises(InsufficientScope) as refused:
            await call
        assert refused.value.missing == {"printers"}
    with pytest.raises(ValueError, match="printer_id"):
        await rig.myqx.printers.get("")

    assert rig.requests == 0


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("active", {0, 1, 2, 3, 4, 5, 6, 7, 8}),
        ("local", {4, 9}),
        ("offline", {3, 8}),
        ("with_issue", {3}),
        ("last", {5, 6, 7, 8, 9}),
    ],
)
async def test_listed_paths(start, method, expected):
    """The paths that are only listed give printers as the list does, and can be gone on with."""
    rig = await start(1, 10)
    walk = getattr(rig.myqx.printers, method)()
    begun = await walk.collect(limit=1)

    rest = await getattr(rig.myqx.printers, method)(resume=walk.cursor).collect()

    assert {printer.id - 1 for printer in begun + rest} == expected
    assert all(isinstance(printer, Printer) for printer in begun + rest)


async def test_logged_user(start, signed_in):
    """The user at a device is found by its address, with either kind of token; where nobody is, it is `NotFound`."""
    rig = await start()

    assert await rig.myqx.printers.logged_user("10.0.0.2") == await rig.myqx.users.get(1003)
    for ip in ("10.0.0.1", "192.0.2.1", "2001:db8::1"):
        with pytest.raises(NotFound):
            await rig.myqx.printers.logged_user(ip)
    async with rig.join(signed_in(0, "users")(rig.sim)) as manager:
        assert (await manager.printers.logged_user("10.0.0.0")).id == 1001
    async with rig.join(signed_in(5, "users")(rig.sim)) as person:
        with pytest.raises(Forbidden):
            await person.printers.logged_user("10.0.0.0")


@pytest.mark.parametrize("body", [b"", b"null", b" null "])
async def test_nobody_is_logged_in(body):
    """An empty answer is nobody; the address is one segment of the path, its prefix as documented."""
    stub = StubTransport(token_response("t"), Response(200, body=body))
    async with MyQX("https://p.example", ClientCredentials("id", "secret", scope="users"), transport=stub) as myqx:
        assert await myqx.printers.logged_user("2001:DB8::1") is None
    assert stub.requests[1].url == "https://p.example/api/v3/printers/ip:2001%3Adb8%3A%3A1/loggedUser"


@pytest.mark.parametrize("options", [{}, {"success_status": 201}, {"success_status": 204}, {"success_body": False}])
async def test_create(start, options):
    """A printer is created whatever the server calls success, and given back if the server says it."""
    rig = await start(1, 3, **options)

    made = await rig.myqx.printers.create(NewPrinter(name="Lab", ip_address="192.0.2.7", type="local", notes="n"))

    there = await rig.myqx.printers.get(4)
    assert made == (there if options in ({}, {"success_status": 201}) else None)
    assert (there.name, there.ip_address, there.mode, there.notes) == ("Lab", "192.0.2.7", "local", "n")
    with pytest.raises(ValueError, match="name"):
        NewPrinter(name="")


async def test_a_server_without_the_slash(start):
    """The path is the documented one, slash and all; a server that has none there says 404, and `request` remains."""
    rig = await start(1, 3, trailing_slash=False)

    with pytest.raises(NotFound):
        await rig.myqx.printers.create(NewPrinter(name="Lab"))
    await rig.myqx.request("POST", "/v3/printers", json=NewPrinter(name="Lab"))

    assert (await rig.myqx.printers.get(4)).name == "Lab"


async def test_a_creation_is_not_repeated(start):
    """A printer, and profiles, are asked for once, though the answer is lost."""
    rig = await start(1, 3)
    rig.sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, method="POST", path="/api/v3/printers"))
    profiles = [NewConfigurationProfile(name="p")]
    for call in (
        rig.myqx.printers.create(NewPrinter(name="Lab")),
        rig.myqx.printers.create_configuration_profiles(profiles),
    ):
        with pytest.raises(ConnectionLost):
            await call

    assert rig.sim.stats.mutations == {"printer-created:4": 1, "profile-created:4": 1}


async def test_configuration_profiles(start):
    """The profiles come in one page, with all that is documented of them."""
    rig = await start()
    walk = rig.myqx.printers.configuration_profiles()
    begun = await walk.collect(limit=2)

    rest = await rig.myqx.printers.configuration_profiles(resume=walk.cursor).collect()

    assert [profile.name for profile in begun + rest] == ["Default", "Reception", "Lab & workshop"]
    assert begun[0] == ConfigurationProfile(
        1, "Default", "embedded", True, LoginMethod(False, ("pin",)), False, False, False, False, False, 60
    )


@pytest.mark.parametrize("options", [{}, {"success_status": 204}, {"success_body": False}])
async def test_create_configuration_profiles(start, options):
    """Profiles are created together; what is read of them then is less than was written, and more."""
    rig = await start(**options)
    method = LoginMethod(two_factor=True, methods=("card", "pin"))
    wanted = [
        NewConfigurationProfile(name="A", login_method=method, idle_timeout=30, admin_pwd=Secret("hunter2")),
        NewConfigurationProfile(name="B", terminal=False, card_reader="usb", admin_user="root"),
    ]

    made = await rig.myqx.printers.create_configuration_profiles(iter(wanted))

    there = (await rig.myqx.printers.configuration_profiles().collect())[3:]
    assert made == (() if options else tuple(there))
    assert [(each.id, each.name, each.terminal_type) for each in there] == [(4, "A", "embedded"), (5, "B", "")]
    assert (there[0].login_method, there[0].idle_timeout) == (method, 30)


async def test_the_administrator_s_password():
    """The password of a device goes out in the clear, and shows in no repr."""
    stub = StubTransport(token_response("t"), json_response({"profiles": []}))
    profile = NewConfigurationProfile(name="A", admin_pwd=Secret("hunter2"))
    grant = ClientCredentials("id", "secret", scope="printers")
    async with MyQX("https://p.example", grant, transport=stub) as myqx:
        assert await myqx.printers.create_configuration_profiles([profile]) == ()

    assert stub.requests[1].body.content == b'{"profiles":[{"name":"A","adminPwd":"hunter2"}]}'
    assert "hunter2" not in f"{profile!r} {stub.requests[1]!r} {attrs.asdict(profile)!r}"


async def test_bad_profiles(start):
    """None at all, one without a name, and an address that is none are refused before any I/O."""
    rig = await start()
    with pytest.raises(ValueError, match="at least one profile"):
        await rig.myqx.printers.create_configuration_profiles([])
    with pytest.raises(ValueError, match="name"):
        NewConfigurationProfile(name="")
    with pytest.raises(ValueError, match="localhost"):
        await rig.myqx.printers.logged_user("localhost")
    assert rig.requests == 0

    with pytest.raises(BadRequest):
        await rig.myqx.request("POST", "/v3/printers/configurationProfiles", json={"profiles": [{"id": 1}]})
