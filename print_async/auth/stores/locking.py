"""The lock of one credential between the processes of one machine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from print_async.errors import TokenStoreError


@asynccontextmanager
async def locked(path: Path, what: str) -> AsyncIterator[None]:
    """Hold a lock file, made if need be, as is its folder. The system releases it when the process ends, however.

    Args:
        path: The lock file.
        what: What it stands for, in the words of an error.

    Raises:
        TokenStoreError: The lock file cannot be made or opened.
    """
    import filelock  # here, so that a store can say which extra it needs

    # One try is a system call of microseconds; waiting is on the event loop, in between.
    lock = filelock.AsyncFileLock(path, mode=0o600, thread_local=False, run_in_executor=False)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        await lock.acquire()
    except OSError as error:
        raise TokenStoreError(f"{what} cannot be locked: {error.strerror}") from None
    try:
        yield
    finally:
        await lock.release()
