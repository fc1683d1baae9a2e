"""Records on their way to a store and back."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.auth.stores.record import Record, from_plain, to_plain
from print_async.auth.token import Token
from print_async.errors import TokenStoreError
from print_async.secret import Secret

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
TIMES = st.floats(allow_nan=False, allow_infinity=False)
TOKENS = st.builds(
    Token,
    access_token=st.builds(Secret, TEXTS),
    issued_at=TIMES,
    expires_in=st.none() | TIMES,
    scope=st.none() | st.frozensets(TEXTS),
    refresh_token=st.none() | st.builds(Secret, TEXTS),
    token_type=TEXTS,
    generation=st.integers(0, 2**63 - 1),
)
RECORDS = st.builds(Record, token=st.none() | TOKENS, noted_at=st.none() | TIMES)


@given(RECORDS)
def test_round_trip(record):
    """Every record comes back from JSON as it was, its secrets as secrets."""
    back = from_plain(msgspec.json.decode(msgspec.json.encode(to_plain(record))), Record)

    assert back == record
    if back.token is not None:
        assert type(back.token.access_token) is Secret
        assert type(back.token.refresh_token) is type(record.token.refresh_token)


@given(RECORDS)
def test_repr_shows_no_secret(record):
    """The repr of a record is that of one with no secrets in it."""
    assert "Secret('***')" in repr(record) or record.token is None


@given(RECORDS, TOKENS)
def test_only_a_newer_token_replaces(record, token):
    """The newer of two tokens stays, the one that was there if they are of one generation, and the note is dropped."""
    after = record.with_token(token)

    newer = record.token is None or token.generation > record.token.generation
    assert after == Record(token if newer else record.token)


@pytest.mark.parametrize(
    "plain",
    [
        None,
        [],
        "record",
        {"token": {}},
        {"token": "planted-secret"},
        {"token": {"access_token": 1, "issued_at": 1}},
        {"token": {"access_token": "planted-secret"}},
        {"token": {"access_token": "planted-secret", "issued_at": "planted-secret"}},
        {"token": {"access_token": "a", "issued_at": 1, "generation": 1.5}},
        {"noted_at": "planted-secret"},
    ],
)
def test_what_is_no_record(plain):
    """Anything of another shape is a `TokenStoreError`, which shows nothing of it."""
    with pytest.raises(TokenStoreError, match="no record of ours") as caught:
        from_plain(plain, Record)

    assert "planted" not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_unknown_fields_are_no_error():
    """A record that a later version has written can be read."""
    plain = {"token": {"access_token": "a", "issued_at": 1, "later": 1}, "noted_at": None, "later": 2}

    assert from_plain(plain, Record) == Record(Token(Secret("a"), issued_at=1.0))
