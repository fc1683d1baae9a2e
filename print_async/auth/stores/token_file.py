"""The file of a `FileTokenStore`: read whole, written whole, never torn, never shown to others."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import attrs
import filelock
import msgspec

from print_async.auth.stores.record import from_plain, to_plain
from print_async.disk import sync_folder
from print_async.errors import TokenStoreError
from print_async.secret import forgetting_locals

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

T = TypeVar("T", bound=attrs.AttrsInstance)

_VERSION = 1
_ENCRYPTED = b"gAAAA"
"""What every Fernet token begins with: its version, and the first bytes of a time before the year 2106."""


class _Damaged(Exception):
    """The file is not one of ours, or no longer whole."""


@attrs.frozen
class TokenFile:
    """Records by identity, in one JSON file. Its methods block; call them in a thread."""

    path: Path
    key: Callable[[], str | bytes] | None = attrs.field(repr=False)

    def read(self, identity: str, kind: type[T]) -> T | None:
        """Return the record under a name; `None` if there is none."""
        with forgetting_locals():
            return self._read(identity, kind)

    def update(self, identity: str, kind: type[T], change: Callable[[T | None], T | None]) -> None:
        """Change the record under a name; `None` is for none, before and after."""
        with forgetting_locals():
            self._update(identity, kind, change)

    def _read(self, identity: str, kind: type[T]) -> T | None:
        try:
            records = self._records()
        except _Damaged:
            with self._lock():  # only under it is what we rename what we have read
                records = self._records_or_set_aside()
        return _read(records, identity, kind)

    def _update(self, identity: str, kind: type[T], change: Callable[[T | None], T | None]) -> None:
        # Other records in the file have other holders: between reading and renaming, none of them may write.
        with self._lock():
            records = dict(self._records_or_set_aside())
            record = change(_read(records, identity, kind))
            if record is None:
                records.pop(identity, None)
            else:
                records[identity] = to_plain(record)
            self._write(msgspec.json.encode({"version": _VERSION, "credentials": records}))

    @contextmanager
    def _lock(self) -> Iterator[None]:
        lock = filelock.FileLock(f"{self.path}.lock", mode=0o600)
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock.acquire()
        except OSError as error:
            raise TokenStoreError(f"the token file {self.path} cannot be locked: {error.strerror}") from None
        try:
            yield
        finally:
            lock.release()

    def _records_or_set_aside(self) -> Mapping[str, object]:
        try:
            return self._records()
        except _Damaged:
            raise self._set_aside() from None

    def _records(self) -> Mapping[str, object]:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise TokenStoreError(f"the token file {self.path} cannot be read: {error.strerror}") from None
        return self._parsed(content)

    def _parsed(self, content: bytes) -> Mapping[str, object]:
        try:
            plain = msgspec.json.decode(self._opened(content), type=dict[str, object])
            records = plain["credentials"]
            if plain["version"] != _VERSION or not isinstance(records, dict):
                raise KeyError
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError):
            raise _Damaged from None
        return records

    def _set_aside(self) -> TokenStoreError:
        aside = self.path.with_name(f"{self.path.name}.damaged-{time.time_ns()}")
        self.path.rename(aside)
        return TokenStoreError(
            f"the token file {self.path} is damaged. It was set aside as {aside}, and nothing was written over it. "
            "Sign in again, or put back a good copy"
        )

    def _write(self, content: bytes) -> None:
        try:
            for remains in self.path.parent.glob(f".{self.path.name}.*"):
                remains.unlink()  # of a process that was killed while it wrote; we hold the lock
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
            try:
                with os.fdopen(handle, "wb") as file:  # 0600, which mkstemp promises
                    file.write(self._sealed(content))
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(self.path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            sync_folder(self.path.parent)
        except OSError as error:
            raise TokenStoreError(f"the token file {self.path} cannot be written: {error.strerror}") from None

    def _sealed(self, content: bytes) -> bytes:
        if self.key is None:
            return content
        return self._fernet(self.key).encrypt(content)

    def _fernet(self, key: Callable[[], str | bytes]) -> "Fernet":
        from cryptography.fernet import Fernet

        try:
            return Fernet(key())
        except ValueError:
            raise TokenStoreError(
                f"the key for the token file {self.path} is no Fernet key. Nothing was changed"
            ) from None

    def _opened(self, content: bytes) -> bytes:
        if self.key is None:
            if content.startswith(_ENCRYPTED):
                raise TokenStoreError(f"the token file {self.path} is encrypted. Nothing was changed. Give its key")
            return content
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet(self.key).decrypt(content)
        except InvalidToken:
            raise TokenStoreError(
                f"the token file {self.path} cannot be decrypted with this key, or is damaged. Nothing was changed. "
                "Give the key it was written with, or move the file away and sign in again"
            ) from None


def _read(records: Mapping[str, object], identity: str, kind: type[T]) -> T | None:
    return from_plain(records[identity], kind) if identity in records else None
