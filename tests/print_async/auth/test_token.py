"""The tolerant reading of a token endpoint's answer."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.auth.token import Token, scopes_of

ANSWER = {"access_token": "planted-access", "refresh_token": "planted-refresh", "token_type": "Bearer"}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def parse(**fields):
    """Read an answer with those fields changed."""
    return Token.parse({**ANSWER, **fields}, issued_at=5.0, generation=3)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (3600, 3600.0),
        ("3600", 3600.0),
        (3600.5, 3600.5),
        (0, 0.0),
        (None, None),
        (-1, None),
        ("-5", None),
        (float("nan"), None),
        ("NaN", None),
        (float("inf"), None),
        ("abc", None),
        ("", None),
        (True, None),
        (False, None),
        ([3600], None),
        ({"seconds": 3600}, None),
        ("1" * 400, None),
        (10**400, None),
    ],
    ids=lambda value: str(value)[:12],
)
def test_expires_in(said, seconds):
    """A lifetime is read from a number or a string of one; anything else means that it is unknown, and never fails."""
    assert parse(expires_in=said).expires_in == seconds


def test_expires_in_missing():
    """Without `expires_in` the lifetime is unknown."""
    assert parse().expires_in is None


@pytest.mark.parametrize(
    ("said", "scopes"),
    [
        ("a b", {"a", "b"}),
        (" a  b\t", {"a", "b"}),
        ("", None),
        ("  ", None),
        (None, None),
        (7, None),
        (["a"], None),
    ],
)
def test_scope(said, scopes):
    """An empty scope, as ezeep sends it, and no scope at all both mean that what was granted is unknown."""
    assert parse(scope=said).scope == scopes


@pytest.mark.parametrize("said", [None, "", 7, True, ["a"], {"value": "a"}])
def test_access_token_missing(said):
    """Without an access token that is a string of some length there is no token."""
    assert parse(access_token=said) is None
    assert Token.parse({}, issued_at=0.0, generation=1) is None


@pytest.mark.parametrize("said", [None, "", 7, ["a"]])
def test_refresh_token_nonsense(said):
    """A refresh token that is no string, or an empty one, is none."""
    assert parse(refresh_token=said).refresh_token is None


@pytest.mark.parametrize("said", [None, "", 7, "bearer"])
def test_token_type(said):
    """The type falls back to Bearer where the server does not say."""
    assert parse(token_type=said).token_type == (said if said == "bearer" else "Bearer")


def test_keeps_what_it_is_told():
    """The time of sending and the generation come from the caller, and the secrets compare as plain text."""
    token = parse()
    assert (token.issued_at, token.generation) == (5.0, 3)
    assert (token.access_token, token.refresh_token) == ("planted-access", "planted-refresh")


@given(st.fixed_dictionaries({"access_token": JSON, "expires_in": JSON, "scope": JSON, "refresh_token": JSON}))
def test_parse_never_fails(answer):
    """Whatever JSON the server sends, reading it gives a token that makes sense or none."""
    token = Token.parse(answer, issued_at=0.0, generation=1)
    if token is not None:
        assert token.access_token
        assert token.expires_in is None or 0 <= token.expires_in < float("inf")
        assert token.scope is None or token.scope


def test_no_secret_in_repr_or_pickle():
    """No way of displaying a token shows its secrets, and it refuses to be pickled."""
    token = parse()
    for shown in (repr(token), str(token), f"{token}", repr([token])):
        assert "planted" not in shown
    assert copy.copy(token) == token
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(token)


def test_scopes_of():
    """A scope string is a set of words."""
    assert scopes_of("read  write read") == {"read", "write"}
    assert scopes_of("") == frozenset()
