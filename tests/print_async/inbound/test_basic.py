"""HTTP Basic, checked."""

import base64
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.inbound import BasicCredentials

GOOD = BasicCredentials("myq", "s3cret:pässword")


def header(text: str, scheme: str = "Basic", encoding: str = "utf-8") -> str:
    """Return an Authorization header with that text encoded."""
    return f"{scheme} {base64.b64encode(text.encode(encoding)).decode()}"


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_the_right_credentials(scheme):
    """User name and password are taken, with colons in the password, and the scheme in any case (RFC 7617)."""
    assert GOOD.allow(header("myq:s3cret:pässword", scheme))


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic ÄÖÜ",
        header("myq:s3cret:pässword", "Bearer"),
        header("myq:s3cret:pässword", encoding="latin-1"),
        header("myq"),
        header(""),
        header(":"),
        header("myq:"),
        header(":s3cret:pässword"),
        header("MYQ:s3cret:pässword"),
        header("myq:s3cret:pässword "),
        header("myq:s3cret:passwort"),
        header("myq:***"),
        "myq:s3cret:pässword",
    ],
)
def test_wrong_credentials(wrong):
    """All else is refused, however malformed, without an error."""
    assert not GOOD.allow(wrong)


@given(st.text())
def test_no_header_raises(text):
    """Whatever stands in the header, it is refused and nothing is raised."""
    assert not GOOD.allow(text)
    assert not GOOD.allow(f"Basic {text}")


@given(
    st.text(st.characters(exclude_characters=":", codec="utf-8"), min_size=1),
    st.text(st.characters(codec="utf-8"), min_size=1),
)
def test_any_credentials(username, password):
    """What may be configured can be sent, and nothing else passes for it."""
    credentials = BasicCredentials(username, password)

    assert credentials.allow(header(f"{username}:{password}"))
    assert not credentials.allow(header(f"{username}:{password}x"))
    assert not credentials.allow(header(f"x{username}:{password}"))


@pytest.mark.parametrize("given", [None, "Basic !!!", header("x:y"), header("myq:y"), header("myq:s3cret:pässword")])
def test_both_are_always_compared(given, monkeypatch):
    """Right or wrong, user name and password are both compared, by digests of one length in constant time."""
    compared = []
    genuine = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda *pair: compared.append(pair) or genuine(*pair))

    GOOD.allow(given)

    assert [tuple(map(len, pair)) for pair in compared] == [(32, 32), (32, 32)]


@pytest.mark.parametrize(("username", "password"), [("", "x"), ("x", ""), ("a:b", "x")])
def test_credentials_that_cannot_be(username, password):
    """Empty credentials, which would be an open door, and a colon in the user name are refused at once."""
    with pytest.raises(ValueError, match="must not"):
        BasicCredentials(username, password)


def test_the_password_is_not_shown():
    """The credentials can be printed."""
    assert "s3cret" not in repr(GOOD)
    assert GOOD.password.reveal() == "s3cret:pässword"
