"""Users as the management API knows them: what they may print, and in which groups they are (source: rest_api/users).

Names and e-mail addresses are in the account API, under the same ids: `ezeep_async.models.AccountUser`.
"""

from print_async.model import model


@model
class GroupMembership:
    """That a user is in a group."""

    group_id: str
    """UUID."""


@model
class User:
    """A user's printing settings."""

    id: str
    """UUID, the same as the account user's."""
    local_printing_enabled: bool | None = None
    self_service_enabled: bool | None = None
    myprinters_enabled: bool | None = None
    groups: tuple[GroupMembership, ...] = ()
    """In no particular order."""

    @property
    def group_ids(self) -> frozenset[str]:
        """The ids of the groups they are in."""
        return frozenset(membership.group_id for membership in self.groups)
