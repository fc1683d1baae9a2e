"""Following the server's next links, and only where they may lead.

A next link is data from the server, and it would be requested with our credential. So it is never followed as it is:
what is taken from it is the query, and only if the rest is the address of the list itself. ezeep prints its links with
`http://` although the API is https; such a link to our own host is followed on the configured base.
"""

import functools
import re
from urllib.parse import urljoin, urlsplit

from print_async.errors import CrossOriginLink
from print_async.origin import Origin, presentable

# Parsers disagree about all other characters, and a link that two parsers read differently can lead anywhere.
_CLEAN = re.compile(r"[!#-;=?-\[\]_a-z~]*").fullmatch


def same_list(link: str, *, base: str, path: str) -> str:
    """Return the query of a next link, with its question mark, or the empty string.

    Args:
        link: As the server gave it: absolute, or relative to the list.
        base: The API's base URL, without a trailing slash.
        path: The list's own path below the base.

    Raises:
        CrossOriginLink: It leads to another host, port or path, names a user, or cannot be read unambiguously.
    """
    if not _CLEAN(link):
        raise _refused(link, base, "it has characters that no URL has")
    if "#" not in link:
        if not link or link[0] == "?":
            return link  # a query alone stays on the list, by RFC 3986 section 5.2.2; our own names of pages are such
        for address in _addresses(base, path):
            if link.startswith(address) and len(link) > len(address):
                return link[len(address) - 1 :]
    try:
        absolute = urljoin(base + path, link)
        parts, origin = urlsplit(absolute), Origin.of(absolute)
    except ValueError:
        raise _refused(link, base, "it cannot be read as a URL of ours") from None
    home = Origin.of(base)
    if origin != home and not _plain_http_of(origin, home):
        raise _refused(link, base, "it leads to another server")
    if parts.fragment or parts.path != urlsplit(base + path).path:
        raise _refused(link, base, "it leads off the list")
    return f"?{parts.query}" if parts.query else ""


@functools.lru_cache(64)
def _addresses(base: str, path: str) -> tuple[str, str]:
    """Return what almost every link begins with, as parsing one takes longer than all else that is done to a page."""
    address = f"{base}{path}?"
    return address, f"http:{address.partition(':')[2]}"


def _plain_http_of(origin: Origin, home: Origin) -> bool:
    return origin.scheme == "http" and origin.host == home.host and origin.port in (80, home.port)


def _refused(link: str, base: str, why: str) -> CrossOriginLink:
    shown = presentable(link)[:200]
    return CrossOriginLink(
        f"the server's next link {shown!r} is not followed: {why}. Nothing was sent. The list's own server is {base}; "
        "`cursor` tells where the walk stopped"
    )
