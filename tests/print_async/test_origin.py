"""Origins, and which base URLs are taken."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.origin import Origin, base_url


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://print.example/a?b#c", Origin("https", "print.example", 443)),
        ("HTTPS://Print.EXAMPLE:443", Origin("https", "print.example", 443)),
        ("https://print.example:8443/", Origin("https", "print.example", 8443)),
        ("http://127.0.0.1:80", Origin("http", "127.0.0.1", 80)),
        ("https://[2001:DB8::1]:444/x", Origin("https", "2001:db8::1", 444)),
    ],
)
def test_of(url, origin):
    """Scheme, host and port decide, in any case, and the default port may be left out."""
    assert Origin.of(url) == origin
    assert Origin.of(str(origin)) == origin


@pytest.mark.parametrize(
    "url",
    ["", "/v1/users", "//print.example", "ftp://print.example", "https://", "https:///users", "https:print.example",
     "https://print.example:x", "https://print.example:99999", "https://[::1", "javascript:alert(1)"],
)  # fmt: skip
def test_not_absolute(url):
    """What is no absolute http or https URL has no origin."""
    with pytest.raises(ValueError):  # noqa: PT011 - the text is the URL library's in part
        Origin.of(url)


@pytest.mark.parametrize("url", ["https://ann@print.example/", "https://ann:hunter2@print.example/?pin=hunter2"])
def test_userinfo(url):
    """A URL that names a user is refused, and the error does not repeat it."""
    with pytest.raises(ValueError, match="user name") as refused:
        Origin.of(url)

    assert "hunter2" not in str(refused.value)


def test_errors_hide_the_query():
    """The message about a bad URL shows neither its query nor a user in it."""
    with pytest.raises(ValueError, match=r"print\.example") as refused:
        Origin.of("ftp://ann:hunter2@print.example/?pin=hunter2")

    assert "hunter2" not in str(refused.value)


def test_port_zero_is_no_default():
    """Port 0 is not the default port: no credential is bound to it."""
    try:
        found = Origin.of("https://print.example:0/")
    except ValueError:
        return
    assert found != Origin.of("https://print.example/")


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://localhost:8080", True),
        ("http://127.0.0.1", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:1", True),
        ("http://print.example", False),
        ("http://localhost.example", False),
        ("http://127.0.0.1.example", False),
        ("http://10.0.0.1", False),
        ("http://0.0.0.0", False),
        ("http://[fe80::1]", False),
    ],
)
def test_plain_http_only_at_home(url, loopback):
    """Plain http is a base URL on this machine only."""
    assert Origin.of(url).is_loopback is loopback
    if loopback:
        assert base_url(url) == url
    else:
        with pytest.raises(ValueError, match="in the clear"):
            base_url(url)


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://print.example", "https://print.example"),
        ("https://print.example/", "https://print.example"),
        ("https://print.example:443/api/", "https://print.example:443/api"),
        ("https://[::1]:8443/a/b//", "https://[::1]:8443/a/b"),
    ],
)
def test_base_url(url, base):
    """A base URL loses its trailing slashes and nothing else."""
    assert base_url(url) == base


@pytest.mark.parametrize("end", ["?x=1", "#x", "/..", "/./a", "/a/../b", "?", "#", "/?", "/a/#"])
def test_more_than_a_base(end):
    """A query, a fragment, also an empty one, or a dot segment is no part of a base URL."""
    with pytest.raises(ValueError, match="and no more"):
        base_url("https://print.example" + end)


@pytest.mark.parametrize("url", ["https://print.example\n", "https://print.example/ ", " https://print.example",
                                 "https://pri\tnt.example", "https://print.example/a\r\nb"])  # fmt: skip
def test_white_space(url):
    """White space around or in a base URL, as an environment variable may have, is refused or gone."""
    try:
        found = base_url(url)
    except ValueError:
        return
    assert found.split() == [found]


@given(
    st.sampled_from(["https://", "HTTPS://", "http://", "https:", ""]),
    st.sampled_from(["print.example", "[::1]", "localhost", "ann@print.example", "print.example:8443", ""]),
    st.text(st.sampled_from("/.:?#@a%2e\\ ;[]\n"), max_size=12),
)
def test_what_is_taken_can_be_added_to(scheme, host, rest):
    """Whatever is taken as a base URL, a path added to it is a path on the same origin."""
    try:
        base = base_url(scheme + host + rest)
    except ValueError:
        return
    longer = urlsplit(base + "/v1/users")

    assert Origin.of(base + "/v1/users") == Origin.of(base)
    assert longer.path == urlsplit(base).path + "/v1/users"
    assert not longer.query
    assert not longer.fragment
