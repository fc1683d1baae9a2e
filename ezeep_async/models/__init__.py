"""What ezeep's APIs give and take, as attrs classes."""

from typing import TYPE_CHECKING

from print_async.lazy import exports

if TYPE_CHECKING:
    from ezeep_async.models.accounts import AccountUser, AccountUserChanges, Role
    from ezeep_async.models.assignments import AssignedGroup, Assignment, PrinterAssignments
    from ezeep_async.models.capabilities import Capabilities, CapabilityPaper, CapabilityTray, PrintableArea
    from ezeep_async.models.configuration import Configuration, SystemConfiguration
    from ezeep_async.models.connectors import Connector, ConnectorType, FilterValues
    from ezeep_async.models.drivers import Driver
    from ezeep_async.models.groups import Group, GroupChanges, GroupOrigin, NewGroup
    from ezeep_async.models.invitations import Invitation, InvitationStatus, NewInvitation
    from ezeep_async.models.organizations import (
        AdminInvitation,
        Currency,
        InvitedAdmin,
        Language,
        NewOrganization,
        Organization,
    )
    from ezeep_async.models.print_job_list import ListedPrintJob, PrintJobStatus
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
    from ezeep_async.models.printers import DriverAssignment, NewPrinter, Printer, PrinterStatus
    from ezeep_async.models.reports import CsvDelimiter, NewReport, Report, ReportStatus
    from ezeep_async.models.users import GroupMembership, User
    from ezeep_async.models.webhooks import AuthenticationScheme, NewWebhookEndpoint, WebhookEndpoint, WebhookTopic

__all__ = [
    "AccountUser",
    "AccountUserChanges",
    "AdminInvitation",
    "AssignedGroup",
    "Assignment",
    "AuthenticationScheme",
    "Capabilities",
    "CapabilityPaper",
    "CapabilityTray",
    "Configuration",
    "Connector",
    "ConnectorType",
    "CsvDelimiter",
    "Currency",
    "DefaultColor",
    "DefaultDuplex",
    "Driver",
    "DriverAssignment",
    "FilterValues",
    "Group",
    "GroupChanges",
    "GroupMembership",
    "GroupOrigin",
    "Invitation",
    "InvitationStatus",
    "InvitedAdmin",
    "JobProperties",
    "JobState",
    "JobStatus",
    "Language",
    "ListedPrintJob",
    "NewGroup",
    "NewInvitation",
    "NewOrganization",
    "NewPrinter",
    "NewReport",
    "NewWebhookEndpoint",
    "Organization",
    "PaperFormat",
    "PreparedUpload",
    "PrintJobStatus",
    "PrintRequest",
    "PrintTarget",
    "PrintableArea",
    "Printer",
    "PrinterAssignments",
    "PrinterDefaults",
    "PrinterProperties",
    "PrinterStatus",
    "Report",
    "ReportStatus",
    "Role",
    "Submission",
    "SystemConfiguration",
    "Tray",
    "User",
    "WebhookEndpoint",
    "WebhookTopic",
]

_HOMES = {
    "accounts": ("AccountUser", "AccountUserChanges", "Role"),
    "assignments": ("AssignedGroup", "Assignment", "PrinterAssignments"),
    "capabilities": ("Capabilities", "CapabilityPaper", "CapabilityTray", "PrintableArea"),
    "configuration": ("Configuration", "SystemConfiguration"),
    "connectors": ("Connector", "ConnectorType", "FilterValues"),
    "drivers": ("Driver",),
    "groups": ("Group", "GroupChanges", "GroupOrigin", "NewGroup"),
    "invitations": ("Invitation", "InvitationStatus", "NewInvitation"),
    "organizations": ("AdminInvitation", "Currency", "InvitedAdmin", "Language", "NewOrganization", "Organization"),
    "print_job_list": ("ListedPrintJob", "PrintJobStatus"),
    "print_jobs": ("JobProperties", "JobState", "JobStatus", "PreparedUpload", "PrintRequest", "Submission"),
    "print_printers": (
        "DefaultColor",
        "DefaultDuplex",
        "PaperFormat",
        "PrinterDefaults",
        "PrinterProperties",
        "PrintTarget",
        "Tray",
    ),
    "printers": ("DriverAssignment", "NewPrinter", "Printer", "PrinterStatus"),
    "reports": ("CsvDelimiter", "NewReport", "Report", "ReportStatus"),
    "users": ("GroupMembership", "User"),
    "webhooks": ("AuthenticationScheme", "NewWebhookEndpoint", "WebhookEndpoint", "WebhookTopic"),
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = exports(globals(), _HOMES)
