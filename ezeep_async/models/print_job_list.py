"""The list of print jobs (source: pullprintapi/pull-printing-trusted-user)."""

from typing import Any

from print_async.codec import OpenEnum


class PrintJobStatus(OpenEnum):
    """What became of a listed print job."""

    IN_QUEUE = "INQUEUE"
    """It waits for its release at a printer."""
    DONE = "DONE"
    EXPIRED = "EXPIRED"
    ERROR = "ERROR"


ListedPrintJob = dict[str, Any]
"""A print job as the server sent it: no document at hand names its fields."""
