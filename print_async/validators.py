"""Checks that attrs runs when a value is made, so that bad input fails before any I/O."""

from typing import Any

import attrs


def not_empty(_: object, field: "attrs.Attribute[Any]", value: object) -> None:
    """Refuse an empty string with a `ValueError` that names the field."""
    if value == "":
        raise ValueError(f"{field.name} must not be empty")
