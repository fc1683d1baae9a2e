"""The simulator's storage: a host of its own, signed URLs, blocks, and what it keeps."""

import base64
import hashlib

import pytest
from yarl import URL

from ezeep_async.simulator.blob_storage import BlobStorage

WHOLE = {"x-ms-blob-type": "BlockBlob"}


def number(value: int) -> str:
    """Return a block id, as it is in a query."""
    return base64.b64encode(b"%06d" % value).decode().replace("=", "%3D")


def listing(*numbers: int, tag: str = "Latest") -> bytes:
    """Return a block list."""
    rows = "".join(f"<{tag}>{number(each).replace('%3D', '=')}</{tag}>" for each in numbers)
    return f'<?xml version="1.0" encoding="utf-8"?><BlockList>{rows}</BlockList>'.encode()


@pytest.fixture
def storage(visit):
    """Start a simulator and make a place for a document: a function that puts to it, with what there is to look at."""

    async def start():
        visitor = await visit()
        sim = visitor.simulator
        url = sim.blob_url + sim.blobs.issue("doc")

        async def put(more="", data=b"x", headers=None, at=None):
            target = URL(f"{at or url}{more}", encoded=True)
            async with visitor.session.put(target, data=data, headers=headers or {}) as response:
                return response.status, response.headers.get("x-ms-error-code")

        put.sim, put.url, put.blobs, put.clock = sim, url, sim.blobs, visitor.clock
        return put

    return start


async def test_a_host_of_its_own(storage):
    """The storage is none of the three APIs, and signed URLs have characters that must not be encoded again."""
    put = await storage()

    assert len({put.sim.account_url, put.sim.management_url, put.sim.print_url, put.sim.blob_url}) == 4
    assert all(f"%{code}" in put.url for code in ("2B", "2F", "3D", "3A"))


async def test_whole(storage):
    """A document in one request is kept by its size and hash."""
    put = await storage()

    assert await put(data=b"content", headers=WHOLE) == (201, None)
    (part,) = put.blobs.blobs["doc"].parts
    assert (part.size, part.sha256) == (7, hashlib.sha256(b"content").hexdigest())
    assert put.blobs.has("doc")


async def test_the_type_is_wanted(storage):
    """A document without the header that says what kind of blob it is, or with another kind, is refused."""
    put = await storage()

    assert await put() == (400, "MissingRequiredHeader")
    assert await put(headers={"x-ms-blob-type": "PageBlob"}) == (400, "MissingRequiredHeader")
    assert not put.blobs.has("doc")


async def test_a_token_is_seen(storage):
    """A request with an Authorization header is counted and refused."""
    put = await storage()

    assert await put(headers={**WHOLE, "Authorization": "Bearer x"}) == (403, "AuthenticationFailed")
    assert put.blobs.authorized == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.replace("%2B", "+"), lambda url: url.replace("%2F", "/"), lambda url: url.replace("%2F", "%2f"),
        lambda url: url.replace("%3A", ":"), lambda url: url.split("?")[0], lambda url: url.replace("/doc", "/other"),
        lambda url: url.replace("sp=wl", "sp=rwl"), lambda url: f"{url}&more=1", lambda url: url.replace("sr=b&", ""),
    ],
)  # fmt: skip
async def test_the_signature_byte_for_byte(storage, change):
    """A URL that is not what was signed, be it by an encoding only, is refused."""
    put = await storage()

    assert change(put.url) != put.url
    assert await put(at=change(put.url), headers=WHOLE) == (403, "AuthenticationFailed")


async def test_expiry(storage):
    """A signed URL ends with its time."""
    put = await storage()
    put.clock.time += put.blobs.url_seconds - 1
    assert (await put(headers=WHOLE))[0] == 201

    put.clock.time += 1
    assert await put(headers=WHOLE) == (403, "AuthenticationFailed")


async def test_blocks(storage):
    """Blocks come in any order and make a document in the order of the list; what is not in it is dropped."""
    put = await storage()
    for each in (2, 0, 1):
        assert await put(f"&comp=block&blockid={number(each)}", data=b"%d" % each) == (201, None)
    assert not put.blobs.has("doc")

    assert await put("&comp=blocklist", data=listing(0, 2)) == (201, None)

    document = put.blobs.blobs["doc"]
    assert [part.sha256 for part in document.parts] == [hashlib.sha256(b"%d" % each).hexdigest() for each in (0, 2)]
    assert (document.size, document.blocks) == (2, {})


async def test_a_block_that_is_told_to_fail(storage):
    """The chosen block fails as often as told, and the others do not."""
    put = await storage()
    put.blobs.fail_block(1, times=2)

    seen = [(await put(f"&comp=block&blockid={number(each)}"))[0] for each in (0, 1, 1, 1, 2)]

    assert seen == [201, 503, 503, 201, 201]
    assert list(put.blobs.block_puts.values()) == [1, 3, 1]


@pytest.mark.parametrize(
    ("more", "data", "code"),
    [
        ("&comp=block&blockid=!!", b"x", "InvalidQueryParameterValue"),
        ("&comp=block", b"x", "OutOfRangeQueryParameterValue"),
        (f"&comp=block&blockid={base64.b64encode(bytes(65)).decode()}", b"x", "OutOfRangeQueryParameterValue"),
        ("&comp=block&blockid=YQ%3D%3D", b"x", "InvalidBlobOrBlock"),
        ("&comp=blocklist", listing(0, 9), "InvalidBlockList"),
        ("&comp=blocklist", b"<BlockList>", "InvalidXmlDocument"),
        ("&comp=blocklist", b"<Other/>", "InvalidXmlDocument"),
        ("&comp=blocklist", listing(0, tag="Committed"), "InvalidXmlDocument"),
        ("&comp=page", b"x", "InvalidQueryParameterValue"),
    ],
)
async def test_what_is_not_taken(storage, more, data, code):
    """Blocks and lists that Azure refuses are refused by its words."""
    put = await storage()
    assert (await put(f"&comp=block&blockid={number(0)}"))[0] == 201

    assert await put(more, data=data) == (400, code)


async def test_a_length_is_wanted(storage):
    """A body of unknown length is refused, as Azure wants to know it before."""
    put = await storage()

    async def chunks():
        yield b"x"

    assert await put(data=chunks(), headers=WHOLE) == (411, "MissingContentLengthHeader")


async def test_limits(storage, monkeypatch):
    """What is larger than the version of the API allows is refused."""
    module = "ezeep_async.simulator.blob_storage"
    for name, value in (("_MOST_WHOLE", 5), ("_MOST_BLOCK", 3), ("_MOST_BLOCKS", 1)):
        monkeypatch.setattr(f"{module}.{name}", value)
    put = await storage()

    assert await put(data=bytes(6), headers=WHOLE) == (413, "RequestBodyTooLarge")
    assert await put(f"&comp=block&blockid={number(0)}", data=bytes(4)) == (413, "RequestBodyTooLarge")
    seen = [(await put(f"&comp=block&blockid={number(each)}"))[0] for each in range(3)]
    assert seen == [201, 201, 409]
    assert await put("&comp=blocklist", data=listing(0, 1)) == (400, "BlockListTooLong")


def test_names_are_independent():
    """Each document has a signature of its own, and one that is deleted is gone."""
    storage = BlobStorage(lambda: 0.0)
    first, second = storage.issue("a"), storage.issue("b")

    assert first.partition("?")[2] != second.partition("?")[2]
    storage.delete("a")
    storage.delete("a")
    assert set(storage.blobs) == {"b"}
