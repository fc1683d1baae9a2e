"""Work on many machines could not be done, or nobody can say whether it was."""

from print_async.errors.base import PrintAsyncError


class ClusterError(PrintAsyncError):
    """The cluster could not do the work, or could not be reached. What has been reported is done."""


class WorkersLost(ClusterError):
    """The workers that had a partition died, one after the other, until the scheduler gave it up.

    Attributes:
        first, last: The partition: places in the input, from 0, the last included. Some of its items may be done.
    """

    def __init__(self, message: str, *, first: int | None = None, last: int | None = None) -> None:
        super().__init__(message)
        self.first = first
        self.last = last


class ItemOutcomeUnknown(ClusterError):
    """An item was begun, and whoever began it died, or it did not succeed. It was not done again: look first.

    Attributes:
        index: Its place in the input, from 0.
    """

    def __init__(self, message: str, *, index: int | None = None) -> None:
        super().__init__(message)
        self.index = index


class PacingFailed(PrintAsyncError):
    """Nobody can say whose turn it is, because Redis cannot be used. Nothing was sent; it may be tried again."""

    retryable = True
