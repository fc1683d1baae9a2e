"""Models with wire names of their own, read at the speed of the others.

msgspec decodes into attrs classes, but knows nothing of other names there; for its own structs it does. So each such
model has a shadow: a struct of the same fields, with the wire names. JSON is decoded into the shadow, and the shadow
converted into the model, both in C. Imported on first use.

Models of requests, whose fields can be `UNSET`, are not read this way, nor at all.
"""

import functools
import operator
import types
from collections.abc import Callable
from typing import Any, Union, get_args, get_origin

import attrs
import msgspec

from print_async.codec import needs_wire_names, read_secret, wire_name


def shadow_decoder(model: Any) -> Callable[[bytes], Any]:
    """Return a function that decodes JSON into a model, or a container of models, by their wire names."""
    decode = msgspec.json.Decoder(_shadow(model), dec_hook=read_secret).decode
    return lambda data: msgspec.convert(decode(data), model, from_attributes=True)


@functools.cache
def _shadow(model: Any) -> Any:
    if not needs_wire_names(model):
        return model
    if attrs.has(model):
        return _struct(model)
    parts = tuple(part if part is Ellipsis else _shadow(part) for part in get_args(model))
    origin = get_origin(model)
    if origin in (Union, types.UnionType):
        return functools.reduce(operator.or_, parts)
    return origin[parts]


def _struct(model: Any) -> Any:
    fields: list[Any] = []
    for field in attrs.fields(model):
        if field.default is attrs.NOTHING:
            fields.append((field.name, _shadow(field.type)))
        else:
            fields.append((field.name, _shadow(field.type), _default(field.default)))
    names = {field.name: wire_name(field) for field in attrs.fields(model)}
    return msgspec.defstruct(model.__name__, fields, rename=names, kw_only=True)


def _default(default: Any) -> Any:
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # a class, whatever its stub says
        return msgspec.field(default_factory=default.factory)
    return default
