"""A list cannot be walked on."""

from print_async.errors.base import PrintAsyncError


class PagingError(PrintAsyncError):
    """A list could not be walked to its end; `cursor` tells where to resume."""


class CrossOriginLink(PagingError):
    """The server's next link leads off the list's own address. It was not followed."""


class PaginationLoop(PagingError):
    """The server's next link was seen before: following it would never end."""


class ListChanged(PagingError):
    """So many rows were deleted or inserted while the list was walked that the place could not be found again."""


class InvalidCursor(PagingError, ValueError):
    """The text is not a cursor, or is one of another list."""
