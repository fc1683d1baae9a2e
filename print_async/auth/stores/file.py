"""Tokens in a file, for every process of one machine. Needs the extra `file-store` (filelock)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import attrs

from print_async.auth.stores.locking import locked
from print_async.auth.stores.record import Record
from print_async.auth.stores.token_file import TokenFile
from print_async.auth.token import Token
from print_async.finish import to_the_end

T = TypeVar("T")


@attrs.frozen
class _FileSlot:
    file: TokenFile
    identity: str

    async def load(self) -> Token | None:
        return (await self._read()).token

    async def save(self, token: Token) -> None:
        await self._update(lambda record: record.with_token(token))

    async def note(self, at: float | None) -> None:
        await self._update(lambda record: attrs.evolve(record, noted_at=at))

    async def noted(self) -> float | None:
        return (await self._read()).noted_at

    async def clear(self) -> None:
        await self._update(lambda _: None)

    async def _read(self) -> Record:
        return await to_the_end(_in_thread(lambda: self.file.read(self.identity, Record))) or Record()

    async def _update(self, change: Callable[[Record], Record | None]) -> None:
        def update() -> None:
            self.file.update(self.identity, Record, lambda record: change(record or Record()))

        await to_the_end(_in_thread(update))


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
        async with locked(path.with_name(f"{path.name}.{name}.lock"), f"the token file {path}"):
            yield _FileSlot(self._file, identity)

    def __repr__(self) -> str:
        return f"FileTokenStore({str(self._file.path)!r})"


def _in_thread(work: Callable[[], T]) -> Awaitable[T]:
    return asyncio.get_running_loop().run_in_executor(None, work)
