"""Operations and what is documented of them, services on clients, paths and queries."""

import enum
from urllib.parse import parse_qs, unquote, urlsplit

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from print_async.auth.token import TokenKind
from print_async.codec import UNSET, OpenEnum
from print_async.errors import DecodeError, InsufficientScope
from print_async.secret import Secret
from print_async.service import Call, Service, attached, fill, operation, operation_of, required_scopes, with_query
from print_async.testing import json_response


@attrs.frozen
class User:
    id: int


class Users(Service):
    """The users."""

    @operation("GET", "/users/{user_id}", scopes=("users",), kinds=(TokenKind.CLIENT,), source="docs/get")
    async def get(self, call: Call, user_id: object) -> User:
        """Get one."""
        return await call.fetch(User, path={"user_id": user_id})

    @operation("POST", "/users", scopes=("users", "admin"), source="docs/add")
    async def add(self, call: Call, user: object, *, notify: bool | None = None) -> bytes:
        """Add one."""
        return (await call.send(json=user, query={"notify": notify})).body

    @operation("POST", "/users/search", source="docs/search", idempotent=True)
    async def search(self, call: Call, url: str | None = None) -> bytes:
        """Search."""
        return (await call.send(url=url, query={"q": "x"})).body

    def helper(self) -> None:
        """No operation."""


class Client:
    users = attached(f"{__name__}.Users")
    central = attached(f"{__name__}.Users", "_central")

    def __init__(self, caller: object = "caller", central: object = "central") -> None:
        self._caller, self._central = caller, central


def test_what_is_documented():
    """An operation can be asked for what is documented of it, on the class and on a client."""
    found = operation_of(Client.users.get)

    assert found is operation_of(Users.get) is operation_of(Client().users.get) is operation_of(Users(None).get)
    assert (found.method, found.path, found.source, found.idempotent) == ("GET", "/users/{user_id}", "docs/get", True)
    assert (found.needs.scopes, found.needs.kinds) == ({"users"}, {TokenKind.CLIENT})
    assert found.needs.operation == "GET /users/{user_id}"
    assert (Users.get.__name__, Users.get.__doc__) == ("get", "Get one.")


def test_required_scopes():
    """The scopes of several operations come together, bound or not; what is no operation is a TypeError."""
    assert required_scopes() == required_scopes(Users.search) == frozenset()
    assert required_scopes(Client.users.get, Client().users.add, Client.users.search) == {"users", "admin"}
    for wrong in (Users.helper, Client().users.helper, print):
        with pytest.raises(TypeError, match="no operation"):
            required_scopes(Users.get, wrong)


@pytest.mark.parametrize(
    ("method", "idempotent"),
    [("GET", True), ("HEAD", True), ("PUT", True), ("DELETE", True), ("POST", False), ("PATCH", False)],
)
def test_idempotency(method, idempotent):
    """HTTP says which methods are idempotent, unless the operation says otherwise."""
    for said, meant in ((None, idempotent), (True, True), (False, False)):
        declared = operation(method, "/", source="x", idempotent=said)(lambda *_: None)
        assert operation_of(declared).idempotent is meant


def test_attached():
    """A service is the class on the client's class, and one and the same service on each client."""
    client, other = Client(), Client()

    assert Client.users is Users
    assert type(client.users) is Users
    assert client.users is client.users
    assert client.users is not other.users
    assert client.users is not client.central
    assert (client.users._caller, client.central._caller) == ("caller", "central")


async def test_call(rig):
    """A call sends method, path, query and body of its operation and decodes the answer into the model."""
    made = rig(json_response({"id": 7}), json_response({}))
    users = Users(made.caller)

    assert await users.get(7) == User(7)
    await users.add(User(8), notify=True)
    get, add = made.calls
    assert (get.method, get.url, get.body) == ("GET", "https://print.example/api/users/7", None)
    assert (add.method, add.url) == ("POST", "https://print.example/api/users?notify=true")
    assert (add.body.content, add.body.content_type) == (b'{"id":8}', "application/json")


async def test_call_of_a_url(rig):
    """A URL that the server gave is used as it is; an idempotent POST is retried as such."""
    made = rig(json_response({}, 503), json_response({}), json_response({}))
    url = "https://print.example/api/users/search?page=2"

    await Users(made.caller).search(url)
    await Users(made.caller).search()
    assert [call.url for call in made.calls] == [url, url, "https://print.example/api/users/search?q=x"]


async def test_call_knows_its_place(rig):
    """A call tells its operation and the base URL of its API."""
    call = Call(rig().caller, operation_of(Users.get))

    assert (call.base, call.operation) == ("https://print.example/api", operation_of(Users.get))


async def test_wrong_answer(rig):
    """An answer that is no such model is a DecodeError."""
    with pytest.raises(DecodeError, match="not a User"):
        await Users(rig(json_response({"id": "7"})).caller).get(7)


async def test_scope_is_checked(rig):
    """An operation whose scope was not asked for is refused before any I/O."""
    made = rig(requested_scope=frozenset({"users"}))
    with pytest.raises(InsufficientScope) as refused:
        await Users(made.caller).add(User(1))

    assert refused.value.missing == {"admin"}
    assert made.transport.requests == []


@pytest.mark.parametrize("value", ["", ".", ".."])
async def test_segments_that_name_another_resource(rig, value):
    """An empty or dot segment is refused before any I/O."""
    made = rig()
    with pytest.raises(ValueError, match="user_id must not be"):
        await Users(made.caller).get(value)

    assert made.transport.requests == []


@pytest.mark.parametrize(
    ("value", "segment"),
    [("a/b", "a%2Fb"), ("#", "%23"), ("a:b", "a%3Ab"), ("a b", "a%20b"), ("ä€", "%C3%A4%E2%82%AC"),
     ("?x=1", "%3Fx%3D1"),
     ("%2e%2e", "%252e%252e"), ("../x", "..%2Fx"), ("{x}", "%7Bx%7D"), ("a\\b\n", "a%5Cb%0A"), ("...", "..."),
     ("ann@x.org", "ann%40x.org"), (7, "7"), ("~a-b_c.d", "~a-b_c.d")],
)  # fmt: skip
def test_fill(value, segment):
    """Whatever a value has in it, it stays one segment."""
    assert fill("/users/{user}/cards", {"user": value}) == f"/users/{segment}/cards"


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8"), min_size=1))
def test_fill_any_text(user, card):
    """Any two texts stay the two segments they are."""
    assume({user, card}.isdisjoint({".", ".."}))
    path = fill("/u/{user}/c/{card}", {"user": user, "card": card})

    assert [unquote(segment) for segment in urlsplit("https://x" + path).path.split("/")] == ["", "u", user, "c", card]
    assert path.isascii()


@pytest.mark.parametrize("values", [{}, {"card": 1}])
def test_fill_without_a_value(values):
    """A path whose value is missing is never sent with the name in its place."""
    with pytest.raises((KeyError, ValueError, TypeError)):
        fill("/users/{user}", values)


class Role(OpenEnum):
    ADMIN = "admin"


class Size(enum.IntEnum):
    BIG = 3


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (None, ""),
        ({}, ""),
        ({"a": None, "b": UNSET}, ""),
        ({"a": True, "b": False, "c": 0}, "?a=true&b=false&c=0"),
        ({"include": ("aliases", "accounts")}, "?include=aliases,accounts"),
        ({"ids": [1, 2], "q": "a b&c=d/ä,"}, "?ids=1,2&q=a%20b%26c%3Dd%2F%C3%A4,"),
        ({"role": Role.ADMIN, "roles": [Role.ADMIN, Role("guest")]}, "?role=admin&roles=admin,guest"),
        ({"flags": [True, False]}, "?flags=true,false"),
        ({"ids": (each for each in (1, 2))}, "?ids=1,2"),
        ({"a b": "", "f": 1.5}, "?a%20b=&f=1.5"),
    ],
)
def test_with_query(query, text):
    """Values are written as the vendors read them, several joined by commas, and what is not given is left out."""
    assert with_query("/users", query) == f"/users{text}"


@given(st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8"))))
def test_any_query(query):
    """Any texts come out at the other end as they went in."""
    parts = urlsplit(with_query("https://print.example/users", query))

    assert {name: value for name, [value] in parse_qs(parts.query, keep_blank_values=True).items()} == query
    assert (parts.path, parts.fragment) == ("/users", "")


@pytest.mark.parametrize(
    ("build", "sent"),
    [
        (lambda pin: with_query("/x", {"pin": pin}), "/x?pin=1234"),
        (lambda pin: with_query("/x", {"pins": [pin]}), "/x?pins=1234"),
        (lambda pin: fill("/x/{pin}", {"pin": pin}), "/x/1234"),
    ],
)
def test_secrets_are_sent_or_refused(build, sent):
    """A secret in a path or query goes out as its text, or is refused; the mask is never sent in its place."""
    try:
        made = build(Secret("1234"))
    except (TypeError, ValueError):
        return
    assert made == sent
