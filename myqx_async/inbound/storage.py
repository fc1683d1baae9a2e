"""External Storage adapter: MyQ lists, fetches, keeps and deletes users' files in a storage of yours.

Source: rad/v4/external-storage-adapter. What it leaves open, and what happens here: the root is listed at
`/folders/{username}`, with or without a slash at the end; a deletion is answered with 204.
"""

import re
from collections.abc import AsyncIterable, Iterable
from datetime import datetime
from typing import Any, Literal, Protocol

import attrs

from print_async.codec import UNSET, UnsetType, wire
from print_async.inbound.api import SILENCE, Api
from print_async.inbound.basic import BasicCredentials
from print_async.inbound.body import IncomingBody
from print_async.inbound.errors import BadRequest
from print_async.inbound.exchange import Answer, Call
from print_async.inbound.paths import SafePath, check_name
from print_async.inbound.routes import Route

MAX_UPLOAD = 1024**3
"""Bytes in a scan, unless said otherwise: one GiB."""
_MIME_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:; *[\w.+-]+=[\w.+-]+)*", re.ASCII)


def _safe_name(_: object, __: object, name: str) -> None:
    check_name(name)


def _with_time_zone(_: object, field: "attrs.Attribute[Any]", value: datetime) -> None:
    if value.tzinfo is None:
        raise ValueError(f"{field.name} needs a time zone, for MyQ gets seconds since 1970")


@attrs.frozen
class Entry:
    """A file or folder in a folder.

    Raises:
        ValueError: The name is none that could be asked for (see `SafePath`), the time has no zone, the size is
            negative, or the MIME type is none.
    """

    name: str = attrs.field(validator=_safe_name)
    kind: Literal["dir", "file"] = attrs.field(validator=attrs.validators.in_(("dir", "file")))
    last_modified: datetime = attrs.field(validator=_with_time_zone)
    size: int | None = attrs.field(default=None, validator=attrs.validators.optional(attrs.validators.ge(0)))
    """Bytes; of a file."""
    mime_type: str | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.matches_re(_MIME_TYPE))
    )
    """Of a file."""


@attrs.frozen
class Download:
    """The content of a file.

    Raises:
        ValueError: The length is negative, or the MIME type is none.
    """

    content: AsyncIterable[bytes] = attrs.field(repr=False)
    """Read once, chunk by chunk. A generator is closed if MyQ goes away; one that nobody came to read never starts, so
    open the file inside it."""
    length: int | None = attrs.field(default=None, validator=attrs.validators.optional(attrs.validators.ge(0)))
    """Bytes. If the content has more or fewer, the connection is dropped, so that MyQ notices."""
    mime_type: str = attrs.field(default="application/octet-stream", validator=attrs.validators.matches_re(_MIME_TYPE))


class Storage(Protocol):
    """Where MyQ is to keep the users' files. User names are safe as a file name, paths are `SafePath`s.

    Each method may raise `NotFound`, `AccessDenied` or `Conflict` of `print_async.inbound`, which MyQ gets as 404, 403
    and 409; anything else is logged, and MyQ gets 500. Calls come at the same time, also for the same file.
    """

    async def list(self, username: str, folder: SafePath) -> Iterable[Entry]:
        """Return what is in a folder; without parts, `folder` is the user's root."""
        ...

    async def open(self, username: str, file: SafePath) -> Download:
        """Return a file's content."""
        ...

    async def save(self, username: str, file: SafePath, content: IncomingBody) -> None:
        """Keep a file; return when it is safe, and MyQ gets 201.

        Read `content` to its end. It raises `UploadInterrupted` or `TooLarge` if it does not come whole: keep nothing
        then, best by writing under another name first, and let the error pass. It may be `asyncio.CancelledError` too.
        Whether a file that is there already is replaced or a `Conflict` is not documented: it is up to you.
        """
        ...

    async def delete(self, username: str, file: SafePath) -> None:
        """Delete a file."""
        ...


def external_storage(
    storage: Storage, credentials: BasicCredentials, *, max_upload: int = MAX_UPLOAD, silence: float = SILENCE
) -> Api:
    """Return the API, to be mounted, through which MyQ uses a storage.

    Args:
        storage: What does the work.
        credentials: What MyQ has as Login and Password in the connector's settings.
        max_upload: Bytes in a file; more gets 413, as soon as it is known.
        silence: Seconds for which MyQ may send nothing in the middle of a file; then it gets 408.
    """
    routes = _Routes(storage)
    return Api(
        "MyQ External Storage",
        credentials,
        (
            Route("GET", "/folders/{username}", routes.list),
            Route("GET", "/folders/{username}/", routes.list),
            Route("GET", "/folders/{username}/{pathId}", routes.list),
            Route("GET", "/files/{username}/{fileId}", routes.download),
            Route("POST", "/files/{username}/{fileId}", routes.upload, max_upload),
            Route("DELETE", "/files/{username}/{fileId}", routes.delete),
        ),
        silence,
    )


@attrs.frozen
class _Routes:
    storage: Storage

    async def list(self, call: Call) -> Answer:
        username, folder = _place(call)
        items = [_item(folder, entry) for entry in await self.storage.list(username, folder)]
        return Answer.json({"items": items, "count": len(items)})

    async def download(self, call: Call) -> Answer:
        found = await self.storage.open(*_place(call))
        return Answer(200, {"Content-Type": found.mime_type}, stream=found.content, length=found.length)

    async def upload(self, call: Call) -> Answer:
        await self.storage.save(*_place(call), call.body)
        await call.body.finish()
        return Answer(201)

    async def delete(self, call: Call) -> Answer:
        await self.storage.delete(*_place(call))
        return Answer(204)


def _place(call: Call) -> tuple[str, SafePath]:
    username, *path = call.parameters
    try:
        return check_name(username), SafePath.parse(path[0]) if path else SafePath()
    except ValueError as error:
        raise BadRequest(str(error)) from None


@attrs.frozen
class _Item:
    id: str
    name: str
    kind: str
    last_modified: int = wire("lastModified")
    file_size: int | UnsetType = wire("fileSize", UNSET)
    mime_type: str | UnsetType = wire("mimeType", UNSET)


def _item(folder: SafePath, entry: Entry) -> _Item:
    size = UNSET if entry.size is None else entry.size
    modified = int(entry.last_modified.timestamp())
    return _Item(str(folder.child(entry.name)), entry.name, entry.kind, modified, size, entry.mime_type or UNSET)
