"""Users (source: rad/v4/get-information-about-the-user, rad/v4/change-user-properties)."""

from typing import Any

import attrs

from print_async.codec import UNSET, UnsetType, wire
from print_async.model import model
from print_async.secret import Secret


@model
class User:
    """A user. MyQ promises no field in particular, so all but the id may be `None`.

    The parts below `include` are there only if asked for (`include=("aliases", "groups")`). Their shape is not
    documented: they are as the server sent them.
    """

    id: int
    username: str | None = None
    fullname: str | None = None
    email: str | None = None
    scan_storage: str | None = wire("scanStorage", None)
    code: str | None = None
    """Personal number."""
    sync_source: str | None = wire("syncSource", None)
    lang: str | None = None
    phone: str | None = None
    ldap_domain: str | None = wire("ldapDomain", None)
    notes: str | None = None
    aliases: Any = None
    """With `include`; so are those that follow."""
    delegates: Any = None
    policies: Any = None
    accounts: Any = None
    permissions: Any = None
    groups: Any = None


@attrs.frozen(kw_only=True)
class UserChanges:
    """What to change about a user. What is `UNSET` is not sent.

    MyQ does not document whether it keeps what is not sent.
    """

    username: str | UnsetType = UNSET
    fullname: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    scan_storage: str | UnsetType = wire("scanStorage", UNSET)
    code: str | UnsetType = UNSET
    sync_source: str | UnsetType = wire("syncSource", UNSET)
    lang: str | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    ldap_domain: str | UnsetType = wire("ldapDomain", UNSET)
    notes: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class NewUser(UserChanges):
    """A user to be created: name and full name, and what else is known."""

    username: str = attrs.field(validator=attrs.validators.min_len(1))
    fullname: str = attrs.field(validator=attrs.validators.min_len(1))


@model
class CreatedUser:
    """What the server says of a user it has created."""

    id: int | None = None
    """`None` where the server accepted without saying anything."""
    username: str | None = None
    fullname: str | None = None


@attrs.frozen
class NewPin:
    """A PIN to be made (source: rad/v4/generate-pin)."""

    delete_old: bool | UnsetType = wire("deleteOld", UNSET)
    """Whether the user's other PINs end with that; false by default."""


@model
class CreatedPin:
    """A PIN that the server has made. It shows in no repr or log: `pin.reveal()` gives it."""

    pin: Secret


@model
class CreatedCard:
    """A card that the server has registered. Its number shows in no repr or log: `card.reveal()` gives it."""

    card: Secret
