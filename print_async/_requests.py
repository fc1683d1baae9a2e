"""Models into plain data for a request: wire names, and nothing that is `UNSET`. By cattrs; imported on first use."""

import enum
import functools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import cattrs
from cattrs.gen import make_dict_unstructure_fn, override

from print_async.codec import UNSET, wire_name
from print_async.secret import Secret, reveal


def plain(value: object, *, revealing: bool = False) -> object:
    """Return a value with every model in it, at any depth, turned into a dict; if asked to, secrets into text."""
    return _converter(revealing).unstructure(value)


@functools.cache
def _converter(revealing: bool) -> cattrs.Converter:
    converter = cattrs.Converter()
    converter.register_unstructure_hook_factory(attrs.has, functools.partial(_model_hook, converter))
    converter.register_unstructure_hook(enum.Enum, lambda member: member.value)
    converter.register_unstructure_hook(Decimal, _number)
    if revealing:
        converter.register_unstructure_hook(Secret, reveal)
    return converter


def _model_hook(converter: cattrs.Converter, model: type[Any]) -> Callable[[Any], dict[str, Any]]:
    names: dict[str, Any] = {field.name: override(rename=wire_name(field)) for field in attrs.fields(model)}
    to_dict = make_dict_unstructure_fn(model, converter, **names)
    return lambda value: {name: part for name, part in to_dict(value).items() if part is not UNSET}


def _number(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise ValueError(f"{value} is no number that JSON has")
    return value
