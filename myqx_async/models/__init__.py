"""What MyQ X gives and takes, as attrs classes."""

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
from myqx_async.models.release import PrintAll, PrintAllJob, Release, ReleaseOptions
from myqx_async.models.users import CreatedCard, CreatedPin, CreatedUser, NewPin, NewUser, User, UserChanges

__all__ = [
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
    "NewClientJob",
    "NewConfigurationProfile",
    "NewConfigurationProfiles",
    "NewPin",
    "NewPrinter",
    "NewUser",
    "PrintAll",
    "PrintAllJob",
    "Printer",
    "PrinterAssignment",
    "Queue",
    "QueueClient",
    "QueueInteraction",
    "Release",
    "ReleaseOptions",
    "User",
    "UserChanges",
]
