"""What every error here has, and those that belong to no group."""


class PrintAsyncError(Exception):
    """The root of all errors here.

    Attributes:
        retryable: Whether the same call may simply be made again, without doing anything twice.
        cursor: Where a walk over a list can resume (`resume=`), if the error ended one.
    """

    retryable: bool = False
    cursor: str | None = None


class DecodeError(PrintAsyncError):
    """The answer could not be read: not JSON, or not of the documented shape."""


class MirrorError(PrintAsyncError):
    """The file of a mirror belongs to another source, is in use, or is no SQLite file. It was not changed."""


class ClientClosed(PrintAsyncError):
    """The client, session or transport was used after `aclose()`."""


class NotRecorded(PrintAsyncError):
    """A replay was asked for something that its recording does not have. Nothing was sent: there is no network."""
