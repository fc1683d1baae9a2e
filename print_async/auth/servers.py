"""The servers that a credential is bound to: no other ever sees it."""

from collections.abc import Sequence

import attrs

from print_async.errors import ForeignOrigin
from print_async.origin import Origin, base_url, presentable
from print_async.wire import Request


@attrs.frozen
class Servers:
    """Some base URLs, and whose they are."""

    bases: tuple[str, ...]
    """Without a trailing slash."""
    _prefixes: tuple[tuple[str, str], ...]
    _origins: frozenset[str]

    @classmethod
    def at(cls, urls: Sequence[str]) -> "Servers":
        """Make them of base URLs; `ValueError` where there is none, or one is no base URL, or plain http elsewhere."""
        if not urls:
            raise ValueError("a session needs at least one origin: the base URL that its tokens come from")
        bases = tuple(base_url(url) for url in urls)
        prefixes = tuple((f"{base}/", str(Origin.of(base))) for base in bases)
        return cls(bases, prefixes, frozenset(origin for _, origin in prefixes))

    def origin_of(self, request: Request) -> str:
        """Return the origin that a request goes to, which is one of theirs; `ForeignOrigin` for any other."""
        for prefix, origin in self._prefixes:
            # The prefixes end behind the authority, so a match settles the origin without parsing the URL.
            if request.url.startswith(prefix):
                return origin
        origin = _parsed(request)
        if origin not in self._origins:
            raise ForeignOrigin(
                f"{presentable(request.url)} is none of the servers this credential is bound to "
                f"({', '.join(sorted(self._origins))}). Nothing was sent"
            )
        return origin


def _parsed(request: Request) -> str:
    try:
        return str(Origin.of(request.url))
    except ValueError:
        return ""
