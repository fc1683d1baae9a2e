"""A model beside an attrs class of the same body: to whoever uses them, the one is as good as the other."""

import copy
import inspect
import pickle
from typing import Any

import attrs
import cattrs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.codec import decode, encode, wire
from print_async.model import model
from print_async.secret import Secret, secrets_in


@model
class Read:
    """A user."""

    id: int
    full_name: str | None = wire("fullName", None)
    tags: tuple[str, ...] = ()
    seen: list[int] = attrs.field(factory=list)
    extra: Any = wire("Extra", None)
    pin: Secret | None = None
    manager: "Read | None" = None

    @property
    def initials(self) -> str:
        """Of the name."""
        return "".join(part[0] for part in (self.full_name or "").split())

    @classmethod
    def of(cls, name: str) -> "Read":
        """Make one."""
        return cls(len(name), name)


@attrs.frozen
class Twin:
    """A user."""

    id: int
    full_name: str | None = wire("fullName", None)
    tags: tuple[str, ...] = ()
    seen: list[int] = attrs.field(factory=list)
    extra: Any = wire("Extra", None)
    pin: Secret | None = None
    manager: "Twin | None" = None

    @property
    def initials(self) -> str:
        """Of the name."""
        return "".join(part[0] for part in (self.full_name or "").split())

    @classmethod
    def of(cls, name: str) -> "Twin":
        """Make one."""
        return cls(len(name), name)


BOTH = pytest.mark.parametrize("kind", [Read, Twin])
plain = st.recursive(st.none() | st.integers(-9, 9) | st.text(max_size=2), st.lists, max_leaves=3)
values = st.fixed_dictionaries(
    {"id": st.integers(0, 9)},
    optional={
        "full_name": st.none() | st.sampled_from(["Ann Lee", "Bo"]),
        "tags": st.lists(st.text(max_size=1), max_size=2).map(tuple),
        "seen": st.lists(st.integers(0, 9), max_size=2),
        "extra": plain | st.dictionaries(st.text(max_size=1), plain),
    },
)


def on_the_wire(given: dict[str, Any]) -> bytes:
    """Return the document that a server would send."""
    names = {"full_name": "fullName", "extra": "Extra"}
    return msgspec.json.encode({names.get(name, name): value for name, value in given.items()})


def outcome(do: Any) -> Any:
    """Return what comes of it, or which kind of error."""
    try:
        return do()
    except (TypeError, AttributeError) as error:
        return TypeError if isinstance(error, TypeError) else AttributeError


@given(values)
def test_read_and_made_are_the_same(given):
    """What was read is in every respect what the constructor makes of the same values."""
    read, made = decode(on_the_wire(given), Read), Read(**given)

    assert type(read) is Read
    assert read == made
    assert outcome(lambda: hash(read)) == outcome(lambda: hash(made))
    assert repr(read) == repr(made)
    assert attrs.asdict(read) == attrs.asdict(made)
    assert encode(read) == encode(made)
    assert pickle.loads(pickle.dumps(read)) == made  # noqa: S301


@given(values, values)
def test_compared_hashed_and_shown(one, other):
    """Models are equal, and have the same hash, when attrs's are, and never equal another class; they look alike."""
    assert (Read(**one) == Read(**other)) == (Twin(**one) == Twin(**other))
    assert Read(**one) != Twin(**one)
    assert outcome(lambda: hash(Read(**one)) == hash(Read(**other))) == outcome(
        lambda: hash(Twin(**one)) == hash(Twin(**other))
    )
    assert repr(Read(**one)) == repr(Twin(**one)).replace("Twin", "Read")
    with pytest.raises(TypeError):
        Read(**one) < Read(**other)  # noqa: B015


@given(values, values)
def test_what_attrs_does(one, other):
    """`evolve`, `asdict`, `astuple` and `fields` do with a model what they do with attrs's, and cattrs does too."""
    read, twin = Read(**one), Twin(**one)

    assert attrs.evolve(read, **other) == Read(**{**one, **other})
    assert attrs.asdict(read) == attrs.asdict(twin)
    assert attrs.astuple(read) == attrs.astuple(twin)
    assert encode(read) == encode(twin)
    assert cattrs.unstructure(read) == cattrs.unstructure(twin)
    for mine, theirs in zip(attrs.fields(Read)[:-1], attrs.fields(Twin)[:-1], strict=True):
        assert mine == theirs


@given(values)
def test_copied_and_pickled(given):
    """Copies and what comes back from a pickle are equal, and whether they share their parts is as with attrs's."""
    for kind in (Read, Twin):
        made = kind(**given, manager=kind(7))
        shallow, deep = copy.copy(made), copy.deepcopy(made)
        assert made == shallow == deep == pickle.loads(pickle.dumps(made))  # noqa: S301
        assert (shallow.seen is made.seen, deep.seen is made.seen) == (True, False)


@BOTH
def test_the_class(kind):
    """It is its own module's class, with its docstring, signature, methods and properties."""
    assert attrs.has(kind)
    assert (kind.__module__, kind.__qualname__, kind.__doc__) == (__name__, kind.__name__, "A user.")
    assert kind.of("Ann Lee") == kind(7, "Ann Lee")
    assert kind(1, "Ann Lee").initials == "AL"
    assert kind.initials.__doc__ == "Of the name."
    assert list(inspect.signature(kind).parameters) == [field.name for field in attrs.fields(kind)]
    assert attrs.fields(kind).full_name.default is None
    match kind(1, "Bo"):
        case kind(id, "Bo"):
            assert id == 1


@BOTH
def test_frozen(kind):
    """Nothing about one can be set, deleted or added."""
    made = kind(1)

    for name in ("id", "full_name", "new"):
        with pytest.raises(AttributeError):
            setattr(made, name, 2)
        with pytest.raises(AttributeError):
            delattr(made, name)
    assert not hasattr(made, "__dict__")


@BOTH
@pytest.mark.parametrize("wrong", [{}, {"id": 1, "fullName": "x"}, {"id": 1, "nobody": 1}])
def test_wrong_arguments(kind, wrong):
    """Names of fields are arguments, and no others."""
    with pytest.raises(TypeError):
        kind(**wrong)


@BOTH
def test_defaults_are_not_shared(kind):
    """What a factory makes, each gets one of its own."""
    kind(1).seen.append(7)

    assert kind(2).seen == []
    assert decode(b'{"id":1}', Read).seen is not decode(b'{"id":1}', Read).seen


@BOTH
def test_secrets(kind):
    """A secret shows in no repr, is found where secrets are looked for, and is not pickled."""
    made = kind(1, pin=Secret("hunter2"), manager=kind(2, pin=Secret("swordfish")))

    assert "hunter2" not in repr(made)
    assert {secret.reveal() for secret in secrets_in(made)} == {"hunter2", "swordfish"}
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(made)


def test_read_through_itself():
    """A model may have one of its kind in it."""
    assert decode(b'{"id":1,"manager":{"id":2,"fullName":"Bo"}}', Read).manager == Read(2, "Bo")


def test_msgspec_writes_the_wire_names():
    """Who hands one to msgspec gets what the server said."""
    said = b'{"id":1,"fullName":"Bo","tags":[],"seen":[],"Extra":null,"pin":null,"manager":null}'

    assert msgspec.json.encode(decode(said, Read)) == said


class Base:
    pass


class Silent:
    id: int = 1

    def __attrs_post_init__(self) -> None: ...


@pytest.mark.parametrize(
    "field",
    [attrs.field(validator=attrs.validators.min_len(1)), attrs.field(converter=str), attrs.field(repr=False),
     attrs.field(eq=False), attrs.field(init=False), attrs.field(alias="b"), attrs.field(kw_only=True),
     attrs.field(default=attrs.Factory(str, takes_self=True))],
)  # fmt: skip
def test_what_a_model_cannot_do(field):
    """A field that asks for what a model does not do is refused where it is declared, and named."""
    with pytest.raises(TypeError, match=r"Card\.pin"):
        model(type("Card", (), {"__annotations__": {"pin": str}, "pin": field}))


@pytest.mark.parametrize("cls", [type("Derived", (Base,), {"__annotations__": {"id": int}}), Silent])
def test_classes_that_cannot_be_models(cls):
    """Neither bases nor a post-init are passed over in silence."""
    with pytest.raises(TypeError, match=cls.__name__):
        model(cls)
