"""Work on a store that must not be left halfway."""

from collections.abc import Awaitable
from typing import TypeVar

from print_async.finish import uninterrupted

T = TypeVar("T")


async def to_the_end(work: Awaitable[T]) -> T:
    """Wait for a piece of work, and do not leave before it is done, not even when cancelled.

    Left earlier, the credential's lock would be released while the token is still being written.
    """
    done, cancelled = await uninterrupted(work)
    if cancelled is None:
        return done.result()
    if not done.cancelled():
        done.exception()
    raise cancelled
