"""Models from JSON and back, of either kind: plain attrs classes, and models with wire names of their own."""

import datetime
import enum
import math
import uuid
from typing import Any, Literal

import attrs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.codec import UNSET, OpenEnum, UnsetType, decode, decode_plain, encode, wire
from print_async.errors import DecodeError
from print_async.model import model
from print_async.secret import Secret


class Role(OpenEnum):
    ADMIN = "admin"
    USER = "user"


class Size(enum.Enum):
    A4 = "a4"


@attrs.frozen
class Inner:
    id: int
    tags: list[str] = attrs.field(factory=list)


@model
class AliasedInner:
    id: int = wire("Id")
    tags: list[str] = wire("tagList", attrs.Factory(list))


@attrs.frozen
class Plain:
    name: str | None = None
    count: int = 0
    ratio: float = 0.0
    active: bool = False
    role: Role = Role.USER
    inner: Inner | None = None
    many: list[Inner] | None = None
    extra: dict[str, int] | None = None


@model
class Aliased:
    """The twin of `Plain`: every other name differs on the wire."""

    name: str | None = wire("displayName", None)
    count: int = 0
    ratio: float = wire("fillRatio", 0.0)
    active: bool = wire("isActive", False)
    role: Role = Role.USER
    inner: AliasedInner | None = wire("Inner", None)
    many: list[AliasedInner] | None = None
    extra: dict[str, int] | None = wire("extraData", None)


NAMES = {"name": "displayName", "ratio": "fillRatio", "active": "isActive", "inner": "Inner", "extra": "extraData",
         "id": "Id", "tags": "tagList"}  # fmt: skip
BOTH = pytest.mark.parametrize("model", [Plain, Aliased])
KINDS = pytest.mark.parametrize(("make", "alias"), [(attrs.frozen, None), (model, None), (model, "OnTheWire")])


def one_field(make: Any, name: str, type_: Any, alias: str | None) -> Any:
    """Make a class of one field."""
    body = {"__annotations__": {name: type_}, "__module__": __name__, **({name: wire(alias)} if alias else {})}
    return make(type("Card", (), body))


def renamed(value: Any) -> Any:
    """Give plain data the wire names of the aliased twin. Keys of `extra` are data, and none of ours."""
    if isinstance(value, dict):
        return {NAMES.get(key, key): each if key == "extra" else renamed(each) for key, each in value.items()}
    return [renamed(each) for each in value] if isinstance(value, list) else value


def read(data: Any, model: type) -> Any:
    """Decode plain data, under the model's own names, into a dict; `DecodeError` where it is refused."""
    try:
        made = decode(msgspec.json.encode(renamed(data) if model is Aliased else data), model)
    except DecodeError:
        return DecodeError
    return attrs.asdict(made)


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
anything = st.recursive(
    scalars | st.sampled_from(["admin", "guest"]),
    lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(st.sampled_from(["id", "tags", "x"]), deeper),
    max_leaves=6,
)
inner = st.fixed_dictionaries({"id": st.integers(0, 9)}, optional={"tags": st.lists(st.text()), "x": scalars})
right = st.fixed_dictionaries(
    {},
    optional={
        "name": st.none() | st.text(),
        "count": st.integers(),
        "ratio": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-9, 9),
        "active": st.booleans(),
        "role": st.sampled_from(["admin", "user", "guest"]),
        "inner": st.none() | inner,
        "many": st.none() | st.lists(inner, max_size=2),
        "extra": st.none() | st.dictionaries(st.sampled_from("pqr"), st.integers(0, 9)),
        "unknown": anything,
    },
)
fields = st.sampled_from([field.name for field in attrs.fields(Plain)])


@given(right)
def test_twins_read_alike(data):
    """A document that fits is read alike into both, with every value as it was."""
    found = read(data, Plain)

    assert found == read(data, Aliased)
    assert found is not DecodeError
    assert {name: found[name] for name in data.keys() & {"name", "count", "active", "role", "extra"}} == {
        name: data[name] for name in data.keys() & {"name", "count", "active", "role", "extra"}
    }


@given(fields, anything)
def test_twins_refuse_alike(name, value):
    """A field of any type at all is read alike, or refused alike, by both."""
    assert read({name: value}, Plain) == read({name: value}, Aliased)


@given(anything)
def test_twins_refuse_other_documents_alike(data):
    """A document that is no object at all is refused by both."""
    assert read(data, Plain) == read(data, Aliased)
    assert isinstance(data, dict) or read(data, Plain) is DecodeError


@given(right)
def test_twins_write_alike(data):
    """What was read is written back with the same values, under each twin's own names."""
    made = decode(msgspec.json.encode(data), Plain)
    twin = decode(msgspec.json.encode(renamed(data)), Aliased)

    assert renamed(decode_plain(encode(made))) == decode_plain(encode(twin))
    assert decode(encode(made), Plain) == made
    assert decode(encode([twin]), list[Aliased]) == [twin]


@BOTH
@pytest.mark.parametrize(
    "data",
    [{"active": "no"}, {"active": 0}, {"name": 1}, {"count": True}, {"count": "1"}, {"count": 1.5}, {"ratio": "1"},
     {"ratio": True}, {"role": 1}, {"role": None}, {"count": None}, {"inner": {}}, {"inner": {"id": "7"}},
     {"inner": [["id", 7]]}, {"inner": {"id": 1, "tags": "abc"}}, {"inner": {"id": 1, "tags": {"a": 1}}},
     {"many": {"id": 1}}, {"many": [None]}, {"extra": []}, {"extra": {"p": "1"}}, [], "text", 1, None],
    ids=str,
)  # fmt: skip
def test_strict(data, model):
    """A value of the wrong type is refused, never converted."""
    assert read(data, model) is DecodeError


@BOTH
def test_open_enum(model):
    """A value that the enum does not know becomes a member with that value; a known one is the very member."""
    known, unknown = (decode(msgspec.json.encode({"role": role}), model).role for role in ("admin", "guest"))

    assert known is Role.ADMIN
    assert type(unknown) is Role
    assert unknown == unknown.value == str(unknown) == "guest"
    assert unknown == Role("guest")
    assert hash(unknown) == hash(Role("guest"))
    assert unknown not in list(Role)
    assert decode_plain(encode(model(role=unknown)))["role"] == "guest"


def test_open_enum_takes_strings_only():
    """What is no string is no value of an open enum."""
    with pytest.raises(ValueError, match="7"):
        Role(7)


@pytest.mark.parametrize("alias", [None, "Note"])
def test_unset_and_none(alias):
    """A field that is UNSET is not sent, None is sent as null."""
    field = wire(alias, UNSET) if alias else attrs.field(default=UNSET)
    field.type = str | UnsetType | None
    request = attrs.make_class("Request", {"note": field}, frozen=True)

    assert encode(request()) == b"{}"
    assert decode_plain(encode(request(note=None))) == {alias or "note": None}
    assert decode_plain(encode([request(note="x"), request()])) == [{alias or "note": "x"}, {}]


def test_unset_without_a_default():
    """UNSET is left out of an aliased model also where it is not the field's default."""
    request = attrs.make_class("Request", {"pin": wire("PIN"), "id": wire("ID")}, frozen=True)

    assert encode(request(pin=UNSET, id=1)) == b'{"ID":1}'


VALUE = "hunter2"


@pytest.mark.parametrize(
    "type_",
    [int, bool, float, list[int], dict[str, int], Inner, AliasedInner, list[AliasedInner], Size, Literal["x"],
     datetime.datetime, uuid.UUID, int | None],
    ids=str,
)  # fmt: skip
@KINDS
@pytest.mark.parametrize("value", [VALUE, [VALUE], {"id": VALUE}, {VALUE: VALUE}])
def test_errors_hide_values(type_, make, alias, value):
    """An error names what does not fit and shows no value, for either kind."""
    name = alias or "pin"

    with pytest.raises(DecodeError, match=rf"not a Card.*\$\.{name}") as refused:
        decode(msgspec.json.encode({name: value}), one_field(make, "pin", type_, alias))

    assert VALUE not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("value", [VALUE, f"x - at {VALUE}", f"x - at `$.{VALUE}`"])
def test_validators_hide_values(value):
    """A validator's complaint, which quotes what it got, is not repeated, even where it looks like a place."""
    digits = attrs.field(type=str, validator=attrs.validators.matches_re(r"\d+"))
    card = attrs.make_class("Card", {"pin": digits}, frozen=True)

    with pytest.raises(DecodeError) as refused:
        decode(msgspec.json.encode({"pin": value}), card)

    assert VALUE not in str(refused.value)


@pytest.mark.parametrize("model", [Plain, Aliased, list[Plain], list[Aliased]])
@pytest.mark.parametrize("data", [b"", b"hunter2", b'{"hunter2', b"\xff\xfe", b'"\xff"', b"{} hunter2", b"[" * 99_999])
def test_no_json(data, model):
    """What is no JSON, or nested beyond measure, is a DecodeError without a quotation."""
    for attempt in (lambda: decode(data, model), lambda: decode_plain(data)):
        with pytest.raises(DecodeError) as refused:
            attempt()
        assert VALUE not in str(refused.value)


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [(datetime.datetime, "2030-01-02T03:04:05Z", datetime.datetime(2030, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)),
     (datetime.date, "2030-01-02", datetime.date(2030, 1, 2)), (int | str, "7", "7"), (object, "7", "7"),
     (uuid.UUID, str(uuid.UUID(int=7)), uuid.UUID(int=7)), (Size, "a4", Size.A4), (Any, "7", "7")],
)  # fmt: skip
@KINDS
def test_other_types(type_, text, value, make, alias):
    """What is read into a field of the one kind is read alike into one of the other."""
    event = one_field(make, "when", type_, alias)

    assert decode(msgspec.json.encode({alias or "when": text}), event).when == value


@pytest.mark.parametrize(
    "nest", [lambda model: {"users": [model]}, lambda model: [Inner(1), model], lambda model: [[model]]]
)
def test_aliased_models_inside_plain_data(nest):
    """Wherever an aliased model is in plain data, it is written with its wire names."""
    assert b'"Id":7' in encode(nest(AliasedInner(7)))


@pytest.mark.parametrize("model", [attrs.make_class("Card", {"pin": attrs.field(type=str)}), None])
def test_secrets_in_bodies(model):
    """A secret in a body goes out as its text, or is refused; the mask is never sent in its place."""
    try:
        sent = encode({"pin": Secret(VALUE)} if model is None else model(Secret(VALUE)))
    except TypeError:
        return
    assert sent == b'{"pin":"hunter2"}'


@KINDS
def test_secret_fields(make, alias):
    """A field that is a secret is read as one into either kind, and only from a string; a request may have it."""
    card, name = one_field(make, "pin", Secret, alias), alias or "pin"

    read = decode(f'{{"{name}":"hunter2"}}'.encode(), card)

    assert (type(read.pin), read.pin.reveal()) == (Secret, "hunter2")
    assert VALUE not in repr(read)
    assert encode(read, revealing=True) == f'{{"{name}":"hunter2"}}'.encode()
    for wrong in ("7", "null", '["hunter2"]'):
        with pytest.raises(DecodeError, match=rf"\$\.{name}"):
            decode(f'{{"{name}":{wrong}}}'.encode(), card)


@pytest.mark.parametrize("nest", [lambda card: card, lambda card: list[card], lambda card: card | None,
                                  lambda card: one_field(model, "card", card, None)])  # fmt: skip
def test_wire_names_that_would_not_be_read(nest):
    """An attrs class with wire names, which msgspec would look for under the Python names, is refused as a whole."""
    with pytest.raises(TypeError, match=r"Card can be sent, not read.*@model"):
        decode(b"{}", nest(one_field(attrs.frozen, "pin", str, "PIN")))


def test_whole_numbers_stay_whole():
    """A number too large for 64 bits is read exactly; a float field takes whole numbers."""
    assert decode(b'{"count":123456789012345678901234567890}', Plain).count == 123456789012345678901234567890
    assert math.isclose(decode(b'{"fillRatio":3}', Aliased).ratio, 3.0)
