"""A next link is followed on the list's own address, or not at all."""

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from print_async.errors import CrossOriginLink
from print_async.links import same_list
from print_async.origin import Origin

BASE, PATH = "https://print.example/api", "/v1/users/"
HOME = "https://print.example/api/v1/users/"


@pytest.mark.parametrize(
    ("link", "query"),
    [
        ("?offset=20", "?offset=20"),
        ("?offset=20&q=a%2Fb%26c", "?offset=20&q=a%2Fb%26c"),
        (HOME + "?offset=20", "?offset=20"),
        ("https://PRINT.example:443/api/v1/users/?offset=20", "?offset=20"),
        ("http://print.example/api/v1/users/?offset=20", "?offset=20"),
        ("http://print.example:443/api/v1/users/?offset=20", "?offset=20"),
        ("/api/v1/users/?offset=20", "?offset=20"),
        ("//print.example/api/v1/users/?offset=20", "?offset=20"),
        ("?next=https://evil.example/../@x:1", "?next=https://evil.example/../@x:1"),
        (HOME, ""),
        (HOME + "?", ""),
    ],
)
def test_followed(link, query):
    """A link to the list itself is followed by its query; also over plain http, as ezeep writes it."""
    assert same_list(link, base=BASE, path=PATH) == query


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/api/v1/users/?offset=20",
        "http://evil.example/api/v1/users/?offset=20",
        "//evil.example/api/v1/users/?offset=20",
        "///evil.example/?offset=20",
        "https://print.example:8443/api/v1/users/?offset=20",
        "http://print.example:8080/api/v1/users/?offset=20",
        "https://print.example:99999/api/v1/users/",
        "https://print.example.evil.example/api/v1/users/",
        "https://print.example./api/v1/users/",
        "https://ann@print.example/api/v1/users/?offset=20",
        "https://ann:pw@print.example/api/v1/users/",
        "https://print.example@evil.example/api/v1/users/",
        "https://evil.example#@print.example/api/v1/users/",
        "https://evil.example\\@print.example/api/v1/users/",
        "https:\\\\evil.example/",
        "\\\\evil.example/",
        "ftp://print.example/api/v1/users/",
        "javascript:alert(1)",
        "data:text/plain,x",
        HOME + "../groups/?offset=20",
        HOME + "%2e%2e/groups/",
        HOME + ".%2E/groups/",
        HOME + "%2F..%2Fgroups",
        "../groups/?offset=20",
        "..?offset=20",
        "/v1/users/?offset=20",
        "/api/v1/users?offset=20",
        "/api//v1/users/",
        "/api/v1/users/7/",
        "/api/v1/users/;x?offset=20",
        "/api/v1/%75sers/",
        HOME + "?offset=20#top",
        "#top",
        "?offset=20\n",
        "\t?offset=20",
        "?a b",
        "?offset=2\x000",
        "?offset=20\r\nHost: evil.example",
        "https://print\x7f.example/api/v1/users/",
        "https://pr\u0131nt.example/api/v1/users/",
        "https://print。example/api/v1/users/",
        "https://xn--prnt-qza.example/api/v1/users/",
        "https://[::1]/api/v1/users/",
        "https://[::1/api/v1/users/",
        "https://[print.example]/api/v1/users/",
        "https://print.example]/api/v1/users/",
    ],
)
def test_refused(link):
    """Another host, port or path, a user name, or a link that can be read in two ways is refused."""
    with pytest.raises(CrossOriginLink, match=r"is not followed: .* Nothing was sent"):
        same_list(link, base=BASE, path=PATH)


@pytest.mark.parametrize(
    ("base", "link"),
    [
        ("https://[2001:db8::1]:8443", "https://[2001:DB8::1]:8443/v1/users/?x=1"),
        ("https://[2001:db8::1]:8443", "http://[2001:db8::1]:8443/v1/users/?x=1"),
        ("https://print.example:8443", "http://print.example:8443/v1/users/?x=1"),
        ("https://print.example:8443", "http://print.example/v1/users/?x=1"),
        ("http://localhost:8080", "http://localhost:8080/v1/users/?x=1"),
        ("http://127.0.0.1:8080", "?x=1"),
    ],
)
def test_other_bases(base, link):
    """IPv6, ports and loopback bases have links of their own."""
    assert same_list(link, base=base, path=PATH) == "?x=1"


def test_never_down_from_plain_http():
    """A base on this machine over plain http does not take links to the https server beside it."""
    with pytest.raises(CrossOriginLink):
        same_list("https://localhost:8080/v1/users/", base="http://localhost:8080", path=PATH)


@pytest.mark.parametrize("link", ["https://ann:hunter2@evil.example/?sig=hunter2", HOME + "7?sig=hunter2", "? hunter2"])
def test_refusal_hides_query_and_user(link):
    """The error shows where the link leads, but neither its query nor the user in it."""
    with pytest.raises(CrossOriginLink) as refused:
        same_list(link, base=BASE, path=PATH)

    assert "hunter2" not in str(refused.value)


bases = st.sampled_from(
    [BASE, "https://print.example", "https://[::1]:8443/x", "http://localhost:8080", "https://a.b/c/d"]
)
paths = st.sampled_from([PATH, "/v1/users", "", "/"])
links = st.text() | st.lists(
    st.sampled_from(
        ["https:", "http:", "//", "/", "\\", "..", ".", "%2e", "%2f", "@", ":", "443", "8443", "80", "?", "#", "&", "=",
         "offset", "print.example", "[::1]", "localhost", "evil.example", "api", "v1", "users", ";", "\n", " ",
         "\u0131", "\u3002",
         HOME, PATH, BASE]
    ),
    max_size=9,
).map("".join)  # fmt: skip


@given(links, bases, paths)
@example("http:?offset=20", BASE, PATH)
@example("https:?offset=20", BASE, PATH)
@example("https://print.example:0/api/v1/users/?x", BASE, PATH)
def test_any_text(link, base, path):
    """Whatever the link, what is requested is the list's own address with a query, or nothing."""
    try:
        query = same_list(link, base=base, path=path)
    except CrossOriginLink:
        return
    url = base + path + query
    asked, home = urlsplit(url), urlsplit(base + path)

    assert query == "" or query[0] == "?"
    assert Origin.of(url) == Origin.of(base)
    assert (asked.scheme, asked.netloc, asked.path, asked.fragment) == (home.scheme, home.netloc, home.path, "")
    assert url.isascii()
    assert url.isprintable()
    assert not set(url) & set(' \\"<>#')


@given(links, bases, paths)
def test_settled(link, base, path):
    """What a link comes to is itself a link to the same page, so that a cursor can hold it."""
    try:
        query = same_list(link, base=base, path=path)
    except CrossOriginLink:
        return
    assert same_list(query, base=base, path=path) == query
