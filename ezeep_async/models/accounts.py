"""Users as the account API knows them: who they are (source: rest_api/users, management_api/users)."""

from typing import Any

import attrs

from ezeep_async.models.invitations import Invitation
from print_async.codec import UNSET, OpenEnum, UnsetType, wire
from print_async.model import model
from print_async.validators import not_empty


class Role(OpenEnum):
    """What a user may do in the organization."""

    ADMIN = "admin"
    USER = "user"


@model
class AccountUser:
    """A person with an ezeep account."""

    id: str
    """UUID, the same as the printing user's."""
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    display_name: str | None = None
    date_joined: str | None = None
    """ISO 8601, UTC, with microseconds."""
    azure_profile: dict[str, Any] | None = None
    """Of Microsoft's directory; its members are not documented."""
    id_profile: dict[str, Any] | None = None
    """Of ezeep's own directory: `oid`, `preferred_username`, `name`."""
    user_invitations: tuple[Invitation, ...] | None = None
    roles: tuple[Role, ...] = ()
    is_verified: bool | None = None


@attrs.frozen(kw_only=True)
class AccountUserChanges:
    """What to change about an account user. What is `UNSET` stays as it is."""

    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET
    email: str | UnsetType = attrs.field(default=UNSET, validator=not_empty)
    role: Role | UnsetType = wire("roles", UNSET)
    """One role, sent as a text as in ezeep's sample; answers have a list."""
