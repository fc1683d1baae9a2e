"""What is the pyreqwest transport's alone: which URLs it takes without a second look."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyreqwest.http import Url

from print_async.transports._common import target_of
from print_async.transports._pyreqwest_request import _PLAIN, wrong
from print_async.wire import Request

PARTS = st.text("aZ0.-_~%2eE/?=&+,:;@'#\\", max_size=12)


def sent(url):
    """Return what pyreqwest would ask for."""
    read = Url(url)
    return read.path if read.query_string is None else f"{read.path}?{read.query_string}"


@given(st.from_regex(_PLAIN, fullmatch=True))
def test_plain_urls_go_out_as_they_are(url):
    """What is not looked at twice is what pyreqwest sends, byte for byte; or it does not take it at all."""
    try:
        target = sent(url)
    except ValueError:
        return
    assert target == target_of(url)


@given(st.sampled_from(["http://h", "https://print.acme.com:8443", "http://127.0.0.1:5"]), PARTS, PARTS)
def test_other_urls_are_looked_at(base, path, query):
    """Whatever would go out changed is refused, plain to look at or not."""
    url = f"{base}/{path}?{query}"
    assert (wrong(Request("GET", url)) is None) == (sent(url) == target_of(url))


@pytest.mark.parametrize(
    "url",
    [
        "http://h",
        "http://h/a/../b",
        "http://h/.a",
        "http://h/%2e",
        "http://u@h/",
        "http://h:99999/",
        "http://1.2/",
        "http://h/a'b",
        "http://h/a b",
        "http://h/\u00e9",
    ],
)
def test_what_is_not_plain(url):
    """URLs that a parser may read in another way are not taken for plain ones."""
    assert re.fullmatch(_PLAIN, url) is None
