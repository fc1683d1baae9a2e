"""Whether a request is one that was recorded, and where it differs.

Compared are method, URL and body. A secret that a recorded answer gave must be the same: the caller has it from the
replay. A secret that the caller brought along, a password or a PKCE verifier, may be any, except another one of the
recording: so a caller who gives the placeholders of the recording instead of secrets is told apart by them.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from itertools import zip_longest
from urllib.parse import unquote_plus

import attrs

from print_async.secret import reveal
from print_async.transports._common import plain_headers
from print_async.transports.recording.bodies import Recorded, load_exactly, restored, text_of
from print_async.transports.recording.file import RecordedExchange, RecordedRequest, RecordedResponse
from print_async.transports.recording.kept import Kept
from print_async.transports.recording.masker import basic
from print_async.transports.recording.vault import PLACEHOLDER
from print_async.wire import Request

_PLAIN_NAME = re.compile(r"[\w.-]{1,40}")


def placeholders(text: str) -> set[str]:
    """Return the placeholders in a text of a recording."""
    return {f"secret-{number}" for number in PLACEHOLDER.findall(text)}


def given_first(exchanges: Sequence[RecordedExchange]) -> frozenset[str]:
    """Return the placeholders of those secrets that an answer was the first to have."""
    brought, given = set[str](), set[str]()
    for exchange in exchanges:
        brought |= _placeholders_of(exchange.request) - given
        given |= _placeholders_of(exchange.response) - brought
    return frozenset(given)


def _placeholders_of(part: RecordedRequest | RecordedResponse | None) -> set[str]:
    return placeholders(json.dumps(None if part is None else attrs.asdict(part)))


@attrs.frozen(repr=False)
class Asked:
    """A request to be answered, in plain text."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: Kept

    @classmethod
    def of(cls, request: Request, body: Kept) -> "Asked":
        """Read a request; its body has been read already."""
        headers = {name.lower(): basic(value) for name, value in plain_headers(request).items()}
        return cls(request.method, reveal(request.url), headers, body)


class Comparison:
    """How a request compares to a recorded one.

    Args:
        recorded: The recorded request.
        asked: The other one.
        given: The placeholders that recorded answers gave.
    """

    def __init__(self, recorded: RecordedRequest, asked: Asked, given: Collection[str]) -> None:
        self._given = given
        self.places: list[str] = []
        """Where they differ, without what is there; nothing where they match."""
        self.free: int = 0
        """How many secrets could be any. Of several matches, the one with fewest says most."""
        if recorded.method != asked.method:
            self.places.append(f"the method ({recorded.method})")
        self._url(recorded.url, asked.url)
        self._body(recorded.body, asked)
        self.headers: int = self._headers(recorded.headers, asked)
        """In how many headers they differ, which decides between matches."""

    def _url(self, recorded: str, asked: str) -> None:
        if not self._fits(recorded.partition("?")[0], asked.partition("?")[0]):
            self.places.append("the URL")
        self._pairs("the query", recorded.partition("?")[2], asked.partition("?")[2])

    def _body(self, recorded: Recorded | None, asked: Asked) -> None:
        if recorded is not None and recorded.get("whole") is False:
            return
        if not asked.body.large and "bytes" not in (recorded or {}):
            self._small(recorded, asked)
        elif not _same_large(recorded or {}, asked.body):
            self.places.append(f"the body ({asked.body.length} bytes)")

    def _small(self, recorded: Recorded | None, asked: Asked) -> None:
        content = asked.body.content
        decoded = text_of(content, asked.headers.get("content-type", ""))
        if recorded is None or decoded is None or "base64" in recorded:
            if not self._fits(_latin(restored(recorded)), _latin(content)):
                self.places.append(f"the body ({len(content)} bytes)")
        elif "form" in recorded:
            self._pairs("the form", str(recorded["form"]), decoded[0])
        elif "json" in recorded:
            try:
                self._json("$", recorded["json"], load_exactly(decoded[0]))
            except (ValueError, RecursionError):
                self.places.append("the body, which is no JSON")
        elif not self._fits(str(recorded.get("text")), decoded[0]):
            self.places.append("the text of the body")

    def _pairs(self, where: str, recorded: str, asked: str) -> None:
        for one, other in zip_longest(recorded.split("&"), asked.split("&"), fillvalue=""):
            if not self._fits(one, other):
                name = unquote_plus((one or other).partition("=")[0])
                self.places.append(f"{where}, {name}" if _PLAIN_NAME.fullmatch(name) else where)

    def _json(self, place: str, recorded: object, asked: object) -> None:
        if isinstance(recorded, dict) and isinstance(asked, dict):
            for name in {**recorded, **asked}:
                where = f"{place}.{name}" if _PLAIN_NAME.fullmatch(name) else f"{place}[...]"
                if name not in recorded or name not in asked:
                    self.places.append(where)
                else:
                    self._json(where, recorded[name], asked[name])
        elif isinstance(recorded, list) and isinstance(asked, list) and len(recorded) == len(asked):
            for at, (one, other) in enumerate(zip(recorded, asked, strict=True)):
                self._json(f"{place}[{at}]", one, other)
        elif not self._same(recorded, asked):
            self.places.append(place)

    def _same(self, recorded: object, asked: object) -> bool:
        if isinstance(recorded, str) and not isinstance(asked, (bool, list, dict, type(None))):
            return self._fits(recorded, str(asked)) and (isinstance(asked, str) or bool(PLACEHOLDER.search(recorded)))
        return recorded == asked and isinstance(recorded, bool) is isinstance(asked, bool)

    def _headers(self, recorded: Mapping[str, str], asked: Asked) -> int:
        free, values = self.free, ((asked.headers.get(name.lower()), value) for name, value in recorded.items())
        differ = sum(other is None or not self._fits(value, other) for other, value in values)
        self.free = free
        return differ

    def _fits(self, recorded: str, asked: str) -> bool:
        if "secret-" not in recorded:
            return recorded == asked
        parts, names, at = list[str](), list[str](), 0
        for found in PLACEHOLDER.finditer(recorded):
            name = f"secret-{found[1]}"
            free = name not in self._given
            parts += (re.escape(recorded[at : found.start()]), "(.+?)" if free else re.escape(name))
            names += [name] if free else []
            at = found.end()
        match = re.fullmatch("".join([*parts, re.escape(recorded[at:])]), asked, re.DOTALL)
        if match is None or any(_is_another(value, name) for value, name in zip(match.groups(), names, strict=True)):
            return False
        self.free += len(names)
        return True


def _same_large(recorded: Recorded, asked: Kept) -> bool:
    return asked.large and "bytes" in recorded and recorded.get("sha256", asked.sha256) == asked.sha256


def _is_another(value: str, placeholder: str) -> bool:
    return value != placeholder and PLACEHOLDER.fullmatch(value) is not None


def _latin(content: bytes | None) -> str:
    return (content or b"").decode("latin-1")
