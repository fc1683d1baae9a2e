"""Retry-After in its forms, and the id of an exchange."""

import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.headers import request_id, retry_after
from print_async.testing import VirtualClock
from print_async.wire import Headers

NOW = 1_750_000_000
CLOCK = VirtualClock(time=NOW)


def http_date(seconds: float) -> str:
    """Write the date that many seconds from now."""
    return formatdate(NOW + seconds, usegmt=True)


def asked(value: str, **others: str) -> float | None:
    """Read a Retry-After."""
    return retry_after(Headers([("retry-after", value), *others.items()]), CLOCK)


@pytest.mark.parametrize(("value", "seconds"), [("0", 0), ("120", 120), (" 7 ", 7), ("007", 7)])
def test_seconds(value, seconds):
    """Digits are seconds."""
    assert asked(value) == seconds


@given(st.integers(-100_000, 10_000_000))
def test_date(seconds):
    """A date counts from our clock, and one in the past means now."""
    assert asked(http_date(seconds)) == max(0, seconds)


@given(st.integers(-100_000, 100_000), st.integers(0, 10_000))
def test_date_by_the_servers_clock(skew, seconds):
    """Where the server sent its own Date, its Retry-After counts from that, however wrong both are."""
    assert asked(http_date(skew + seconds), Date=http_date(skew)) == seconds


def test_garbled_date_of_the_server():
    """A Date that cannot be read is as good as none."""
    assert asked(http_date(60), Date="yesterday") == 60


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5", "1e3", "٣", "²", "0x10", "Mon", "31 Feb 2030 99:99:99 GMT"])
def test_garbled(value):
    """What is neither seconds nor a date asks for nothing."""
    assert asked(value) is None


def test_missing():
    """Without the header nothing is asked for."""
    assert retry_after(Headers(), CLOCK) is None


@pytest.mark.parametrize(
    "value", ["Sun, 06 Nov 2033 08:49:37 GMT", "Sunday, 06-Nov-33 08:49:37 GMT", "Sun Nov  6 08:49:37 2033"]
)
def test_every_form_of_date(value, monkeypatch):
    """All three forms of RFC 9110 section 5.6.7 mean the same moment, wherever this machine stands."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert asked(value) == 2_014_879_777 - NOW
    finally:
        monkeypatch.undo()
        time.tzset()


PIECES = st.sampled_from(
    ["Mon", "Jan", "6", "1", "2030", "0001", "99999999999", "00:00:00", "GMT", "-0000", "+9999", *",-:.()"]
)


@given(st.text() | st.lists(PIECES).map(" ".join) | st.from_regex(r"[0-9]{1,400}", fullmatch=True))
def test_any_text(value):
    """Whatever a server sends, the answer is nothing or a number of seconds that can be waited."""
    seconds = asked(value)

    assert seconds is None or 0 <= seconds < float("inf")


@pytest.mark.parametrize("value", ["Jan 99999999999 6 00:00:00", "9" * 400])
def test_monstrous(value):
    """A number that no clock holds does not break the reading."""
    assert (asked(value) or 0) < float("inf")


@pytest.mark.parametrize("name", ["X-Request-Id", "x-correlation-id", "REQUEST-ID"])
def test_request_id(name):
    """The id of an exchange is found under any of its names."""
    assert request_id(Headers([("Server", "x"), (name, "abc")])) == "abc"
    assert request_id(Headers()) is None
