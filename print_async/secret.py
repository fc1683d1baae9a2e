"""A string that no repr, log, pickle or traceback shows."""

import json
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn, Self, SupportsIndex
from urllib.parse import quote, quote_plus

import attrs

_MASK = "***"


class Secret(str):
    """A token, password, PIN, card number or client secret.

    To everything that takes it for a string it is `***`: `repr`, `str`, `format`, `+`, `join`, JSON, a log record, a
    traceback with its locals. It compares and hashes as the plain text does, and is false where that is empty. Pickling
    raises `TypeError`, for a store that wrote the mask would lose the credential. `reveal` gives the plain text, at the
    one place that needs it.
    """

    __slots__ = ("_text",)
    _text: str

    def __new__(cls, text: str) -> Self:
        """Wrap a text; a `Secret` stays what it is."""
        if isinstance(text, cls):
            return text
        secret = super().__new__(cls, _MASK)
        secret._text = text
        return secret

    def reveal(self) -> str:
        """Return the plain text. Keep it out of local variables: a traceback with locals would show it."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({_MASK!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self._text == reveal(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a Secret is not pickled: call reveal() and protect what you write")


def reveal(text: str) -> str:
    """Return the plain text of a `Secret`, and any other string as it is."""
    return text.reveal() if isinstance(text, Secret) else text


def redact(text: str, secrets: Iterable[str]) -> str:
    """Mask the secrets, as they are or percent- or JSON-encoded, in a text that a server may have quoted them in."""
    # The longest first, or one secret that is part of another would leave the rest of it behind.
    spellings = {spelling for secret in secrets if secret for spelling in _spellings(reveal(secret))}
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, _MASK)
    return text


def secrets_in(value: object) -> Iterator[Secret]:
    """Yield every `Secret` in a model, or in plain data with models in it, at any depth."""
    if isinstance(value, Secret):
        yield value
    elif attrs.has(kind := type(value)):
        value = [getattr(value, field.name) for field in attrs.fields(kind)]
    elif isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            yield from secrets_in(each)


def redact_bytes(text: bytes, secret: str) -> bytes:
    """Mask a secret in bytes."""
    return text.replace(reveal(secret).encode(), _MASK.encode())


@contextmanager
def forgetting_locals() -> Iterator[None]:
    """Empty the frames that an error leaves behind on its way out of the block, and those of what led to it.

    For work on the plain text of secrets, whose local variables a traceback with locals would show. The traceback
    itself stays.
    """
    try:
        yield
    except BaseException as error:
        _forget_locals(error)
        raise


def _forget_locals(*errors: BaseException | None) -> None:
    seen, todo = set[int](), list(errors)
    while todo:
        error = todo.pop()
        if error is not None and id(error) not in seen:
            seen.add(id(error))
            traceback.clear_frames(error.__traceback__)
            todo += [error.__cause__, error.__context__]


def refuse_pickling(value: object) -> NoReturn:
    """Raise the `TypeError` of a class whose instances may hold a secret."""
    raise TypeError(
        f"a {type(value).__name__} is not pickled, because it may hold a secret: pickle what you need of it"
    )


def _spellings(secret: str) -> tuple[str, ...]:
    return secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]
