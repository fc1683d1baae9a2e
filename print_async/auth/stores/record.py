"""What a store keeps of one credential, and how it is written: one JSON object."""

from typing import TypeVar

import attrs
import msgspec

from print_async.auth.token import Token
from print_async.errors import TokenStoreError
from print_async.secret import Secret, reveal

T = TypeVar("T")


@attrs.frozen
class Record:
    """A token, and the note that it is being spent."""

    token: Token | None = None
    noted_at: float | None = None

    def with_token(self, token: Token) -> "Record":
        """Return the record to write for a token, without a note; what is there stays, unless the token is newer."""
        there = self.token
        return Record(there if there is not None and there.generation >= token.generation else token)


def to_plain(record: attrs.AttrsInstance) -> dict[str, object]:
    """Return a record as plain data, its secrets revealed: for writing where only their owner can read."""
    return attrs.asdict(record, value_serializer=lambda _, __, value: _plain(value))


def from_plain(plain: object, kind: type[T]) -> T:
    """Read a record from plain data.

    Raises:
        TokenStoreError: It is none of that kind.
    """
    try:
        return msgspec.convert(plain, kind, dec_hook=_secret)
    except msgspec.ValidationError:
        raise TokenStoreError("what the store holds is no record of ours") from None


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    return reveal(value) if isinstance(value, str) else value


def _secret(kind: type[object], value: object) -> object:
    if kind is not Secret or not isinstance(value, str):
        raise TypeError("not a secret")
    return Secret(value)
