"""What MyQ X gives and takes, as attrs classes."""

from typing import TYPE_CHECKING

from print_async.lazy import exports

if TYPE_CHECKING:
    from myqx_async.models.accounts import (
        AccountBalance,
        AccountCharge,
        AccountPayment,
        AccountSession,
        Balance,
        NewAccountSession,
    )
    from myqx_async.models.jobs import (
        CreatedJob,
        Job,
        JobChanges,
        JobPaper,
        JobState,
        JobStatus,
        JobUpdate,
        JobUpdates,
        NewClientJob,
    )
    from myqx_async.models.printers import NewPrinter, Printer
    from myqx_async.models.profiles import (
        ConfigurationProfile,
        ConfigurationProfiles,
        LoginMethod,
        NewConfigurationProfile,
        NewConfigurationProfiles,
    )
    from myqx_async.models.queues import PrinterAssignment, Queue, QueueClient, QueueInteraction
    from myqx_async.models.recharge import (
        NewRechargePayment,
        RechargePayment,
        RechargePaymentChanges,
        RechargeProvider,
    )
    from myqx_async.models.release import PrintAll, PrintAllJob, Release, ReleaseOptions
    from myqx_async.models.users import CreatedCard, CreatedPin, CreatedUser, NewPin, NewUser, User, UserChanges

__all__ = [
    "AccountBalance",
    "AccountCharge",
    "AccountPayment",
    "AccountSession",
    "Balance",
    "ConfigurationProfile",
    "ConfigurationProfiles",
    "CreatedCard",
    "CreatedJob",
    "CreatedPin",
    "CreatedUser",
    "Job",
    "JobChanges",
    "JobPaper",
    "JobState",
    "JobStatus",
    "JobUpdate",
    "JobUpdates",
    "LoginMethod",
    "NewAccountSession",
    "NewClientJob",
    "NewConfigurationProfile",
    "NewConfigurationProfiles",
    "NewPin",
    "NewPrinter",
    "NewRechargePayment",
    "NewUser",
    "PrintAll",
    "PrintAllJob",
    "Printer",
    "PrinterAssignment",
    "Queue",
    "QueueClient",
    "QueueInteraction",
    "RechargePayment",
    "RechargePaymentChanges",
    "RechargeProvider",
    "Release",
    "ReleaseOptions",
    "User",
    "UserChanges",
]

_HOMES = {
    "accounts": ("AccountBalance", "AccountCharge", "AccountPayment", "AccountSession", "Balance", "NewAccountSession"),
    "jobs": (
        "CreatedJob",
        "Job",
        "JobChanges",
        "JobPaper",
        "JobState",
        "JobStatus",
        "JobUpdate",
        "JobUpdates",
        "NewClientJob",
    ),
    "printers": ("NewPrinter", "Printer"),
    "profiles": (
        "ConfigurationProfile",
        "ConfigurationProfiles",
        "LoginMethod",
        "NewConfigurationProfile",
        "NewConfigurationProfiles",
    ),
    "queues": ("PrinterAssignment", "Queue", "QueueClient", "QueueInteraction"),
    "recharge": ("NewRechargePayment", "RechargePayment", "RechargePaymentChanges", "RechargeProvider"),
    "release": ("PrintAll", "PrintAllJob", "Release", "ReleaseOptions"),
    "users": ("CreatedCard", "CreatedPin", "CreatedUser", "NewPin", "NewUser", "User", "UserChanges"),
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = exports(globals(), _HOMES)
