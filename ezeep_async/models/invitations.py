"""Invitations of users by e-mail (source: management_api/users, quick-guides/user-management)."""

import attrs

from print_async.codec import OpenEnum
from print_async.model import model
from print_async.validators import is_moment, not_empty


class InvitationStatus(OpenEnum):
    """What became of an invitation."""

    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    EXPIRED = "EXPIRED"


@attrs.frozen(kw_only=True)
class NewInvitation:
    """An invitation to be sent.

    Raises:
        ValueError: The address is empty, or the date is none.
    """

    email: str = attrs.field(validator=not_empty)
    expire_date: str = attrs.field(validator=is_moment)
    """ISO 8601, such as `2021-07-22T15:15:33`. ezeep names no zone; it is shown back as UTC."""


@model
class Invitation:
    """An invitation. In the answer to sending it again there is only the id."""

    id: str
    """UUID, another than the user's."""
    updated: str | None = None
    """ISO 8601, UTC, with microseconds."""
    email: str | None = None
    expire_date: str | None = None
    """ISO 8601, with or without a `Z`."""
    delivery_status: str | None = None
    """`SENT`."""
    invitation_status: InvitationStatus | None = None
