"""External Storage: what MyQ gets, and what a storage gets."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from myqx_async.inbound import AccessDenied, Conflict, Download, Entry, NotFound, SafePath, external_storage
from myqx_async.simulator import MyQCaller
from tests.print_async.inbound.serving import CREDENTIALS, PASSWORD, USER, serve

SCANNED = datetime.fromtimestamp(1676469867, UTC)


class Shelf:
    """A storage in memory."""

    def __init__(self):
        self.files = {}
        self.error = None

    async def list(self, username, folder):
        """List a fixed folder."""
        if self.error:
            raise self.error
        assert username == "john@example.com"
        if not folder.parts:
            return []
        assert folder == SafePath(("folder", "subfolder"))
        return iter(
            [
                Entry("older", "dir", SCANNED),
                Entry("someFile 1.pdf", "file", SCANNED, 132345, "application/pdf"),
            ]
        )

    async def open(self, username, file):
        """Give back what was kept."""
        if (username, file) not in self.files:
            raise NotFound("no such file")
        return Download(self.chunks(self.files[username, file]), mime_type="application/pdf; version=1.7")

    async def chunks(self, content: bytes) -> AsyncIterator[bytes]:
        """Yield it in halves."""
        yield content[: len(content) // 2]
        yield content[len(content) // 2 :]

    async def save(self, username, file, content):
        """Keep a file."""
        if (username, file) in self.files:
            raise Conflict("there already")
        self.length = content.length
        self.files[username, file] = await content.read()

    async def delete(self, username, file):
        """Forget a file."""
        if self.error:
            raise self.error
        del self.files[username, file]


@pytest.fixture
def shelf():
    """The storage."""
    return Shelf()


@pytest.fixture
async def myq(kind, shelf):
    """MyQ, with the storage to call."""
    async with (
        serve(kind, external_storage(shelf, CREDENTIALS, max_upload=100_000)) as server,
        MyQCaller(server.url, USER, PASSWORD) as caller,
    ):
        yield caller


async def test_a_folder(myq):
    """A folder is answered as the documents show it; what a folder has not, its item has not."""
    reply = await myq.list_folder("john@example.com", "folder/subfolder")

    assert reply.status == 200
    assert reply.json() == {
        "items": [
            {"id": "folder/subfolder/older", "name": "older", "kind": "dir", "lastModified": 1676469867},
            {
                "id": "folder/subfolder/someFile 1.pdf",
                "name": "someFile 1.pdf",
                "kind": "file",
                "lastModified": 1676469867,
                "fileSize": 132345,
                "mimeType": "application/pdf",
            },
        ],
        "count": 2,
    }


@pytest.mark.parametrize("end", ["", "/"])
async def test_the_root(myq, end):
    """The root is listed with and without a slash at the end."""
    reply = await myq.call("GET", f"/folders/john%40example.com{end}")

    assert (reply.status, reply.json()) == (200, {"items": [], "count": 0})


async def chunked(*chunks: bytes) -> AsyncIterator[bytes]:
    """Yield chunks, of which nobody knows how many there will be."""
    for chunk in chunks:
        yield chunk


async def test_a_file(myq, shelf):
    """A file is kept with 201, given back byte for byte, and deleted with 204; paths arrive decoded once, in parts."""
    path, content = "folder/Scan 1 + ä 50%.pdf", bytes(range(256)) * 100

    uploaded = await myq.upload("john", path, content)
    assert (uploaded.status, uploaded.body, shelf.length) == (201, b"", len(content))
    assert shelf.files == {("john", SafePath(("folder", "Scan 1 + ä 50%.pdf"))): content}

    downloaded = await myq.download("john", path)
    assert (downloaded.status, downloaded.body) == (200, content)
    assert downloaded.headers["content-type"] == "application/pdf; version=1.7"

    deleted = await myq.delete("john", path)
    assert (deleted.status, deleted.body, shelf.files) == (204, b"", {})
    assert (await myq.download("john", path)).status == 404


async def test_a_file_of_unknown_length(myq, shelf):
    """A chunked upload is a file like any other."""
    assert (await myq.upload("john", "a", chunked(b"1", b"2" * 70_000, b"3"))).status == 201

    assert shelf.files == {("john", SafePath(("a",))): b"1" + b"2" * 70_000 + b"3"}
    assert shelf.length is None


async def test_a_file_that_is_too_large(myq, shelf):
    """The limit on uploads holds, whether the length is known or not, and nothing is kept."""
    assert (await myq.upload("john", "a", b"x" * 100_001)).status == 413
    assert (await myq.upload("john", "a", chunked(b"x" * 50_000, b"x" * 50_001))).status == 413
    assert shelf.files == {}


async def test_a_file_that_is_there_already(myq):
    """What the storage refuses is refused."""
    assert [(await myq.upload("john", "a", b"1")).status for _ in range(2)] == [201, 409]


@pytest.mark.parametrize(
    ("error", "status"), [(NotFound(), 404), (AccessDenied("locked"), 403), (Conflict(), 409), (OSError("full"), 500)]
)
async def test_refusals(myq, shelf, error, status):
    """What the storage raises is what MyQ gets."""
    shelf.error = error

    assert (await myq.list_folder("john", "a")).status == status
    assert (await myq.delete("john", "a")).status == status


@pytest.mark.parametrize("path", ["/files/john", "/files/john/", "/files//a", "/files/john/a/b", "/folders//a", "/"])
async def test_paths_that_are_none(myq, path):
    """A path without a user or a file, or with a slash that is not encoded, is not found."""
    assert (await myq.call("GET", path)).status == 404


@pytest.mark.parametrize(
    ("method", "path", "allow"), [("PUT", "files", "DELETE, GET, POST"), ("DELETE", "folders", "GET")]
)
async def test_methods_that_are_not_there(myq, method, path, allow):
    """A wrong method is 405, with those that there are."""
    reply = await myq.call(method, f"/{path}/john/a")

    assert (reply.status, reply.headers["allow"]) == (405, allow)


async def test_a_wrong_password(kind, shelf):
    """With a wrong password nothing can be done."""
    async with (
        serve(kind, external_storage(shelf, CREDENTIALS)) as server,
        MyQCaller(server.url, USER, "wrong") as myq,
    ):
        replies = [await myq.upload("john", "a", b"x"), await myq.download("john", "a"), await myq.list_folder("john")]
    assert [reply.status for reply in replies] == [401, 401, 401]
    assert shelf.files == {}


@pytest.mark.parametrize(
    "make",
    [
        lambda: Entry("..", "dir", SCANNED),
        lambda: Entry("a/b", "file", SCANNED),
        lambda: Entry("a", "link", SCANNED),
        lambda: Entry("a", "file", datetime(2026, 1, 1)),
        lambda: Entry("a", "file", SCANNED, -1),
        lambda: Entry("a", "file", SCANNED, 1, "no type"),
        lambda: Download(chunked(), -1),
        lambda: Download(chunked(), 1, "text/plain\r\nSet-Cookie: x"),
        lambda: external_storage(Shelf(), CREDENTIALS, max_upload=0),
        lambda: external_storage(Shelf(), CREDENTIALS, silence=0),
    ],
)
def test_what_cannot_be(make):
    """A storage that says what cannot be is told so at once."""
    with pytest.raises(ValueError, match=r"name|kind|zone|size|mime|length|must be"):
        make()


async def test_the_caller_must_be_entered():
    """A caller that has not been entered says so."""
    with pytest.raises(RuntimeError, match="async with"):
        await MyQCaller("http://127.0.0.1", "a", "b").download("john", "a")
