"""Groups of users, to which printers are assigned (source: rest_api/groups)."""

from typing import Any

import attrs

from print_async.codec import UNSET, UnsetType
from print_async.validators import not_empty


@attrs.frozen
class GroupOrigin:
    """Where a group comes from."""

    provider: str
    """`Ezeep`, or `Azure` for one that is synchronised."""
    foreign_id: str | None = None
    """The group's id there; a UUID."""


@attrs.frozen
class Group:
    """A group, as ezeep shows it."""

    id: str
    """UUID."""
    name: str
    description: str = ""
    local_printing_enabled: bool | None = None
    myprinters_enabled: bool | None = None
    origin: GroupOrigin | None = None
    organization_id: str | None = None
    """UUID."""
    num_members: int | None = None
    num_printers: int | None = None


def _at_most_255(_: object, field: "attrs.Attribute[Any]", value: object) -> None:
    if isinstance(value, str) and len(value) > 255:
        raise ValueError(f"{field.name} is {len(value)} characters long; ezeep takes at most 255")


@attrs.frozen(kw_only=True)
class NewGroup:
    """A group to be created. What is `UNSET` is left to ezeep."""

    name: str = attrs.field(validator=[not_empty, _at_most_255])
    organization_id: str
    """UUID of the organization; the `org` of the access token."""
    description: str | UnsetType = attrs.field(default=UNSET, validator=_at_most_255)
    local_printing_enabled: bool | UnsetType = UNSET
    myprinters_enabled: bool | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class GroupChanges:
    """What to change about a group. What is `UNSET` stays as it is."""

    name: str | UnsetType = attrs.field(default=UNSET, validator=[not_empty, _at_most_255])
    description: str | UnsetType = attrs.field(default=UNSET, validator=_at_most_255)
    local_printing_enabled: bool | UnsetType = UNSET
    myprinters_enabled: bool | UnsetType = UNSET
