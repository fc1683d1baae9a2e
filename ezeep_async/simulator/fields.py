"""Checks of the fields of a body: all that is wrong is told at once, in the manner of Django REST framework."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from ezeep_async.simulator.answers import Refusal

Check = Callable[[object], str | None]
"""Says what is wrong with a value, or nothing."""


def checked(body: Mapping[str, object], checks: Mapping[str, Check], required: Iterable[str] = ()) -> dict[str, object]:
    """Return the fields of a body that are known, or refuse it with every problem that it has.

    Raises:
        Refusal: A field is wrong, or one that is required is missing.
    """
    problems = {name: ["This field is required."] for name in required if name not in body}
    known = {name: value for name, value in body.items() if name in checks}
    for name, value in known.items():
        if problem := checks[name](value):
            problems[name] = [problem]
    if problems:
        raise Refusal(400, problems)
    return known


def text(most: int = 255, *, least: int = 0) -> Check:
    """Make the check of a text."""

    def check(value: object) -> str | None:
        if not isinstance(value, str):
            return "Not a valid string."
        if len(value.strip()) < least:
            return "This field may not be blank."
        return f"Ensure this field has no more than {most} characters." if len(value) > most else None

    return check


def flag(value: object) -> str | None:
    """Check a boolean."""
    return None if isinstance(value, bool) else "Must be a valid boolean."


def number(least: int, most: int) -> Check:
    """Make the check of a number within bounds."""

    def check(value: object) -> str | None:
        if not isinstance(value, int) or isinstance(value, bool):
            return "A valid integer is required."
        return None if least <= value <= most else f"Ensure this value is from {least} to {most}."

    return check


def one_of(*choices: str) -> Check:
    """Make the check of a word."""
    return lambda value: None if value in choices else f'"{value}" is not a valid choice.'


def some_of(*choices: str) -> Check:
    """Make the check of a list of words."""

    def check(value: object) -> str | None:
        if not isinstance(value, list):
            return "Expected a list of items."
        return next((f'"{each}" is not a valid choice.' for each in value if each not in choices), None)

    return check


def moment(value: object) -> str | None:
    """Check a date or a timestamp."""
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        return "Datetime has wrong format."
    return None


def url(value: object) -> str | None:
    """Check a URL of https."""
    return None if isinstance(value, str) and value.startswith("https://") else "Enter a URL that begins with https://."
