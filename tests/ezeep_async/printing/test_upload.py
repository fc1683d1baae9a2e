"""Uploads: whole or in blocks, from whatever there is, to a host that must never see a token."""

import asyncio
import hashlib
import io
import logging
import os
import re
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ezeep_async.printing import blob
from ezeep_async.printing.document import Stored, Streamed, open_document
from print_async.errors import ConnectFailed, ConnectionLost, UploadFailed
from print_async.retry import RetryPolicy
from print_async.secret import Secret
from print_async.testing import Fault, FaultKind, VirtualClock, json_response
from print_async.wire import Headers, Response

TAKEN = json_response({"jobid": "1"})
SMALL = 1000
"""The size of a block where a test makes them small."""


@pytest.fixture
def small_blocks(monkeypatch):
    """Make blocks, and what goes up whole, small."""
    monkeypatch.setattr(blob, "BLOCK_SIZE", SMALL)
    monkeypatch.setattr(blob, "WHOLE_LIMIT", 3 * SMALL)
    monkeypatch.setattr("ezeep_async.printing.workflow.BLOCK_SIZE", SMALL)


async def stream(content, size=700):
    """Yield bytes in pieces."""
    for start in range(0, len(content), size):
        yield content[start : start + size]


def pipe(content):
    """Return a file that can only be read on, and says nothing of its length."""
    reader, writer = os.pipe()
    os.write(writer, content)
    os.close(writer)
    return os.fdopen(reader, "rb", buffering=0)


def reader(content):
    """Return an asyncio stream."""
    made = asyncio.StreamReader()
    made.feed_data(content)
    made.feed_eof()
    return made


def hashes(content, size):
    """Return what the storage keeps of content in blocks of that size."""
    pieces = (content[start : start + size] for start in range(0, len(content), size))
    return [(len(piece), hashlib.sha256(piece).hexdigest()) for piece in pieces]


def kept(rig):
    """Return what the storage has kept of the one document there."""
    (found,) = rig.sim.blobs.blobs.values()
    return [(part.size, part.sha256) for part in found.parts]


@pytest.mark.parametrize(
    "kind", ["path", "str", "bytes", "bytearray", "memoryview", "file", "pipe", "stream", "reader"]
)
@pytest.mark.parametrize("length", [1, 999, 1000, 1001, 3000, 3001, 12_345])
async def test_whatever_it_comes_from(start, small_blocks, tmp_path, kind, length):
    """Every kind of source arrives byte for byte, whole where it is small and of known size, else in blocks."""
    rig = await start()
    content = os.urandom(length)
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    sources = {
        "path": path, "str": str(path), "bytes": content, "bytearray": bytearray(content),
        "memoryview": memoryview(content), "file": io.BytesIO(content), "stream": stream(content),
        "pipe": pipe(content), "reader": reader(content),
    }  # fmt: skip

    with sources["pipe"]:
        await rig.ezeep.printing.print_file(sources[kind], rig.sim.prints.printers[0].id, file_type="pdf")

    whole = length <= 3000 if kind in ("path", "str", "bytes", "bytearray", "memoryview") else length < 1000
    assert kept(rig) == hashes(content, length if whole else SMALL)
    assert rig.sim.blobs.authorized == 0
    assert rig.sim.blobs.stats.requests == (1 if whole else -(-length // SMALL) + 1)


async def test_a_block_that_fails_is_sent_again_alone(start, small_blocks):
    """Of blocks only those are sent again that failed; the rest goes on, and the document is whole."""
    rig = await start()
    content = os.urandom(10 * SMALL)
    rig.sim.blobs.fail_block(2, times=1)
    rig.sim.blobs.fail_block(7, times=3)

    await rig.ezeep.printing.print_file(content, rig.sim.prints.printers[0].id, file_type="pdf")

    assert sorted(rig.sim.blobs.block_puts.values()) == [1] * 8 + [2, 4]
    assert list(rig.sim.blobs.block_puts.values())[2] == 2
    assert list(rig.sim.blobs.block_puts.values())[7] == 4
    assert kept(rig) == hashes(content, SMALL)
    assert len(rig.sim.prints.accepted) == 1


async def test_a_block_of_a_stream_is_sent_again(start, small_blocks):
    """A stream cannot be read again, and a block of it that fails on the wire is sent again all the same."""
    rig = await start()
    content = os.urandom(6 * SMALL + 1)
    rig.sim.blobs.faults.add(Fault(kind=FaultKind.DROP_AFTER, times=2))
    rig.sim.blobs.faults.add(Fault(kind=FaultKind.DROP_BEFORE, times=1))
    rig.sim.blobs.faults.add(Fault(kind=FaultKind.STATUS, status=429, retry_after="3", times=1))

    await rig.ezeep.printing.print_file(stream(content), rig.sim.prints.printers[0].id, file_type="pdf")

    assert kept(rig) == hashes(content, SMALL)
    assert 3 in rig.clock.slept


async def test_a_block_that_never_arrives(start, small_blocks):
    """A block that fails again and again ends the upload: nothing is printed, and the document may be tried anew."""
    rig = await start()
    rig.sim.blobs.fail_block(1, times=1000)

    with pytest.raises(UploadFailed, match=r"503 \(ServerBusy\).*Nothing was printed") as failed:
        await rig.ezeep.printing.print_file(bytes(5000), rig.sim.prints.printers[0].id, file_type="pdf")

    assert (failed.value.status, failed.value.code, failed.value.retryable) == (503, "ServerBusy", True)
    assert failed.value.file_id in rig.sim.blobs.blobs
    assert list(rig.sim.blobs.block_puts.values())[1] == 5
    assert rig.sim.prints.accepted == []


async def test_held_one_at_a_time(small_blocks):
    """Blocks are on their way several at a time, and a stream is read no faster than that: one for each, one ahead."""
    given, arrived, most_held, on_their_way, most_at_once = 0, 0, 0, 0, 0

    async def source():
        nonlocal given, most_held
        for _ in range(100):
            given += 1
            most_held = max(most_held, given - arrived)
            yield bytes(SMALL)

    class Slow:
        async def send(self, request):
            nonlocal arrived, on_their_way, most_at_once
            on_their_way += 1
            most_at_once = max(most_at_once, on_their_way)
            for _ in range(20):
                await asyncio.sleep(0)
            on_their_way -= 1
            arrived += "comp=block&" in request.url
            return Response(201)

    upload = blob.BlobUpload(
        Secret("https://s.example/a?sig=b"), file_id="f", transport=Slow(), clock=VirtualClock(), retry=RetryPolicy()
    )
    await upload.send(await open_document(source(), SMALL))

    assert (given, arrived, most_at_once) == (100, 100, blob.PARALLEL)
    assert most_held <= blob.PARALLEL + 1


async def test_the_url_byte_for_byte(scripted, uploaded):
    """The signed URL goes out as it came, without a token, with the blob's type, and the bytes as they are."""
    script = await scripted(*uploaded, TAKEN)

    await script.ezeep.printing.print_file(b"bytes", script.printer, file_type="pdf")

    put = script.requests[1]
    assert (put.method, put.url) == ("PUT", uploaded[0].json()["sasUri"])
    assert dict(put.headers) == {"x-ms-blob-type": "BlockBlob"}
    assert (put.body.length, put.body.content_type, put.body.replayable) == (5, "application/octet-stream", True)
    for _ in range(2):
        assert b"".join([chunk async for chunk in put.body.content()]) == b"bytes"


async def test_blocks_keep_the_url(scripted, uploaded, small_blocks):
    """Of blocks, too, the URL goes out as it came, with Azure's parameters behind it, and no token."""
    script = await scripted(uploaded[0], *[Response(201)] * 3, TAKEN)

    await script.ezeep.printing.print_file(stream(bytes(1500)), script.printer, file_type="pdf")

    signed = uploaded[0].json()["sasUri"]
    puts = script.requests[1:4]
    assert {put.url for put in puts} == {
        f"{signed}&comp=block&blockid=MDAwMDAwMDAw",
        f"{signed}&comp=block&blockid=MDAwMDAwMDAx",
        f"{signed}&comp=blocklist",
    }
    assert not any(name.lower() == "authorization" for put in puts for name in put.headers)
    assert puts[2].body.content.endswith(
        b"<BlockList><Latest>MDAwMDAwMDAw</Latest><Latest>MDAwMDAwMDAx</Latest></BlockList>"
    )


@pytest.mark.parametrize(
    "url",
    ["http://storage.example/a?sig=s3cret", "ftp://storage.example/a?sig=s3cret", "", "nonsense",
     "https://user:s3cret@storage.example/a", "https:///a?sig=s3cret"],
)  # fmt: skip
async def test_only_https(scripted, url):
    """A document goes to nothing but https, this machine excepted; the error does not show what was signed."""
    script = await scripted(json_response({"fileid": "ERI_1", "sasUri": url}))

    with pytest.raises(UploadFailed, match="no https URL") as refused:
        await script.ezeep.printing.print_file(b"x", script.printer, file_type="pdf")

    assert len(script.requests) == 1
    assert "s3cret" not in "".join(traceback.format_exception(refused.value))


async def test_http_on_this_machine(scripted):
    """On loopback plain http is taken, as for every other URL."""
    script = await scripted(
        json_response({"fileid": "ERI_1", "sasUri": "http://127.0.0.1:1/a?sig=b"}), Response(201), TAKEN
    )

    assert (await script.ezeep.printing.print_file(b"x", script.printer, file_type="pdf")).id == "1"


@pytest.mark.parametrize(
    "failure",
    [
        Response(403, Headers([("x-ms-error-code", "AuthenticationFailed")]), b"<Error>sig=a%2Bb%2Fc%3D</Error>"),
        Response(403, Headers([("x-ms-error-code", "sig=a%2Bb%2Fc%3D")])),
        ConnectionLost("broke"), ConnectFailed("refused"), Response(200), Response(307), Response(401),
    ],
    ids=repr,
)  # fmt: skip
async def test_the_signature_is_nowhere(scripted, uploaded, failure, caplog):
    """Whatever goes wrong, no text that is left behind has the signature in it: error, traceback with locals, log."""
    caplog.set_level(logging.DEBUG)
    script = await scripted(uploaded[0], *[failure] * 5)

    with pytest.raises(UploadFailed) as failed:
        await script.ezeep.printing.print_file(b"x", script.printer, file_type="pdf")

    shown = "".join(traceback.TracebackException.from_exception(failed.value, capture_locals=True).format())
    shown += caplog.text + repr(script.requests)
    shown += repr(vars(failed.value)) + repr(vars(failed.value.__cause__))
    # The script itself is a local of this test, and holds the answer as it is.
    assert not re.search("sig=|a%2Bb|a\\+b", shown)


async def test_a_refused_token_is_not_fetched_for_the_storage(scripted, uploaded):
    """A 401 of the storage is a failed upload: it says nothing of the token, which stays."""
    script = await scripted(uploaded[0], Response(401))

    with pytest.raises(UploadFailed):
        await script.ezeep.printing.print_file(b"x", script.printer, file_type="pdf")
    assert script.ezeep.session.token_info.generation == 1
    assert len(script.requests) == 2


async def test_progress_whole(start, tmp_path):
    """Of a document that goes up whole, progress is told piece by piece, never backwards, up to the end."""
    rig = await start()
    path = tmp_path / "a.pdf"
    path.write_bytes(bytes(1_000_000))
    rig.sim.blobs.faults.add(Fault(kind=FaultKind.STATUS, status=503, times=1))
    seen = []

    await rig.ezeep.printing.print_file(path, rig.sim.prints.printers[0].id, progress=seen.append)

    assert [each.done for each in seen] == sorted({each.done for each in seen})
    assert (seen[-1].done, {each.total for each in seen}) == (1_000_000, {1_000_000})
    assert len(seen) > 2


async def test_progress_in_blocks(start, small_blocks):
    """Of blocks, progress is what has arrived; a stream has no total."""
    rig = await start()
    seen, streamed = [], []

    await rig.ezeep.printing.print_file(
        bytes(4500), rig.sim.prints.printers[0].id, file_type="pdf", progress=seen.append
    )
    await rig.ezeep.printing.print_file(
        stream(bytes(2500)), rig.sim.prints.printers[0].id, file_type="pdf", progress=streamed.append
    )

    assert (seen[-1].done, len(seen), {each.total for each in seen}) == (4500, 5, {4500})
    assert (streamed[-1].done, len(streamed), {each.total for each in streamed}) == (2500, 3, {None})


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_passing_failures(scripted, uploaded, status):
    """What the storage says when it is busy, or failed by itself, passes: the same bytes are put again."""
    script = await scripted(uploaded[0], Response(status), ConnectionLost("broke"), uploaded[1], TAKEN)

    assert (await script.ezeep.printing.print_file(b"x", script.printer, file_type="pdf")).id == "1"
    assert len({request.url for request in script.requests[1:4]}) == 1


@pytest.mark.parametrize("length", [2000, 9000])
async def test_progress_that_raises(start, small_blocks, length):
    """What the callback raises comes out as it is, and nothing is printed."""
    rig = await start()

    def stop(_):
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        await rig.ezeep.printing.print_file(
            bytes(length), rig.sim.prints.printers[0].id, file_type="pdf", progress=stop
        )
    assert rig.sim.prints.accepted == []


@pytest.mark.parametrize("length", [2000, 9000])
async def test_a_file_that_shrinks(start, small_blocks, tmp_path, length):
    """A file that becomes shorter while it is read is not printed, whole or in blocks."""
    rig = await start()
    path = tmp_path / "a.pdf"
    path.write_bytes(bytes(length))

    def shrink(_):
        path.write_bytes(b"x")

    rig.sim.blobs.fail_block(0)
    rig.sim.blobs.faults.add(Fault(kind=FaultKind.STATUS, status=503, times=1))
    rig.ezeep.printing._clock = _Acting(rig.clock, shrink)

    with pytest.raises(UploadFailed, match="became shorter"):
        await rig.ezeep.printing.print_file(path, rig.sim.prints.printers[0].id)
    assert rig.sim.prints.accepted == []


class _Acting:
    """A clock that does something whenever somebody sleeps."""

    def __init__(self, clock, act):
        self._clock, self._act = clock, act

    def __getattr__(self, name):
        return getattr(self._clock, name)

    async def sleep(self, seconds):
        self._act(seconds)
        await self._clock.sleep(seconds)


async def test_a_stream_that_fails(start, small_blocks):
    """What a stream raises comes out as it is, nothing is printed, and no task is left."""
    rig = await start()

    async def broken():
        yield bytes(5000)
        raise RuntimeError("the source is gone")

    with pytest.raises(RuntimeError, match="the source is gone"):
        await rig.ezeep.printing.print_file(broken(), rig.sim.prints.printers[0].id, file_type="pdf")
    assert rig.sim.prints.accepted == []


async def test_text_is_no_document(start):
    """A stream of text is refused with what to do, before anything is sent."""
    rig = await start()

    for content in (io.StringIO("text"), stream("text")):
        with pytest.raises(TypeError, match="binary mode"):
            await rig.ezeep.printing.print_file(content, "any", file_type="txt")
    assert rig.requests == 0


async def test_too_many_blocks(scripted, uploaded, small_blocks, monkeypatch):
    """A stream that is larger than the storage takes is given up, and nothing is printed."""
    monkeypatch.setattr(blob, "_MOST_BLOCKS", 3)
    script = await scripted(uploaded[0], *[Response(201)] * 3)

    with pytest.raises(UploadFailed, match="larger than 3000 bytes"):
        await script.ezeep.printing.print_file(stream(bytes(3001)), script.printer, file_type="pdf")


async def test_cancelled_while_uploading(scripted, uploaded, small_blocks):
    """An upload that is cancelled leaves no task behind, and nothing is printed."""
    there = asyncio.Event()

    async def never(_):
        there.set()
        await asyncio.Event().wait()

    script = await scripted(uploaded[0], *[never] * 4)
    task = asyncio.create_task(script.ezeep.printing.print_file(stream(bytes(9000)), script.printer, file_type="pdf"))
    await there.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not any(request.method == "POST" for request in script.requests)


@given(pieces=st.lists(st.binary(max_size=20), max_size=20), ahead=st.integers(1, 30), size=st.integers(1, 30))
def test_any_stream_in_any_pieces(pieces, ahead, size):
    """However a stream comes in pieces, it is cut into blocks that are full but for the last, and nothing is lost."""
    content = b"".join(pieces)

    async def source():
        for piece in pieces:
            yield piece

    async def cut():
        document = await open_document(source(), ahead)
        assert isinstance(document, Stored) == (len(content) < ahead)
        assert isinstance(document, Stored | Streamed)
        return [block async for block in document.cut(size)]

    if not content:
        with pytest.raises(ValueError, match="empty"):
            asyncio.run(cut())
        return
    blocks = asyncio.run(cut())
    assert b"".join(blocks) == content
    full = blocks[:-1] if len(content) < ahead else blocks[1:-1]
    assert {len(block) for block in full} <= {size}
