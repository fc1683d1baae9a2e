"""What a store keeps of one credential, and how it is written: one JSON object."""

import attrs
import msgspec

from print_async.auth.token import Token
from print_async.errors import TokenStoreError
from print_async.secret import Secret, reveal


@attrs.frozen
class Record:
    """A token, and the note that it is being spent."""

    token: Token | None = None
    noted_at: float | None = None

    def with_token(self, token: Token) -> "Record":
        """Return the record to write for a token, without a note; what is there stays, unless the token is newer."""
        there = self.token
        return Record(there if there is not None and there.generation >= token.generation else token)


def to_plain(record: Record) -> dict[str, object]:
    """Return a record as plain data, its secrets revealed: for writing where only their owner can read."""
    token = record.token
    return {"noted_at": record.noted_at, "token": None if token is None else _token_to_plain(token)}


def from_plain(plain: object) -> Record:
    """Read a record from plain data.

    Raises:
        TokenStoreError: It is none.
    """
    try:
        return msgspec.convert(plain, Record, dec_hook=_secret)
    except msgspec.ValidationError:
        raise TokenStoreError("what the store holds is no token of ours") from None


def _token_to_plain(token: Token) -> dict[str, object]:
    plain = attrs.asdict(token, recurse=False)
    return {name: _plain(value) for name, value in plain.items()}


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    return reveal(value) if isinstance(value, str) else value


def _secret(kind: type[object], value: object) -> object:
    if kind is not Secret or not isinstance(value, str):
        raise TypeError("not a secret")
    return Secret(value)
