"""File names and relative paths that a stranger sent, and that are safe to use below a folder.

Refused are: empty names, `.` and `..`, slashes and backslashes, colons (drive letters, NTFS streams), control
characters, a dot or space at the end and device names (Windows drops or reinterprets these), what looks percent-encoded
after decoding (somebody encoded twice), and all that turns into one of these under Unicode compatibility (NFKC). The
rules are the same on every system, so a storage can move.
"""

import re
import unicodedata
from typing import Self

import attrs

MAX_NAME = 255
"""Bytes of UTF-8 in a name; what most file systems take."""
MAX_PATH = 2000
"""Bytes of UTF-8 in a path."""

_FORBIDDEN = re.compile(r"[/\\:]|%[0-9A-Fa-f]{2}|[. ]$|^$")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com\d|lpt\d) *(?:\..*)?", re.IGNORECASE | re.DOTALL)
_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}


def check_name(name: str) -> str:
    """Return a name that is safe as one file name below a folder.

    Raises:
        ValueError: It is not; the text does not repeat the name.
    """
    if len(name.encode(errors="replace")) > MAX_NAME:
        raise ValueError(f"a name is longer than {MAX_NAME} bytes")
    if any(unicodedata.category(character) in _UNPRINTABLE for character in name):
        raise ValueError("a name has control characters in it")
    for form in (name, unicodedata.normalize("NFKC", name)):
        if _FORBIDDEN.search(form) or _DEVICE.fullmatch(form):
            raise ValueError("a name is empty, leads elsewhere, or is none that every system could keep")
    return name


def _check_parts(_: object, __: object, parts: tuple[str, ...]) -> None:
    for part in parts:
        check_name(part)
    if len("/".join(parts).encode()) > MAX_PATH:
        raise ValueError(f"a path is longer than {MAX_PATH} bytes")


@attrs.frozen
class SafePath:
    """A relative path whose parts are safe file names; without parts, it is the root.

    Use it as `folder.joinpath(*path.parts)`. It says nothing about links in the file system: a storage must look
    where a link leads.

    Raises:
        ValueError: A part is not safe, or the whole is too long.
    """

    parts: tuple[str, ...] = attrs.field(default=(), validator=_check_parts)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a path with slashes, already percent-decoded. A slash at either end is refused, as is an empty text.

        Raises:
            ValueError: It is not safe.
        """
        return cls(tuple(text.split("/")))

    def child(self, name: str) -> Self:
        """Return the path of something in this folder.

        Raises:
            ValueError: The name is not safe, or the whole is too long.
        """
        return type(self)((*self.parts, name))

    @property
    def name(self) -> str:
        """The last part; empty for the root."""
        return self.parts[-1] if self.parts else ""

    def __str__(self) -> str:
        return "/".join(self.parts)
