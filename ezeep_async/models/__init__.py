"""What ezeep's APIs give and take, as attrs classes."""

from ezeep_async.models.accounts import AccountUser, Role
from ezeep_async.models.configuration import Configuration, SystemConfiguration
from ezeep_async.models.groups import Group, GroupChanges, GroupOrigin, NewGroup
from ezeep_async.models.print_jobs import (
    JobProperties,
    JobState,
    JobStatus,
    PreparedUpload,
    PrintRequest,
    Submission,
)
from ezeep_async.models.print_printers import (
    DefaultColor,
    DefaultDuplex,
    PaperFormat,
    PrinterDefaults,
    PrinterProperties,
    PrintTarget,
    Tray,
)
from ezeep_async.models.users import GroupMembership, User

__all__ = [
    "AccountUser",
    "Configuration",
    "DefaultColor",
    "DefaultDuplex",
    "Group",
    "GroupChanges",
    "GroupMembership",
    "GroupOrigin",
    "JobProperties",
    "JobState",
    "JobStatus",
    "NewGroup",
    "PaperFormat",
    "PreparedUpload",
    "PrintRequest",
    "PrintTarget",
    "PrinterDefaults",
    "PrinterProperties",
    "Role",
    "Submission",
    "SystemConfiguration",
    "Tray",
    "User",
]
