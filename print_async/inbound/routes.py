"""Which handler a path belongs to. The path is split before it is decoded, so `%2F` is part of a name and no border."""

import re
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import unquote_to_bytes

import attrs

from print_async.inbound.errors import BadRequest
from print_async.inbound.exchange import Answer, Call

Handler = Callable[[Call], Awaitable[Answer]]
SMALL_BODY = 64 * 1024
"""Bytes; far more than any JSON that the vendors are documented to send."""

# The characters of a path in RFC 3986, section 3.3, so that no server and no proxy can read the same path differently.
_SEGMENT = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*")


@attrs.frozen
class Route:
    """A method, a pattern like `/files/{username}/{fileId}`, and who answers. Braces are one non-empty segment."""

    method: str
    pattern: str
    handler: Handler
    max_body: int = attrs.field(default=SMALL_BODY, validator=attrs.validators.gt(0))
    """Bytes."""

    def match(self, segments: Sequence[str]) -> tuple[str, ...] | None:
        """Return what stands for the braces, or `None` where the path is another."""
        names = self.pattern.split("/")[1:]
        if len(names) != len(segments):
            return None
        pairs = list(zip(names, segments, strict=True))
        if not all(segment if name.startswith("{") else name == segment for name, segment in pairs):
            return None
        return tuple(segment for name, segment in pairs if name.startswith("{"))


def split(path: str) -> tuple[str, ...]:
    """Split a raw path into its segments and decode each, once.

    Raises:
        BadRequest: It has characters that no path has, or does not decode to UTF-8.
    """
    first, *segments = (path or "/").split("/")
    if first or not all(_SEGMENT.fullmatch(segment) for segment in segments):
        raise BadRequest("this is not a path")
    try:
        return tuple(unquote_to_bytes(segment).decode() for segment in segments)
    except UnicodeDecodeError:
        raise BadRequest("the path is not UTF-8") from None


def below(path: str, mount: str) -> str:
    """Return what is left of a raw path below where an API is mounted.

    `mount` is percent-decoded. Servers do not agree on whether a path still has the part of it that a proxy in front
    took away, so as much of its end is taken off as is there.
    """
    segments, mounted = path.split("/")[1:], [part for part in mount.split("/") if part]
    for start in range(len(mounted)):
        wanted = mounted[start:]
        if [unquote_to_bytes(segment) for segment in segments[: len(wanted)]] == [part.encode() for part in wanted]:
            return "".join(f"/{segment}" for segment in segments[len(wanted) :])
    return path
