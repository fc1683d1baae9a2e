"""Users as the account API knows them: who they are (source: rest_api/users, management_api/users)."""

from typing import Any

import attrs

from print_async.codec import OpenEnum


class Role(OpenEnum):
    """What a user may do in the organization."""

    ADMIN = "admin"
    USER = "user"


@attrs.frozen
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
    user_invitations: list[dict[str, Any]] | None = None
    roles: tuple[Role, ...] = ()
    is_verified: bool | None = None
