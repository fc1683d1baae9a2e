"""JSON bytes into attrs models and back.

Models are attrs classes, slots and frozen. msgspec decodes straight into them, strictly: `"no"` is no `bool`. It knows
nothing of an attrs class's wire names, so what is read is a `model.model`; into requests all models go through cattrs
(`_requests.py`). Nobody above this module needs to know.

What the vendors leave open is left open: unknown fields are passed over, an `OpenEnum` keeps a value it does not know,
and a field that may be absent has a default. What is never guessed is a value of the wrong type: that is a
`DecodeError`.
"""

import enum
import functools
import re
import types
from collections.abc import Callable
from typing import Any, Self, TypeVar, Union, get_args, get_origin

import attrs
import msgspec

from print_async.errors import DecodeError
from print_async.secret import Secret

UNSET = msgspec.UNSET
"""The value of a request field that is not sent. `None` is different: it is sent, as JSON null."""
UnsetType = msgspec.UnsetType

T = TypeVar("T")
_WIRE = "print_async.wire"
_write = msgspec.json.Encoder(decimal_format="number").encode


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
        TypeError: There is a wire name in an attrs class, which can be sent only: what is read is a `model.model`.
    """
    try:
        decoded: T = _decoder(model)(data)  # type: ignore[arg-type]  # classes are hashable, whatever mypy says
        return decoded
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        del data  # a traceback with locals would show it
        fault = _fault(error)
    # Here and not above: chained to that error, it would bring along the decoder's frames, which have it too.
    raise DecodeError(f"the answer is not a {_title(model)}: {fault}")


def decode_plain(data: bytes) -> object:
    """Decode a JSON document into dicts, lists and scalars; raise `DecodeError` where it is none."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        size = len(data)
        del data  # a traceback with locals would show it
        raise DecodeError(f"the answer is not JSON ({size} bytes)") from None


def encode(value: object, *, revealing: bool = False) -> bytes:
    """Encode a model, plain data, or plain data with models in it, as JSON. Fields that are `UNSET` are left out.

    A `Decimal` becomes a number with all its digits, and is refused by a `ValueError` where it is none (NaN, infinity).
    A secret is refused by a `TypeError`, unless `revealing` says that it may be written: for a request.
    """
    from print_async._requests import plain

    return _write(plain(value, revealing=revealing))


@functools.cache
def _decoder(model: Any) -> Callable[[bytes], Any]:
    _check_wire_names(model, set())
    return msgspec.json.Decoder(model, dec_hook=_read_secret).decode


def _read_secret(kind: type[Any], value: object) -> object:
    """Read a value of a type that msgspec does not know by itself: a `Secret`, or what any value is (`object`)."""
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    if not isinstance(value, kind):
        raise TypeError(f"Expected `{kind.__name__}`")
    return value


def _check_wire_names(model: Any, seen: set[Any]) -> None:
    """Make sure that no attrs class anywhere in a type has a wire name, which msgspec would not look for."""
    if not attrs.has(model):
        for part in get_args(model):
            _check_wire_names(part, seen)
    elif model not in seen:
        seen.add(model)
        attrs.resolve_types(model)
        for field in attrs.fields(model):
            if _WIRE in field.metadata and not issubclass(model, msgspec.Struct):
                raise TypeError(f"{model.__name__} can be sent, not read: a class with wire names is to be a @model")
            _check_wire_names(field.type, seen)


def wire_name(field: "attrs.Attribute[Any]") -> str:
    """Return the name of a model's field on the wire."""
    name: str = field.metadata.get(_WIRE, field.name)
    return name


def _fault(error: Exception) -> str:
    """Say what is wrong and where. Only msgspec's texts about types and names are repeated: others quote the value."""
    # Only at the very end, and only a path, is it msgspec's word on the place: a quoted value may hold the like.
    found = re.search(r" - at `\$[\w.\[\]]*`$", str(error))
    place = found[0] if found else ""
    text = str(error).removesuffix(place)
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if not isinstance(error, msgspec.ValidationError):
        return "it is not JSON"
    if text.startswith(("Expected ", "Object missing required field ")):
        return f"{text}{place}"
    return f"a value is not one of those allowed{place}"


def _title(model: Any) -> str:
    if get_origin(model) in (Union, types.UnionType, list, tuple):
        return str(model).replace("print_async.", "")
    return getattr(model, "__name__", str(model))
