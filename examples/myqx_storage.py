"""A storage for MyQ X: what users scan is kept in a folder on this disk.

MYQ_PASSWORD is what MyQ X has as Password beside the URL of this server, and `myq` the Login. Put TLS in front of it.
"""

import asyncio
import mimetypes
import os
import sys
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from aiohttp import web

from myqx_async.inbound import (
    AccessDenied,
    BasicCredentials,
    Conflict,
    Download,
    Entry,
    IncomingBody,
    NotFound,
    SafePath,
    aiohttp_app,
    external_storage,
)


class FolderStorage:
    """Each user's files in a folder of their own, below `users`; what is not whole yet is in `incoming`."""

    def __init__(self, folder: Path) -> None:
        self.users, self.incoming = folder.resolve() / "users", folder.resolve() / "incoming"
        for each in (self.users, self.incoming):
            each.mkdir(parents=True, exist_ok=True)

    async def list(self, username: str, folder: SafePath) -> Iterable[Entry]:
        """Return what is in a folder."""
        return await asyncio.to_thread(self._list, username, folder)

    async def open(self, username: str, file: SafePath) -> Download:
        """Return a file, to be read as it is sent."""
        path = await asyncio.to_thread(self._find, username, file)
        size = (await asyncio.to_thread(path.stat)).st_size
        return Download(chunks(path), size, mimetypes.guess_type(path.name)[0] or "application/octet-stream")

    async def save(self, username: str, file: SafePath, content: IncomingBody) -> None:
        """Keep a file once it is whole; one that is there already is replaced."""
        path = await asyncio.to_thread(self._place, username, file)
        with NamedTemporaryFile(dir=self.incoming, delete=False) as partial:
            try:
                async for chunk in content:
                    await asyncio.to_thread(partial.write, chunk)
                await asyncio.to_thread(keep, partial, path)
            finally:  # also if MyQ went away in the middle: half a file is not kept
                await asyncio.shield(asyncio.to_thread(Path(partial.name).unlink, missing_ok=True))

    async def delete(self, username: str, file: SafePath) -> None:
        """Delete a file."""
        path = await asyncio.to_thread(self._find, username, file)
        await asyncio.to_thread(path.unlink)

    def _place(self, username: str, path: SafePath) -> Path:
        """Return where a path is to be; a link may lead around in the user's folder, but not out of it."""
        home = self.users / username
        place = home.joinpath(*path.parts)
        if not place.resolve().is_relative_to(home):
            raise AccessDenied("a link leads elsewhere")
        return place

    def _find(self, username: str, path: SafePath) -> Path:
        place = self._place(username, path)
        if not place.is_file():
            raise NotFound("there is no such file")
        return place

    def _list(self, username: str, folder: SafePath) -> Iterable[Entry]:
        place = self._place(username, folder)
        if not place.is_dir():
            if folder.parts:
                raise NotFound("there is no such folder")
            return []  # nothing was ever scanned
        return [entry for path in sorted(place.iterdir()) if (entry := describe(path))]


def describe(path: Path) -> Entry | None:
    """Return a file or folder as MyQ is to see it; nothing for links, and names that it could not ask for."""
    found = path.lstat()
    modified = datetime.fromtimestamp(found.st_mtime, UTC)
    try:
        if path.is_symlink():
            return None
        if path.is_dir():
            return Entry(path.name, "dir", modified)
        return Entry(path.name, "file", modified, found.st_size, mimetypes.guess_type(path.name)[0])
    except ValueError:
        return None


async def chunks(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while chunk := await asyncio.to_thread(file.read, 256 * 1024):
            yield chunk


def keep(partial: IO[bytes], path: Path) -> None:
    partial.flush()
    os.fsync(partial.fileno())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        Path(partial.name).replace(path)
    except (FileExistsError, IsADirectoryError, NotADirectoryError):
        raise Conflict("a folder is where the file should be, or a file where a folder should") from None


def create_app(folder: Path) -> web.Application:
    credentials = BasicCredentials("myq", os.environ["MYQ_PASSWORD"])
    app = web.Application()
    app.add_subapp("/myq-storage", aiohttp_app(external_storage(FolderStorage(folder), credentials)))
    return app


if __name__ == "__main__":
    web.run_app(create_app(Path(sys.argv[1])), host="127.0.0.1", port=int(os.environ.get("PORT", "8080")))
