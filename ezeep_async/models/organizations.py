"""Organizations, and how a partner creates them (source: rest_api/organizations)."""

import attrs

from print_async.codec import UNSET, OpenEnum, UnsetType
from print_async.model import model
from print_async.validators import is_moment, not_empty


class Currency(OpenEnum):
    """What an organization pays in."""

    US_DOLLAR = "USD"
    EURO = "EUR"


class Language(OpenEnum):
    """What an invited administrator is written to in."""

    ENGLISH = "en"
    GERMAN = "de"


@attrs.frozen(kw_only=True)
class InvitedAdmin:
    """Who the invited administrator is."""

    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET
    preferred_language: Language | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class AdminInvitation:
    """The invitation of a new organization's administrator. That `user` is nested in it is partly a guess."""

    email: str = attrs.field(validator=not_empty)
    expire_date: str = attrs.field(validator=is_moment)
    """ISO 8601, such as `2021-07-22T15:15:33`."""
    user: InvitedAdmin | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class NewOrganization:
    """An organization to be created.

    Raises:
        ValueError: The name is empty, or not exactly one of `admin_user` and `admin_user_invitation` is given.
    """

    name: str = attrs.field(validator=not_empty)
    currency_code: Currency
    admin_user: str | UnsetType = attrs.field(default=UNSET, validator=not_empty)
    """UUID of a user that there is already."""
    admin_user_invitation: AdminInvitation | UnsetType = UNSET

    def __attrs_post_init__(self) -> None:
        if (self.admin_user is UNSET) == (self.admin_user_invitation is UNSET):
            raise ValueError("give one of admin_user and admin_user_invitation: an organization has one administrator")


@model
class Organization:
    """An organization."""

    id: str
    """UUID."""
    name: str | None = None
    admin_user: str | None = None
    """UUID; in the answer to a creation only."""
