"""The longer way of the codec: models with wire names of their own, through cattrs. Imported on first use."""

import enum
import functools
import operator
from collections.abc import Callable
from typing import Any, TypeVar, get_args

import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from print_async.codec import UNSET, UnsetType, wire_name
from print_async.errors import DecodeError

T = TypeVar("T")


def structure(value: object, model: type[T]) -> T:
    """Make a model of plain data; raise `DecodeError` naming every field that does not fit, and no value."""
    try:
        return converter().structure(value, model)
    except (cattrs.BaseValidationError, TypeError, ValueError, KeyError) as error:
        faults = "; ".join(cattrs.transform_error(error, format_exception=_explain))
        title = getattr(model, "__name__", str(model))
        raise DecodeError(f"the answer is not a {title}: {faults}") from None


def _explain(error: BaseException, expected: type | None) -> str:
    if isinstance(error, KeyError):
        return "a required field is missing"
    return f"expected {getattr(expected, '__name__', expected)}"


@functools.cache
def converter() -> cattrs.Converter:
    """Return the one converter: strict about scalars, aware of wire names, silent about what is `UNSET`."""
    made = cattrs.Converter()
    for scalar in (str, int, bool):
        made.register_structure_hook(scalar, _exactly(scalar))
    made.register_structure_hook(float, _number)
    made.register_structure_hook_factory(_may_be_unset, functools.partial(_structure_present, made))
    made.register_structure_hook_factory(attrs.has, functools.partial(_structure_model, made))
    made.register_unstructure_hook_factory(attrs.has, functools.partial(_unstructure_model, made))
    made.register_unstructure_hook(enum.Enum, lambda member: member.value)
    return made


def _exactly(scalar: type[T]) -> Callable[[object, Any], T]:
    def check(value: object, _: Any) -> T:
        if type(value) is not scalar:
            raise TypeError
        return value

    return check


def _number(value: object, _: Any) -> float:
    if type(value) not in (int, float):
        raise TypeError
    return float(value)  # type: ignore[arg-type]  # just checked, which mypy does not follow


def _may_be_unset(model: Any) -> bool:
    return UnsetType in get_args(model)


def _structure_present(made: cattrs.Converter, model: Any) -> Callable[[object, Any], Any]:
    # What came over the wire is set, so the type without UnsetType is the one to read it by.
    present = functools.reduce(operator.or_, (part for part in get_args(model) if part is not UnsetType))
    return lambda value, _: made.structure(value, present)


def _structure_model(made: cattrs.Converter, model: type[Any]) -> Callable[..., Any]:
    names = {field.name: override(rename=wire_name(field)) for field in attrs.fields(model)}
    return make_dict_structure_fn(model, made, **names)  # type: ignore[arg-type]  # stub forbids computed keywords


def _unstructure_model(made: cattrs.Converter, model: type[Any]) -> Callable[[Any], dict[str, Any]]:
    names = {
        field.name: override(rename=wire_name(field), omit_if_default=field.default is UNSET)
        for field in attrs.fields(model)
    }
    return make_dict_unstructure_fn(model, made, **names)  # type: ignore[arg-type]  # as above
