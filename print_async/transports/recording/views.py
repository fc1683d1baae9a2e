"""A text as it is, and as it is once its escapes are undone: percent, JSON, HTML, base64, and these in each other.

A secret that a server quotes may be written in many ways. Instead of listing them, each escape is undone, and every
character knows where in the text it comes from.
"""

import html
import json
import re
from binascii import a2b_base64
from collections.abc import Callable, Iterator, Sequence

import attrs

_MOST = 24
_DEPTH = 3
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_PERCENT_PLUS = re.compile(r"(?:%[0-9A-Fa-f]{2})+|\+")
_JSON = re.compile(
    r"\\(?:u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[\"'\\/bfnrt])"
)
_HTML = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_UNREADABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_URLSAFE = str.maketrans("-_", "+/")


@attrs.frozen
class View:
    """A text, and from where to where in the original each of its characters comes."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    plus: bool = False
    """Whether a plus has been read as a space."""

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where in the original a part of the text is."""
        return self.starts[start], self.ends[end - 1]


def views(text: str) -> Iterator[View]:
    """Yield a text as it is, then with its escapes undone."""
    todo, seen = [View(text, range(len(text)), range(1, len(text) + 1))], {text}
    for _ in range(_DEPTH):
        deeper: list[View] = []
        for view in todo:
            yield view
            for found in _undone(view):
                if found.text not in seen and len(seen) < _MOST:
                    seen.add(found.text)
                    deeper.append(found)
        todo = deeper
    yield from todo


def _undone(view: View) -> Iterator[View]:
    for pattern, mark, undo in _ESCAPES:
        if mark in view.text:
            found = _undo(view, pattern, undo)
            if found is not None:
                yield found


def _undo(view: View, pattern: re.Pattern[str], undo: "Callable[[str], _Undone | None]") -> View | None:
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in pattern.finditer(view.text):
        found = undo(match[0])
        if found is None:
            continue
        chars, cuts = found
        begin = match.start()
        parts += (view.text[at:begin], chars)
        starts += view.starts[at:begin]
        ends += view.ends[at:begin]
        for first, last in cuts:
            starts.append(view.starts[begin + first])
            ends.append(view.ends[begin + last - 1])
        at = match.end()
    if not at:
        return None
    text = "".join([*parts, view.text[at:]])
    return View(text, [*starts, *view.starts[at:]], [*ends, *view.ends[at:]], view.plus or pattern is _PERCENT_PLUS)


_Undone = tuple[str, list[tuple[int, int]]]
"""Characters, and from where to where in the escape each of them comes."""


def _percent(run: str) -> _Undone:
    if run == "+":
        return " ", [(0, 1)]
    chars = bytes.fromhex(run.replace("%", "")).decode("utf-8", "surrogateescape")
    cuts, at = [], 0
    for char in chars:
        width = 3 * len(char.encode("utf-8", "surrogateescape"))
        cuts.append((at, at + width))
        at += width
    return chars, cuts


def _json(escape: str) -> _Undone:
    if escape[1] == "x":
        char = chr(int(escape[2:], 16))  # noqa: FURB166 - `\\x` is no prefix that int knows
    elif escape[1] == "'":
        char = "'"
    else:
        char = str(json.loads(f'"{escape}"'))
    return char, [(0, len(escape))]


def _html(entity: str) -> _Undone | None:
    chars = html.unescape(entity)
    return None if chars == entity else (chars, [(0, len(entity))] * len(chars))


def _base64(run: str) -> _Undone | None:
    # All of it comes from all of it: a run with a secret in it is masked as a whole.
    plain = run.rstrip("=").translate(_URLSAFE)
    try:
        chars = a2b_base64(plain + "=" * (-len(plain) % 4)).decode("utf-8")
    except ValueError:
        return None
    return None if _UNREADABLE.search(chars) else (chars, [(0, len(run))] * len(chars))


_ESCAPES: "tuple[tuple[re.Pattern[str], str, Callable[[str], _Undone | None]], ...]" = (
    (_PERCENT, "%", _percent),
    (_PERCENT_PLUS, "+", _percent),
    (_JSON, "\\", _json),
    (_HTML, "&", _html),
    (_BASE64, "", _base64),
)
