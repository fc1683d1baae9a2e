"""HTTP Basic (RFC 7617), from the side that checks it."""

import binascii
import hmac
from base64 import b64decode
from hashlib import sha256

import attrs

from print_async.secret import Secret, reveal
from print_async.validators import not_empty


def _no_colon(_: object, field: "attrs.Attribute[str]", value: str) -> None:
    if ":" in value:
        raise ValueError(f"{field.name} must not have a colon in it: HTTP Basic cannot carry one (RFC 7617, section 2)")


@attrs.frozen
class BasicCredentials:
    """User name and password that a caller must send with every request.

    They are compared as UTF-8, in a time that does not depend on how much of either is right.

    Raises:
        ValueError: One is empty, or the user name has a colon in it.
    """

    username: str = attrs.field(validator=[not_empty, _no_colon])
    password: Secret = attrs.field(converter=Secret, validator=not_empty)

    def allow(self, header: str | None) -> bool:
        """Tell whether an `Authorization` header carries these credentials. Nothing malformed raises; it is refused."""
        username, password, well_formed = _read(header or "")
        # Not `and`: that would tell by its speed whether the user name is right.
        return _same(username, self.username) & _same(password, self.password) & well_formed


def _read(header: str) -> tuple[str, str, bool]:
    scheme, _, encoded = header.partition(" ")
    try:
        username, colon, password = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", "", False
    return username, password, bool(colon) and scheme.lower() == "basic"


def _same(given: str, expected: str) -> bool:
    # Of digests, which are all of one length: compare_digest is quicker where lengths differ.
    return hmac.compare_digest(_digest(given), _digest(expected))


def _digest(text: str) -> bytes:
    return sha256(reveal(text).encode()).digest()
