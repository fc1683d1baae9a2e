"""The objects of the management and the account API, with the field names and types the vendor documents.

Sources: apidocs.ezeep.com, rest_api/users and rest_api/groups, and the vendor's repository ezeepAPi/printingapi. Where
a table there and a JSON sample disagree (`origin`, the counters), the sample is followed.
"""

from typing import TypedDict

import attrs


@attrs.frozen
class Membership:
    """One group of a printing user."""

    group_id: str


@attrs.frozen
class PrintingUser:
    """A user of the management API, which knows neither name nor e-mail (rest_api/users)."""

    id: str
    local_printing_enabled: bool
    self_service_enabled: bool
    myprinters_enabled: bool
    groups: tuple[Membership, ...]


@attrs.frozen
class EzeepOrigin:
    """Where a group comes from that was made in ezeep."""

    provider: str = "Ezeep"


@attrs.frozen
class AzureOrigin:
    """Where a group comes from that was imported from Microsoft's directory."""

    foreign_id: str
    provider: str = "Azure"


@attrs.frozen
class Group:
    """A group (rest_api/groups). The counters are filled in as it is read."""

    id: str
    name: str
    description: str
    local_printing_enabled: bool
    myprinters_enabled: bool
    origin: EzeepOrigin | AzureOrigin
    organization_id: str
    num_members: int
    num_printers: int


class GroupFields(TypedDict, total=False):
    """The fields of a group that a request may set."""

    name: str
    description: str
    local_printing_enabled: bool
    myprinters_enabled: bool


@attrs.frozen
class Profile:
    """What an identity provider says of a person."""

    oid: str
    preferred_username: str
    name: str


@attrs.frozen
class Invitation:
    """An invitation of a user by e-mail (rest_api/users)."""

    id: str
    updated: str
    email: str
    expire_date: str
    delivery_status: str
    invitation_status: str


class AccountFields(TypedDict, total=False):
    """The fields of an account user that a request may set."""

    first_name: str
    last_name: str
    email: str
    roles: tuple[str, ...]


@attrs.frozen
class AccountUser:
    """A user of the account API, with the same id as the printing user (rest_api/users)."""

    id: str
    email: str
    first_name: str
    last_name: str
    display_name: str
    date_joined: str
    azure_profile: Profile | None
    id_profile: Profile | None
    user_invitations: tuple[Invitation, ...] | None
    roles: tuple[str, ...]
    is_verified: bool
