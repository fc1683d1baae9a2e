"""Groups of users, to which printers are assigned (source: rest_api/groups)."""

import attrs

from print_async.codec import UNSET, UnsetType
from print_async.model import model
from print_async.validators import at_most, not_empty


@model
class GroupOrigin:
    """Where a group comes from."""

    provider: str
    """`Ezeep`, or `Azure` for one that is synchronised."""
    foreign_id: str | None = None
    """The group's id there; a UUID."""


@model
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


@attrs.frozen(kw_only=True)
class NewGroup:
    """A group to be created. What is `UNSET` is left to ezeep."""

    name: str = attrs.field(validator=[not_empty, at_most(255)])
    organization_id: str
    """UUID of the organization; the `org` of the access token."""
    description: str | UnsetType = attrs.field(default=UNSET, validator=at_most(255))
    local_printing_enabled: bool | UnsetType = UNSET
    myprinters_enabled: bool | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class GroupChanges:
    """What to change about a group. What is `UNSET` stays as it is."""

    name: str | UnsetType = attrs.field(default=UNSET, validator=[not_empty, at_most(255)])
    description: str | UnsetType = attrs.field(default=UNSET, validator=at_most(255))
    local_printing_enabled: bool | UnsetType = UNSET
    myprinters_enabled: bool | UnsetType = UNSET
