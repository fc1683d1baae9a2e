"""A request in pyreqwest's terms, and an answer's headers in ours."""

import re
from collections.abc import AsyncIterable, Iterator
from typing import TYPE_CHECKING

from print_async.errors import ConnectFailed
from print_async.origin import Origin, presentable
from print_async.transports._common import plain_headers, target_of
from print_async.wire import Request

if TYPE_CHECKING:
    from pyreqwest.client import Client
    from pyreqwest.http import HeaderMap
    from pyreqwest.request import StreamRequest

_WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})
_PLAIN = re.compile(
    r"https?://(?:(?:[A-Za-z0-9-]+\.)*[A-Za-z][A-Za-z0-9-]*|127\.0\.0\.1)"
    r"(?::(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}))?"
    r"(?:/|(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+/?)"
    r"(?:\?[A-Za-z0-9._=&%+,:-]*)?"
)
"""URLs that are the same to everybody. The others are parsed to see what pyreqwest makes of them."""


def wrong(request: Request) -> Exception | None:
    """Return what is wrong with a request's URL: it is none, or pyreqwest would send another one."""
    if _PLAIN.fullmatch(request.url):
        return None
    from pyreqwest.http import Url

    where = presentable(request.url)
    try:
        Origin.of(request.url)
        url = Url(request.url)
    except ValueError:
        said = f"{request.method} {where}: not a URL that can be requested; nothing was sent"
        return ConnectFailed(said, method=request.method, url=where)
    target = url.path if url.query_string is None else f"{url.path}?{url.query_string}"
    if target != target_of(request.url):
        return ValueError(
            f"{request.method} {where}: pyreqwest would send another URL than this, as it resolves dot segments and "
            "quotes some characters; nothing was sent. Use another transport"
        )
    return None


def rendered(client: "Client", request: Request, upload: AsyncIterable[bytes] | None) -> "StreamRequest":
    """Return what to send.

    Args:
        client: What it goes through.
        request: What it is.
        upload: The body, where it goes out in pieces.
    """
    headers, body = plain_headers(request), request.body
    if (
        body is None
        and request.method in _WITH_LENGTH
        and not any(name.lower() == "content-length" for name in headers)
    ):
        headers["Content-Length"] = "0"
    builder = client.request(request.method, request.url).headers(list(headers.items()))
    if upload is not None:
        builder = builder.body_stream(upload)
    elif body is not None and isinstance(body.content, bytes):
        builder = builder.body_bytes(body.content)
    # Nothing is read ahead: the head of the answer is there as soon as it came.
    return builder.streamed_read_buffer_limit(0).build_streamed()


def pairs(headers: "HeaderMap") -> Iterator[tuple[str, str]]:
    """Yield the headers of an answer, once; pyreqwest gives out no value that is not ASCII."""
    for name in dict.fromkeys(headers):
        try:
            values = headers.getall(name)
        except ValueError:
            continue
        for value in values:
            yield name, value
