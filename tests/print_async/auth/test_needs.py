"""What an operation needs of a token."""

import pytest

from print_async.auth.needs import Needs
from print_async.auth.token import TokenKind
from print_async.errors import InsufficientScope, WrongTokenKind

NEEDS = Needs("POST /users", frozenset({"users", "write"}), frozenset({TokenKind.CLIENT}))


@pytest.mark.parametrize(
    ("kind", "scope"),
    [
        (TokenKind.CLIENT, {"users", "write", "more"}),
        (None, {"users", "write"}),
        (TokenKind.CLIENT, None),
        (None, None),
    ],
)
def test_enough_or_unknown(kind, scope):
    """A token that is known to do, or of which nothing is known, passes."""
    NEEDS.check(kind, None if scope is None else frozenset(scope))


def test_missing_scope_is_named():
    """The error names the operation and just the scopes that are missing."""
    with pytest.raises(InsufficientScope, match="POST /users needs the scope 'write'") as caught:
        NEEDS.check(TokenKind.CLIENT, frozenset({"users"}))
    assert caught.value.missing == {"write"}


def test_wrong_kind_is_named():
    """The error says which kind is needed and which is there."""
    with pytest.raises(WrongTokenKind, match="needs a client token, and this grant gives a user token"):
        NEEDS.check(TokenKind.USER, None)


def test_no_demands():
    """An operation without demands takes any token."""
    Needs("GET /").check(TokenKind.USER, frozenset())
