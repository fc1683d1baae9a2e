"""What grants share."""

import base64

import pytest

from print_async.auth.grant import OAuthError, basic_authorization, fingerprint, rfc6749_error
from print_async.secret import Secret


def test_fingerprint_tells_credentials_apart():
    """Other parts, and parts split elsewhere, have another fingerprint; the same ones have the same, secret or not."""
    assert fingerprint("key", "ann", "1234") == fingerprint("key", Secret("ann"), Secret("1234"))
    others = [("key", "ann", "1235"), ("other", "ann", "1234"), ("key", "an", "n1234"), ("key", "1234", "ann")]
    assert len({fingerprint(*parts) for parts in [("key", "ann", "1234"), *others]}) == 5


def test_fingerprint_holds_no_secret():
    """A fingerprint is 16 hex digits, and its key is not seen in it."""
    value = fingerprint(Secret("abcdef"), Secret("1234"))
    assert len(value) == 16
    assert int(value, 16)
    assert "abcdef" not in value


@pytest.mark.parametrize(("user", "password"), [("app", "s3cret:x"), ("app", ""), ("ä", "ö")])
def test_basic_authorization(user, password):
    """The header carries `user:password` in base64, the colon also where the password is empty, and is a secret."""
    value = basic_authorization(Secret(user), Secret(password))
    scheme, _, encoded = value.reveal().partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(encoded).decode() == f"{user}:{password}"
    assert encoded not in f"{value}{value!r}"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"error": "invalid_grant", "error_description": "gone"}, OAuthError("invalid_grant", "gone")),
        ({"error": "invalid_grant"}, OAuthError("invalid_grant", None)),
        ({"error": "invalid_grant", "error_description": 7}, OAuthError("invalid_grant", None)),
        ({"error": {"code": 1}}, None),
        ({"error": None}, None),
        ({"message": "no"}, None),
        ([], None),
        ("error", None),
        (None, None),
    ],
)
def test_rfc6749_error(answer, error):
    """Only an object with an `error` that is a string is a refusal."""
    assert rfc6749_error(answer) == error
