"""Tokens in the operating system's keychain, for every process of one user. Needs the extra `keyring`.

A keychain holds texts by name. It may take none longer than 1280 characters (Windows), may replace one by deleting it
first (macOS), and cannot list what it holds. So a record is kept in parts, and as one of two copies, `a` and `b`:

- the new copy is written where the old one is not, its head last, and read back;
- of two heads the one with the higher number counts, so whoever dies when, one whole copy is there;
- then the old copy is deleted. What a dead writer left has names that the next one knows, and deletes.
"""

import zlib
from asyncio import get_running_loop
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import attrs
import msgspec

from print_async.auth.stores.locking import locked
from print_async.auth.stores.record import Record, from_plain, to_plain
from print_async.auth.token import Token
from print_async.errors import TokenStoreError
from print_async.finish import to_the_end
from print_async.secret import forgetting_locals

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

_VERSION = "1"
_OTHER = {"a": "b", "b": "a"}
_PART = 1150
"""Characters of a record in one entry: with what a head says, fewer than the 1280 that Windows takes."""


@attrs.frozen
class _Head:
    """What the first entry of a copy says."""

    copy: str
    number: int
    parts: int
    digest: str
    text: str = attrs.field(repr=False)


@attrs.frozen
class _Entries:
    """The entries of one credential. Its methods block, and want to be alone in the keychain."""

    backend: "KeyringBackend"
    service: str
    name: str

    def read(self) -> Record:
        head = self._head()
        return Record() if head is None else self._record(head)

    def update(self, change: Callable[[Record], Record]) -> None:
        old = self._head()
        before = Record() if old is None else self._record(old)
        record = change(before)
        if record == before:
            return
        new = _head_of(record, "a", 1) if old is None else _head_of(record, _OTHER[old.copy], old.number + 1)
        try:
            self._write(new)
            if not self._kept(record):
                raise TokenStoreError("the keychain did not keep what was written. The old token is still there")
        except Exception:
            with suppress(Exception):
                self._remove(new.copy)
            raise
        with suppress(Exception):  # the new copy counts already, and the next write deletes what is left of this
            self._remove(_OTHER[new.copy])

    def clear(self) -> None:
        with suppress(TokenStoreError):  # what is damaged can be forgotten
            if (head := self._head()) is not None:
                self._remove(_OTHER[head.copy])  # first, for it must not count again
        for copy in _OTHER:
            self._remove(copy)

    def _kept(self, record: Record) -> bool:
        with suppress(TokenStoreError):
            return self.read() == record
        return False

    def _head(self) -> _Head | None:
        found = [(copy, self._get(copy, 0)) for copy in _OTHER]
        heads = [self._parsed(copy, text) for copy, text in found if text is not None]
        return max(heads, key=lambda head: head.number, default=None)

    def _parsed(self, copy: str, text: str) -> _Head:
        try:
            version, number, parts, digest, rest = text.split(":", 4)
            if version == _VERSION:
                return _Head(copy, int(number), int(parts), digest, rest)
        except ValueError:
            pass
        raise self._damaged()

    def _record(self, head: _Head) -> Record:
        parts = [head.text]
        for index in range(1, head.parts):
            if (part := self._get(head.copy, index)) is None:
                raise self._damaged()
            parts.append(part)
        text = "".join(parts).encode()
        if sha256(text).hexdigest() != head.digest:
            raise self._damaged()
        return from_plain(msgspec.json.decode(zlib.decompress(b64decode(text))), Record)

    def _write(self, head: _Head) -> None:
        with suppress(Exception):  # where nothing can be deleted it is written over
            self._remove(head.copy)
        for index in range(1, head.parts):
            self._set(head.copy, index, head.text[index * _PART : (index + 1) * _PART])
        meta = f"{_VERSION}:{head.number}:{head.parts}:{head.digest}"
        self._set(head.copy, 0, f"{meta}:{head.text[:_PART]}")

    def _remove(self, copy: str) -> None:
        if self._get(copy, 0) is not None:
            self._delete(copy, 0)
        end = 1
        while self._get(copy, end) is not None:
            end += 1
        for index in reversed(range(1, end)):  # so that whoever goes on finds what is left from the first one on
            self._delete(copy, index)

    def _get(self, copy: str, index: int) -> str | None:
        return self.backend.get_password(self.service, f"{self.name}.{copy}.{index}")

    def _set(self, copy: str, index: int, text: str) -> None:
        self.backend.set_password(self.service, f"{self.name}.{copy}.{index}", text)

    def _delete(self, copy: str, index: int) -> None:
        self.backend.delete_password(self.service, f"{self.name}.{copy}.{index}")

    def _damaged(self) -> TokenStoreError:
        return TokenStoreError(
            f"what the keychain holds as {self.name} of {self.service} is damaged. Nothing was changed. "
            "Delete it there, or clear the store's slot, and sign in again"
        )


@attrs.frozen
class _KeyringSlot:
    backend: "KeyringBackend | None"
    service: str
    name: str
    folder: Path
    executor: Executor = attrs.field(repr=False)

    async def load(self) -> Token | None:
        return (await self._run(_Entries.read)).token

    async def save(self, token: Token) -> None:
        await self._run(lambda entries: entries.update(lambda record: record.with_token(token)))

    async def note(self, at: float | None) -> None:
        await self._run(lambda entries: entries.update(lambda record: attrs.evolve(record, noted_at=at)))

    async def noted(self) -> float | None:
        return (await self._run(_Entries.read)).noted_at

    async def clear(self) -> None:
        await self._run(_Entries.clear, "Some of the token may be left. ")

    async def _run(self, work: Callable[[_Entries], T], state: str = "Nothing was changed. ") -> T:
        def run() -> T:
            try:
                with forgetting_locals():
                    return work(_Entries(_chosen() if self.backend is None else self.backend, self.service, self.name))
            except TokenStoreError:
                raise
            except Exception as error:  # noqa: BLE001 - backends let through what their systems raise
                explanation = _explanation(error, state)
            raise TokenStoreError(explanation)

        # Windows' backend moves one entry to write another, and others keep all of them in one file.
        async with locked(self.folder / "keychain.lock", "the keychain"):
            return await to_the_end(get_running_loop().run_in_executor(self.executor, run))


class KeyringTokenStore:
    """Keeps tokens in the keychain of the user who is signed in, and shares them between all processes of that user.

    That is Keychain on macOS, the Credential Manager on Windows, the Secret Service or KWallet on Linux. A keychain may
    show a dialog; only the one who waits for the token waits for that. Where there is none, as on most servers, each
    use is a `TokenStoreError`: a file that keeps texts as they are is not taken for a keychain.

    Args:
        service: What the entries are filed under; not empty.
        lock_folder: Where the lock files are: the same folder for every process that shares a token, on a local disk.
            By default one in the user's folder for state (`platformdirs`). If it has to be made, it is 0700.
        backend: The backend of `keyring` to use. By default the one that `keyring` chooses for this machine, if its
            priority is what `keyring` recommends, 1 or more.

    Raises:
        ValueError: The service is empty.
        ImportError: The extra `keyring` is not installed.
    """

    def __init__(
        self,
        service: str = "print-async",
        *,
        lock_folder: str | Path | None = None,
        backend: "KeyringBackend | None" = None,
    ) -> None:
        self._service = service
        if not service:
            raise ValueError("the service is a name, and not empty")
        _require_extra()
        self._folder = _default_folder() if lock_folder is None else Path(lock_folder).expanduser()
        self._backend = backend

    @asynccontextmanager
    async def hold(self, identity: str) -> AsyncIterator[_KeyringSlot]:
        """Lock one credential against every process of the user, and give access to its token."""
        name = sha256(identity.encode()).hexdigest()[:32]
        async with locked(self._folder / f"{name}.lock", "the keychain"):
            # A thread of its own: a dialog may stay open for long, and the loop's are wanted for looking up hosts.
            executor = ThreadPoolExecutor(1, "keychain")
            try:
                yield _KeyringSlot(self._backend, self._service, name, self._folder, executor)
            finally:
                executor.shutdown(wait=False)

    def __repr__(self) -> str:
        return f"KeyringTokenStore({self._service!r})"


def _require_extra() -> None:
    try:
        for name in ("filelock", "keyring", "platformdirs"):
            import_module(name)
    except ModuleNotFoundError as error:
        raise ImportError("KeyringTokenStore needs an extra: install print-async[keyring]") from error


def _default_folder() -> Path:
    import platformdirs

    return platformdirs.user_state_path("print-async", appauthor=False) / "locks"


def _head_of(record: Record, copy: str, number: int) -> _Head:
    # Base64 has nothing that a keychain might take amiss; compressed before, a token is no longer for it.
    text = b64encode(zlib.compress(msgspec.json.encode(to_plain(record)))).decode()
    return _Head(copy, number, -(-len(text) // _PART), sha256(text.encode()).hexdigest(), text)


def _chosen() -> "KeyringBackend":
    import keyring
    from keyring.backends.chainer import ChainerBackend
    from keyring.errors import NoKeyringError

    backend = keyring.get_keyring()
    chained = backend.backends if isinstance(backend, ChainerBackend) else [backend]
    if all(each.priority < 1 for each in chained):
        raise NoKeyringError
    return backend


def _explanation(error: Exception, state: str) -> str:
    from keyring.errors import InitError, KeyringLocked, NoKeyringError

    kind = type(error).__name__  # and no more, for who knows what a backend puts into a text
    match error:
        case KeyringLocked():
            return f"the keychain is locked ({kind}). {state}Unlock it, and try again"
        case NoKeyringError() | InitError():
            return f"there is no keychain for this process ({kind}). {state}On a server, use FileTokenStore with a key"
        case _:
            return f"the keychain could not be used ({kind}). {state}Try again, or use FileTokenStore with a key"
