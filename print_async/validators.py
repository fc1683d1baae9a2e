"""Checks that attrs runs when a value is made, so that bad input fails before any I/O."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import attrs


def not_empty(_: object, field: "attrs.Attribute[Any]", value: object) -> None:
    """Refuse an empty string with a `ValueError` that names the field."""
    if value == "":
        raise ValueError(f"{field.name} must not be empty")


def several(_: object, field: "attrs.Attribute[Any]", value: object) -> None:
    """Refuse a lone string, which would be taken for its letters, with a `TypeError` that names the field."""
    if isinstance(value, str):
        raise TypeError(f"{field.name} are several: give a tuple, such as ({value!r},)")


def at_most(length: int) -> "Callable[[object, attrs.Attribute[Any], object], None]":
    """Make a check that refuses a string of more characters with a `ValueError` that names the field."""

    def check(_: object, field: "attrs.Attribute[Any]", value: object) -> None:
        if isinstance(value, str) and len(value) > length:
            raise ValueError(f"{field.name} is {len(value)} characters long; at most {length} are taken")

    return check


def moment(text: str) -> datetime:
    """Read a date or a timestamp of ISO 8601; without a zone it is taken for UTC.

    Raises:
        ValueError: It is neither.
    """
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def is_moment(_: object, field: "attrs.Attribute[Any]", value: str) -> None:
    """Refuse a text that is neither a date nor a timestamp with a `ValueError` that names the field."""
    try:
        moment(value)
    except ValueError:
        raise ValueError(f"{field.name} must be a date or a timestamp such as 2021-07-22T15:15:33") from None
