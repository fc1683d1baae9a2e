"""Sending a document, or a range of it, or less than promised.

The documents give the form of a range, `bytes=<start>-<end>`; the header, the statuses and everything else is that of
RFC 9110 section 14.
"""

import re
from typing import Final

from aiohttp import web

from myqx_async.simulator.answers import Refusal
from myqx_async.simulator.settings import Settings

_RANGE: Final = re.compile(r"bytes=([0-9]{1,18})-([0-9]{0,18})")
_CHUNK: Final = 16_384


async def send(request: web.Request, content: bytes, settings: Settings) -> web.StreamResponse:
    """Answer with the bytes that are asked for; a range that is written otherwise is passed over."""
    found = _RANGE.fullmatch(request.headers.get("Range", "")) if settings.data_ranges else None
    if found is None:
        return await _stream(request, content, settings, web.StreamResponse(status=200))
    first, last = int(found[1]), min(int(found[2] or len(content)), len(content) - 1)
    if first > last:
        raise Refusal(416, "Range Not Satisfiable")
    headers = {"Content-Range": f"bytes {first}-{last}/{len(content)}"}
    partial = web.StreamResponse(status=206, headers=headers)
    return await _stream(request, content[first : last + 1], settings, partial)


async def _stream(
    request: web.Request, content: bytes, settings: Settings, response: web.StreamResponse
) -> web.StreamResponse:
    cut = settings.data_cuts.pop(0) if settings.data_cuts else len(content)
    response.content_type = "application/octet-stream"
    response.content_length = len(content)
    await response.prepare(request)
    for at in range(0, min(cut, len(content)), _CHUNK):
        await response.write(content[at : min(at + _CHUNK, cut)])
    if cut < len(content):
        # Closed and not aborted, which would throw away what is still on its way.
        if request.transport is not None:
            request.transport.close()
        raise ConnectionResetError("cut by a setting")
    await response.write_eof()
    return response
