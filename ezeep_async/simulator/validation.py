"""What the management API takes in a body, with the limits that rest_api/groups names."""

from typing import cast

from ezeep_async.simulator.answers import Refusal
from ezeep_async.simulator.records import GroupFields

_TEXTS = {"name": 1, "description": 0}
_FLAGS = ("local_printing_enabled", "myprinters_enabled")
_LONGEST = 255


def group_changes(body: dict[str, object], required: tuple[str, ...] = ()) -> GroupFields:
    """Return the fields of a group that a body may set, or refuse it with every problem that it has."""
    problems = {name: ["This field is required."] for name in required if name not in body}
    changes: dict[str, str | bool] = {}
    for name, value in body.items():
        if problem := _problem(name, value):
            problems[name] = [problem]
        elif isinstance(value, str | bool) and name in (*_TEXTS, *_FLAGS):
            changes[name] = value
    if problems:
        raise Refusal(400, problems)
    return cast("GroupFields", changes)


def _problem(name: str, value: object) -> str | None:
    if name in _FLAGS and not isinstance(value, bool):
        return "Must be a valid boolean."
    if name not in _TEXTS:
        return None
    if not isinstance(value, str):
        return "Not a valid string."
    if len(value.strip()) < _TEXTS[name]:
        return "This field may not be blank."
    return f"Ensure this field has no more than {_LONGEST} characters." if len(value) > _LONGEST else None
