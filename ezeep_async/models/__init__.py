"""What ezeep's APIs give and take, as attrs classes."""

from ezeep_async.models.accounts import AccountUser, Role
from ezeep_async.models.groups import Group, GroupChanges, GroupOrigin, NewGroup
from ezeep_async.models.users import GroupMembership, User

__all__ = ["AccountUser", "Group", "GroupChanges", "GroupMembership", "GroupOrigin", "NewGroup", "Role", "User"]
