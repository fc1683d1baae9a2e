"""Secrets that nobody knows yet, in a text of no particular form: named beside their value, or of a form of their own.

An error page, a log line, JSON that was cut off, XML, a URL somewhere in a sentence.
"""

import html
import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote, unquote_plus

from print_async.transports.recording.names import SecretNames, looks_random

Found = tuple[int, int, str]
"""From where to where, and the secret as it is when what it stands in is decoded."""

_NAME = r"(?<![\w.-])(?P<name>[A-Za-z][\w.-]{1,63})"
_END = r"[^\s&;,\"'<>#()\[\]{}\\]*[^\s&;,\"'<>#()\[\]{}\\.:!?]"  # not the point behind a sentence
_PAIR = re.compile(_NAME + rf"=(?P<value>{_END})")
_IN_QUOTES = re.compile(
    _NAME + r"\\?[\"']?\s*(?:=>|[:=])\s*(?P<quote>[\"'])(?P<value>(?:(?!(?P=quote))[^\\]|\\.)+)", re.DOTALL
)
_LOOSE = re.compile(_NAME + rf"[\"']?\s*[:=]\s*(?P<value>{_END})")
_ELEMENT = re.compile(r"<(?:\w+:)?(?P<name>[A-Za-z][\w.-]{1,63})(?:\s[^<>]*)?>(?P<value>[^<>]+)</")
_PART = re.compile(
    r"\bname=\"?(?P<name>[A-Za-z][\w.-]{1,63})\"?[^\r\n]*\r?\n(?:[\w-]+:[^\r\n]*\r?\n)*\r?\n(?P<value>[^\r\n]+)"
)
_SCHEME = re.compile(r"\b(?:Bearer|Basic|Digest|Negotiate|Token)\s+(?P<value>[\w.~+/=-]{8,})", re.IGNORECASE)
_JWT = re.compile(r"(?P<value>\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?)")
_USER = re.compile(r"://(?:[^\s/?#@:\"'<>]*:)?(?P<value>[^\s/?#@\"'<>]+)@")


def find_named(text: str, names: SecretNames, *, encoded: bool = True) -> Iterator[Found]:
    """Yield what in a text is secret for its name or its form.

    Args:
        text: Where to look.
        names: The names of secrets.
        encoded: Whether values may still be percent-encoded.
    """
    for pattern, marks, decode in _NAMED if names.may_be_in(text) else ():
        for match in _matches(pattern, marks, text):
            value = decode(match["value"], encoded)
            secret = names.secret(match["name"], value) or names.secret(match["name"], match["value"])
            if secret and (pattern is not _LOOSE or _telling(value)):
                yield *match.span("value"), value
    for pattern, marks, decode in _FORMS:
        for match in _matches(pattern, marks, text):
            if pattern is not _SCHEME or _telling(match["value"]):
                yield *match.span("value"), decode(match["value"], encoded)


def _matches(pattern: re.Pattern[str], marks: tuple[str, ...], text: str) -> Iterator[re.Match[str]]:
    return pattern.finditer(text) if any(mark in text for mark in marks) else iter(())


def _telling(value: str) -> bool:
    """Tell a secret from a word: `Token: expired` has none."""
    return looks_random(value) or (value.isdigit() and len(value) > 3) or len(value) >= 24


def _of_pair(value: str, encoded: bool) -> str:
    return unquote_plus(value) if encoded else value


def _of_quotes(value: str, _: bool) -> str:
    try:
        return str(json.loads(f'"{value}"', strict=False))
    except ValueError:
        return value


def _of_user(value: str, encoded: bool) -> str:
    return unquote(value) if encoded else value


def _of_markup(value: str, _: bool) -> str:
    return html.unescape(value).strip()


def _as_it_is(value: str, _: bool) -> str:
    return value


_Decode = Callable[[str, bool], str]
# With what a text must have in it, lest all of them are tried on every text.
_NAMED: tuple[tuple[re.Pattern[str], tuple[str, ...], _Decode], ...] = (
    (_PAIR, ("=",), _of_pair),
    (_IN_QUOTES, (":", "="), _of_quotes),
    (_LOOSE, (":", "="), _as_it_is),
    (_ELEMENT, ("</",), _of_markup),
    (_PART, ("name=",), _as_it_is),
)
_FORMS: tuple[tuple[re.Pattern[str], tuple[str, ...], _Decode], ...] = (
    (_SCHEME, (" ",), _as_it_is),
    (_JWT, ("eyJ",), _as_it_is),
    (_USER, ("://",), _of_user),
)
