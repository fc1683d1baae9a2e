"""Options that several commands share."""

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import attrs
import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output.")]


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Make a command for typer of one that takes some of its options together.

    A parameter whose type is an attrs class becomes one option for each field of the class, which says with `Annotated`
    what the option is. The command gets an instance.
    """
    signature = inspect.signature(command, eval_str=True)
    kinds = {name: each.annotation for name, each in signature.parameters.items() if _together(each.annotation)}

    @functools.wraps(command)
    def flat(**given: Any) -> None:
        for name, kind in kinds.items():
            given[name] = kind(**{field.name: given.pop(field.name) for field in attrs.fields(kind)})
        command(**given)

    parameters = [each for parameter in signature.parameters.values() for each in _flat(parameter)]
    flat.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]  # typer looks there
    return flat


def _flat(parameter: inspect.Parameter) -> Iterator[inspect.Parameter]:
    if not _together(parameter.annotation):
        yield parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        return
    for field in attrs.fields(parameter.annotation):
        default = inspect.Parameter.empty if field.default is attrs.NOTHING else field.default
        kind = inspect.Parameter.KEYWORD_ONLY
        yield inspect.Parameter(field.name, kind, default=default, annotation=field.type)


def _together(annotation: object) -> bool:
    return isinstance(annotation, type) and attrs.has(annotation)
