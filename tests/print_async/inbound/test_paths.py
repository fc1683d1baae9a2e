"""Paths that a stranger sends."""

import ntpath
import posixpath
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.inbound.errors import BadRequest
from print_async.inbound.paths import MAX_NAME, MAX_PATH, SafePath, check_name
from print_async.inbound.routes import Route, below, split

UNSAFE = [
    *("", ".", "..", "/", "a/b", "a\\b", "\\", "C:", "C:evil", "file.txt:stream", "\0", "a\0b", "a\nb", "a\rb", "\x7f"),
    *(
        "a\u2028b",
        "\ud800",
        "name.",
        "name ",
        ".. ",
        "...",
        "%2e%2e",
        "%2F",
        "a%5Cb",
        "%252e",
        "NUL",
        "con.txt",
        "Com1",
    ),
    *("lpt9.tar.gz", "aux .txt", "\uff0e\uff0e", "a\uff0fb", "a\uff3cb", "\u2025", "c\uff1a", "\u2024\u2024"),
    *("x" * (MAX_NAME + 1), "ä" * (MAX_NAME // 2 + 1)),
]


@pytest.mark.parametrize("name", UNSAFE)
def test_unsafe_names(name):
    """What leads elsewhere, on any system, or cannot be kept on one, is no name, alone or in a path."""
    with pytest.raises(ValueError, match="a name") as caught:
        check_name(name)
    assert len(name) < 6 or name not in str(caught.value)
    for parts in ((name,), ("folder", name), (name, "file")):
        with pytest.raises(ValueError, match="a name"):
            SafePath(parts)


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "Scan 1.pdf",
        "räksmörgås.pdf",
        "50% off.pdf",
        ".hidden",
        "..a",
        "a..b",
        "👩\u200d👧.png",
        "console",
        "ä" * 127,
    ],
)
def test_safe_names(name):
    """Names that people give are kept as they are."""
    assert check_name(name) == name
    assert SafePath.parse(f"folder/{name}").parts == ("folder", name)


@given(st.text())
def test_whatever_is_accepted_stays_below(text):
    """A path that is accepted names something strictly below the folder, by the rules of Unix and of Windows."""
    try:
        path = SafePath.parse(text)
    except ValueError:
        return
    for rules, root in ((posixpath, "/srv/users/john"), (ntpath, "D:\\users\\john")):
        joined = rules.normpath(rules.join(root, *path.parts))
        assert joined.startswith(root + rules.sep)
        assert len(joined.split(rules.sep)) == len(root.split(rules.sep)) + len(path.parts)
    assert str(path) == text


def test_a_path():
    """A path has parts, a name and children; it prints with slashes."""
    path = SafePath.parse("a/b c")

    assert (path.parts, path.name, str(path), str(path.child("d"))) == (("a", "b c"), "b c", "a/b c", "a/b c/d")
    assert (SafePath().parts, SafePath().name, str(SafePath())) == ((), "", "")
    assert Path("/srv").joinpath(*path.parts) == Path("/srv/a/b c")


def test_a_path_that_is_too_long():
    """A path has a limit as a whole, too."""
    with pytest.raises(ValueError, match="longer than"):
        SafePath(("x" * 200,) * (MAX_PATH // 200))


@pytest.mark.parametrize(
    "path", ["a", "//a", "/a b", "/a#b", "/%zz", "/%2", "/%ff", "/%c0%ae", "/ä", "/a\\b", "/{a}", "http://x/"]
)
def test_what_is_no_path_of_a_url(path):
    """Characters that no URL has, escapes that are none, and what is not UTF-8 are refused, but for empty segments."""
    if path == "//a":
        assert split(path) == ("", "a")
        return
    with pytest.raises(BadRequest):
        split(path)


def test_splitting_comes_before_decoding():
    """An encoded slash is part of its segment, and each segment is decoded once."""
    assert split("/files/john/a%2Fb%252Fc") == ("files", "john", "a/b%2Fc")
    assert split("") == ("",)


@pytest.mark.parametrize(
    ("path", "mount", "left"),
    [
        ("/files/x", "", "/files/x"),
        ("/files/x", "/", "/files/x"),
        ("/m/files/x%2Fy", "/m", "/files/x%2Fy"),
        ("/m/n/files", "/m/n/", "/files"),
        ("/%6d/files", "/m", "/files"),
        ("/m%20n/files", "/m n", "/files"),
        ("/storage/files", "/stripped/storage", "/files"),
        ("/files", "/stripped", "/files"),
        ("/m", "/m", ""),
        ("/mm/files", "/m", "/mm/files"),
        ("/a%2Fb/files", "/a/b", "/a%2Fb/files"),
    ],
)
def test_what_is_below_a_mount(path, mount, left):
    """The mount is taken off segment by segment, whether a server leaves all of it in the path, a part, or none."""
    assert below(path, mount) == left


def test_a_pattern():
    """Braces stand for exactly one segment that is not empty."""
    route = Route("GET", "/files/{username}/{fileId}", None)

    assert route.match(("files", "john", "a/b")) == ("john", "a/b")
    for other in (
        ("files", "john"),
        ("files", "", "a"),
        ("files", "john", ""),
        ("file", "john", "a"),
        ("files", "a", "b", "c"),
    ):
        assert route.match(other) is None
