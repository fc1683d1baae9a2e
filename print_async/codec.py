"""JSON bytes into attrs models and back.

Models are attrs classes, slots and frozen. msgspec decodes straight into them, strictly: `"no"` is no `bool`. It knows
nothing of a wire name that differs from the Python name, so models with such a field (`wire("scanStorage")`) take the
longer way, through cattrs. Nobody above this module needs to know which way a model goes.

What the vendors leave open is left open: unknown fields are passed over, an `OpenEnum` keeps a value it does not know,
and a field that may be absent has a default. What is never guessed is a value of the wrong type: that is a
`DecodeError`.
"""

import enum
import functools
import types
from collections.abc import Callable
from typing import Any, Self, TypeVar, Union, get_args, get_origin

import attrs
import msgspec

from print_async.errors import DecodeError

UNSET = msgspec.UNSET
"""The value of a request field that is not sent. `None` is different: it is sent, as JSON null."""
UnsetType = msgspec.UnsetType

T = TypeVar("T")
_WIRE = "print_async.wire"


def wire(name: str, default: Any = attrs.NOTHING) -> Any:
    """Declare a field whose name on the wire is not its name in Python."""
    return attrs.field(default=default, metadata={_WIRE: name})


class OpenEnum(enum.StrEnum):
    """A set of values that the server may extend: a value we do not know becomes a member that holds it as it is."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member


def decode(data: bytes, model: type[T]) -> T:
    """Decode a JSON document into a model, or a list of models.

    Raises:
        DecodeError: It is not JSON, or a field has another type than the model says. The message names the field,
            never its value.
    """
    try:
        decoded: T = _decoder(model)(data)  # type: ignore[arg-type]  # classes are hashable, whatever mypy says
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        del data  # a traceback with locals would show it
        raise DecodeError(f"the answer is not a {_title(model)}: {error}") from None
    return decoded


def decode_plain(data: bytes) -> object:
    """Decode a JSON document into dicts, lists and scalars; raise `DecodeError` where it is none."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        size = len(data)
        del data  # a traceback with locals would show it
        raise DecodeError(f"the answer is not JSON ({size} bytes)") from None


def encode(value: object) -> bytes:
    """Encode a model, or plain data, as JSON. Fields that are `UNSET` are left out."""
    return msgspec.json.encode(_plain(value) if _needs_cattrs(_kind(value)) else value)


def _kind(value: object) -> Any:
    return type(value[0]) if isinstance(value, (list, tuple)) and value else type(value)


def _plain(value: object) -> object:
    from print_async._aliased import converter

    return converter().unstructure(value)


@functools.cache
def _decoder(model: Any) -> Callable[[bytes], Any]:
    if not _needs_cattrs(model):
        return msgspec.json.Decoder(model).decode
    from print_async._aliased import structure

    return lambda data: structure(msgspec.json.decode(data), model)


@functools.cache
def _needs_cattrs(model: Any) -> bool:
    """Tell whether a wire name other than the Python name occurs anywhere in the model."""
    if attrs.has(model):
        attrs.resolve_types(model)
        return any(_WIRE in field.metadata or _needs_cattrs(field.type) for field in attrs.fields(model))
    return any(_needs_cattrs(part) for part in get_args(model) if part is not Ellipsis)


def wire_name(field: "attrs.Attribute[Any]") -> str:
    """Return the name of a model's field on the wire."""
    name: str = field.metadata.get(_WIRE, field.name)
    return name


def _title(model: Any) -> str:
    if get_origin(model) in (Union, types.UnionType, list, tuple):
        return str(model).replace("print_async.", "")
    return getattr(model, "__name__", str(model))
