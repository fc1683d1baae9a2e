"""The storage that documents are uploaded to: a host of its own, which knows no token, only signed URLs.

It takes Put Blob, Put Block and Put Block List as Azure does, in the version that the vendor's URLs name (2019-07-07),
and keeps sizes and hashes only, so an upload may be of any size.

Sources: apidocs.ezeep.com, printapi; learn.microsoft.com, Put Blob, Put Block, Put Block List, service SAS.
"""

import binascii
import hashlib
import secrets
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import quote, unquote
from xml.etree import ElementTree

import attrs
from aiohttp import web

from print_async.testing.faults import Faults
from print_async.testing.simulator import Handler, Statistics, observe

_MOST_WHOLE, _MOST_BLOCK, _MOST_BLOCKS = 256 * 2**20, 100 * 2**20, 50_000
_OWN_PARAMETERS = ("comp=", "blockid=", "timeout=")


@attrs.frozen
class Part:
    """What is kept of the bytes of one request."""

    size: int
    sha256: str


@attrs.define
class Blob:
    """A place for a document."""

    query: str
    """The signed part of its URL, as it was given out."""
    expires: float
    parts: tuple[Part, ...] | None = None
    """What is there: one part, or its blocks in their order; `None` before the upload is complete."""
    blocks: dict[str, Part] = attrs.field(factory=dict[str, Part])
    """Blocks that have come, by their ids, and are not in a list yet."""

    @property
    def size(self) -> int:
        """How many bytes are there."""
        return sum(part.size for part in self.parts or ())


class _Refusal(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


@attrs.define(eq=False)
class BlobStorage:
    """The storage, and what it has seen."""

    now: Callable[[], float]
    url_seconds: float = 86_400.0
    """How long a signed URL is good."""
    stats: Statistics = attrs.field(factory=Statistics)
    faults: Faults = attrs.field(factory=Faults)
    blobs: dict[str, Blob] = attrs.field(factory=dict[str, Blob])
    authorized: int = 0
    """Requests that came with an Authorization header: each is a token that went where it must not."""
    block_puts: Counter[str] = attrs.field(factory=Counter[str])
    """How often each block came, by `document/block id`, refused or not."""
    _failing: dict[int, int] = attrs.field(factory=dict[int, int])

    def fail_block(self, number: int, times: int = 1) -> None:
        """Answer 503 to a block, so many times: the one that comes as that number, from 0, counted over all blobs."""
        self._failing[number] = times

    def issue(self, name: str) -> str:
        """Make a place for a document and return the signed part of its URL."""
        expires = self.now() + self.url_seconds
        # Both characters that a client must not decode and encode again are always in it.
        signature = quote(b64encode(b"\xfb\xff" + secrets.token_bytes(30)).decode(), safe="")
        end = quote(datetime.fromtimestamp(expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), safe="")
        query = f"sv=2019-07-07&sr=b&sig={signature}&se={end}&sp=wl"
        self.blobs[name] = Blob(query, expires)
        return f"/userstorage/{name}?{query}"

    def has(self, name: str) -> bool:
        """Tell whether a document is there, complete."""
        return name in self.blobs and self.blobs[name].parts is not None

    def delete(self, name: str) -> None:
        """Delete a document."""
        self.blobs.pop(name, None)

    def application(self) -> web.Application:
        """Make the web application."""
        app = web.Application(middlewares=[_read_to_the_end, observe(self.stats, self.faults)])
        app.router.add_route("PUT", "/userstorage/{name}", self._put)
        return app

    async def _put(self, request: web.Request) -> web.StreamResponse:
        try:
            await self._store(request)
        except _Refusal as refusal:
            return _refused(refusal)
        return web.Response(status=201, headers={"x-ms-version": "2019-07-07"})

    async def _store(self, request: web.Request) -> None:
        blob, parameters = self._authorize(request)
        if request.content_length is None:
            raise _Refusal(411, "MissingContentLengthHeader")
        match parameters.get("comp"):
            case None:
                await self._put_blob(request, blob)
            case "block":
                await self._put_block(request, blob, parameters.get("blockid", ""))
            case "blocklist":
                await self._put_block_list(request, blob)
            case _:
                raise _Refusal(400, "InvalidQueryParameterValue")

    def _authorize(self, request: web.Request) -> tuple[Blob, dict[str, str]]:
        if "Authorization" in request.headers:
            self.authorized += 1
            raise _Refusal(403, "AuthenticationFailed")
        blob = self.blobs.get(request.match_info["name"])
        _, _, query = request.raw_path.partition("?")
        pairs = query.split("&")
        own = [pair for pair in pairs if pair.startswith(_OWN_PARAMETERS)]
        signed = "&".join(pair for pair in pairs if pair not in own)
        if blob is None or signed != blob.query or self.now() >= blob.expires:
            raise _Refusal(403, "AuthenticationFailed")
        return blob, {name: unquote(value) for name, _, value in (pair.partition("=") for pair in own)}

    async def _put_blob(self, request: web.Request, blob: Blob) -> None:
        if request.headers.get("x-ms-blob-type") != "BlockBlob":
            raise _Refusal(400, "MissingRequiredHeader")
        part = await _read(request, _MOST_WHOLE)
        blob.parts, blob.blocks = (part,), {}

    async def _put_block(self, request: web.Request, blob: Blob, name: str) -> None:
        key = f"{request.match_info['name']}/{name}"
        self.block_puts[key] += 1
        position = list(self.block_puts).index(key)
        _check_block_id(name, blob)
        part = await _read(request, _MOST_BLOCK)
        if self._failing.get(position, 0) > 0:
            self._failing[position] -= 1
            raise _Refusal(503, "ServerBusy")
        if len(blob.blocks) >= 2 * _MOST_BLOCKS:
            raise _Refusal(409, "BlockCountExceedsLimit")
        blob.blocks[name] = part

    async def _put_block_list(self, request: web.Request, blob: Blob) -> None:
        listed = await _listed(request)
        if any(name not in blob.blocks for name in listed):
            raise _Refusal(400, "InvalidBlockList")
        blob.parts, blob.blocks = tuple(blob.blocks[name] for name in listed), {}


@web.middleware
async def _read_to_the_end(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Read the body also where it is refused before, as the server beneath would wait for it by itself, and long."""
    response = await handler(request)
    with suppress(ConnectionError, web.RequestPayloadError):
        async for _ in request.content.iter_any():
            pass
    return response


def _check_block_id(name: str, blob: Blob) -> None:
    try:
        plain = b64decode(name, validate=True)
    except (binascii.Error, ValueError):
        raise _Refusal(400, "InvalidQueryParameterValue") from None
    if not 1 <= len(plain) <= 64:
        raise _Refusal(400, "OutOfRangeQueryParameterValue")
    if any(len(other) != len(name) for other in blob.blocks):
        raise _Refusal(400, "InvalidBlobOrBlock")


async def _read(request: web.Request, limit: int) -> Part:
    if (request.content_length or 0) > limit:
        raise _Refusal(413, "RequestBodyTooLarge")
    digest, size = hashlib.sha256(), 0
    async for chunk in request.content.iter_any():
        digest.update(chunk)
        size += len(chunk)
    return Part(size, digest.hexdigest())


async def _listed(request: web.Request) -> list[str]:
    raw = bytearray()
    async for chunk in request.content.iter_any():
        raw += chunk
    try:
        root = ElementTree.fromstring(bytes(raw))  # noqa: S314 - of a client under test
    except ElementTree.ParseError:
        raise _Refusal(400, "InvalidXmlDocument") from None
    names = [element.text or "" for element in root]
    if root.tag != "BlockList" or any(element.tag not in ("Latest", "Uncommitted") for element in root):
        raise _Refusal(400, "InvalidXmlDocument")
    if len(names) > _MOST_BLOCKS:
        raise _Refusal(400, "BlockListTooLong")
    return names


def _refused(refusal: _Refusal) -> web.Response:
    body = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{refusal.code}</Code></Error>'
    return web.Response(
        status=refusal.status,
        text=body,
        content_type="application/xml",
        headers={"x-ms-error-code": refusal.code, "x-ms-request-id": secrets.token_hex(8)},
    )
