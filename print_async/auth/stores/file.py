"""Tokens in a file, for every process of one machine. Needs the extra `file-store` (filelock)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import attrs
import filelock

from print_async.auth.stores.finish import to_the_end
from print_async.auth.stores.record import Record
from print_async.auth.stores.token_file import TokenFile
from print_async.auth.token import Token
from print_async.errors import TokenStoreError

T = TypeVar("T")


@attrs.frozen
class _FileSlot:
    file: TokenFile
    identity: str

    async def load(self) -> Token | None:
        return (await to_the_end(_in_thread(lambda: self.file.read(self.identity)))).token

    async def save(self, token: Token) -> None:
        await self._update(lambda record: record.with_token(token))

    async def note(self, at: float | None) -> None:
        await self._update(lambda record: attrs.evolve(record, noted_at=at))

    async def noted(self) -> float | None:
        return (await to_the_end(_in_thread(lambda: self.file.read(self.identity)))).noted_at

    async def clear(self) -> None:
        await self._update(lambda _: None)

    async def _update(self, change: Callable[[Record], Record | None]) -> None:
        await to_the_end(_in_thread(lambda: self.file.update(self.identity, change)))


class FileTokenStore:
    """Keeps tokens in a file that only its owner can read, and shares them between all processes of the machine.

    The file is 0600, and its folder, if it has to be made, 0700. It is written whole and renamed into place, so a
    reader never sees half of it, whatever dies when. Beside it are lock files; the system releases their locks when the
    process that holds them ends, however it ends.

    Args:
        path: The file. Several credentials may share one.
        key: Returns a Fernet key (`cryptography.fernet.Fernet.generate_key()`), to encrypt the file at rest; needs the
            extra `encryption`. Called whenever the file is read or written.
    """

    def __init__(self, path: str | Path, *, key: Callable[[], str | bytes] | None = None) -> None:
        self._file = TokenFile(Path(path).expanduser(), key)

    @asynccontextmanager
    async def hold(self, identity: str) -> AsyncIterator[_FileSlot]:
        """Lock one credential against every process of the machine, and give access to its token."""
        path = self._file.path
        name = sha256(identity.encode()).hexdigest()[:16]
        # One try is a system call of microseconds; waiting is on the event loop, in between.
        lock = filelock.AsyncFileLock(f"{path}.{name}.lock", mode=0o600, thread_local=False, run_in_executor=False)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            await lock.acquire()
        except OSError as error:
            raise TokenStoreError(f"the token file {path} cannot be locked: {error.strerror}") from None
        try:
            yield _FileSlot(self._file, identity)
        finally:
            await lock.release()

    def __repr__(self) -> str:
        return f"FileTokenStore({str(self._file.path)!r})"


def _in_thread(work: Callable[[], T]) -> Awaitable[T]:
    return asyncio.get_running_loop().run_in_executor(None, work)
