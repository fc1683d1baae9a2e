"""A body as a recording has it: JSON as JSON, forms and text as text, the rest in base64; a large one not at all.

    {"json": {"name": "Ann"}}
    {"form": "grant_type=refresh_token&refresh_token=secret-2"}
    {"text": "<html>", "charset": "iso-8859-1"}         utf-8 unless said otherwise
    {"base64": "JVBERi0xLjc="}
    {"bytes": 5242880, "sha256": "9f86d0..."}           more than the recording's limit

`"whole": false` is with one that was cut short, or not read to its end.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from decimal import Decimal

from print_async.transports.recording.kept import Kept
from print_async.transports.recording.masker import Masker

Recorded = Mapping[str, object]
"""A body as a recording has it."""

FORM = "application/x-www-form-urlencoded"
_CHARSET = re.compile(r";\s*charset=\"?([\w.:-]+)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


def recorded(kept: Kept, content_type: str | None, masker: Masker) -> Recorded | None:
    """Return a body as it is to be recorded, without secrets; `None` where there is none.

    Args:
        kept: What went by.
        content_type: As its header has it.
        masker: What masks it.
    """
    kind = (content_type or "").lower()
    form = _large(kept, kind) if kept.large else _small(kept.content, kind, masker)
    if not kept.whole:
        return {**form, "whole": False}
    return form if kept.length else None


def restored(body: Recorded | None) -> bytes | None:
    """Return the bytes of a recorded body, as far as it was read; `None` for one that was too large to be recorded.

    JSON is the same value, and not the same bytes.

    Raises:
        ValueError: It is not one.
    """
    if body is None:
        return b""
    if "json" in body:
        return dump(body["json"])
    text = body.get("form", body.get("text", body.get("base64")))
    if isinstance(text, str):
        return b64decode(text, validate=True) if "base64" in body else text.encode(str(body.get("charset", "utf-8")))
    if isinstance(body.get("bytes"), int):
        return None
    raise ValueError("no body")


def dump(value: object) -> bytes:
    """Encode JSON, in UTF-8 and in one line."""
    # A lone surrogate, as in a header that is no UTF-8, becomes its JSON escape.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")


def load_exactly(text: str) -> object:
    """Decode JSON that can be written again as it was; a `ValueError` where a digit or a field would be lost."""
    return json.loads(text, parse_float=_exact, parse_constant=_refused, object_pairs_hook=_distinct)


def text_of(content: bytes, content_type: str) -> tuple[str, str] | None:
    """Return a body as text, and its character set; `None` where it is none, or would not be the same bytes again."""
    said = _CHARSET.search(content_type)
    for charset in ("utf-8", said[1] if said else "utf-8"):
        try:
            text = content.decode(charset)
            if text.encode(charset) == content and not _CONTROL.search(text):
                return text, charset
        except (LookupError, ValueError):
            pass
    return None


def _large(kept: Kept, kind: str) -> Recorded:
    # What is known but for a PIN gives that away by its hash.
    guessable = "json" in kind or kind.startswith(FORM)
    return {"bytes": kept.length} if guessable else {"bytes": kept.length, "sha256": kept.sha256}


def _small(content: bytes, kind: str, masker: Masker) -> Recorded:
    decoded = text_of(content, kind)
    if decoded is None:
        return {"base64": b64encode(masker.binary(content)).decode("ascii")}
    text, charset = decoded
    if kind.startswith(FORM):
        return {"form": masker.form(text)}
    if charset == "utf-8" and ("json" in kind or text.lstrip()[:1] in ("{", "[")):
        try:
            value = load_exactly(text)
            masked = masker.json(value)
        except (ValueError, RecursionError):
            pass  # cut short, or nothing that comes back as it was
        else:
            if "json" in kind or not kind or masked != value:
                return {"json": masked}
    said = {"text": masker.text(text)}
    return said if charset == "utf-8" else {**said, "charset": charset}


def _exact(number: str) -> float:
    value = float(number)
    if Decimal(repr(value)) != Decimal(number):
        raise ValueError("a number with more digits than a float has")
    return value


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON")


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field that is there twice")
    return found
