"""Reading bytes from the wire, whatever a server makes of ranges; and saving them, wherever the wire breaks."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.download import Download
from print_async.errors import ConnectionLost, DecodeError, StatusError
from print_async.part_file import save
from print_async.retry import RetryPolicy
from print_async.testing import VirtualClock
from print_async.wire import Headers, Response

DATA = bytes(range(251)) * 20
AT_ONCE = RetryPolicy(base=0)
ONCE = RetryPolicy(attempts=1)


class HastyClock(VirtualClock):
    """A clock on which every sleep is over at once, and remembered."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        """Do not."""
        self.slept.append(seconds)


@attrs.define
class Stream:
    """A body that comes in chunks and may break, and knows whether it was closed."""

    body: bytes
    cut: int | None = None
    chunk: int = 100
    closed: bool = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        body = self.body if self.cut is None else self.body[: self.cut]
        for at in range(0, len(body), self.chunk):
            yield body[at : at + self.chunk]
        if self.cut is not None and self.cut < len(self.body):
            raise ConnectionLost("cut", phase="body")

    async def aclose(self) -> None:
        """Close it."""
        self.closed = True


@attrs.define
class Source:
    """A server of one file, which takes ranges or not, says lengths or not, and breaks off where it is told to."""

    data: bytes = DATA
    ranges: bool = True
    lengths: bool = True
    at_most: int = 10**9
    etag: str | None = None
    cuts: list[int] = attrs.field(factory=list)
    chunk: int = 100
    asked: list[str | None] = attrs.field(factory=list)
    streams: list[Stream] = attrs.field(factory=list)

    async def send(self, headers) -> Response:
        """Answer."""
        assert headers["Accept-Encoding"] == "identity"
        wanted = headers.get("Range")
        self.asked.append(wanted)
        said = [("ETag", self.etag)] if self.etag else []
        if not wanted or not self.ranges:
            return self._answer(200, self.data, said)
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start, stop = int(first), min(int(last) + 1 if last else len(self.data), len(self.data))
        if start >= stop:
            raise StatusError("beyond the end", status=416)
        stop = min(stop, start + self.at_most)
        said.append(("Content-Range", f"bytes {start}-{stop - 1}/{len(self.data) if self.lengths else '*'}"))
        return self._answer(206, self.data[start:stop], said)

    def open(self, start: int = 0, end: int | None = None) -> Download:
        """Make a download."""
        return Download(self.send, "GET /file", start=start, end=end)

    def _answer(self, status, body, headers) -> Response:
        length = [("Content-Length", str(len(body)))] if self.lengths else []
        stream = Stream(body, self.cuts.pop(0) if self.cuts else None, self.chunk)
        self.streams.append(stream)
        return Response(status, Headers([*headers, *length]), stream=stream)


def answering(status=206, body=b"0123", **headers) -> Download:
    """Make a download of the bytes from 4 on, of an answer with these headers."""

    async def send(_) -> Response:
        return Response(status, Headers((name.replace("_", "-"), value) for name, value in headers.items()), body)

    return Download(send, "GET /file", start=4)


async def read(download: Download) -> bytes:
    """Read all of it."""
    async with download as data:
        return b"".join([chunk async for chunk in data])


def keep(source: Source, path: Path, retry: RetryPolicy = AT_ONCE):
    """Save the file of a source."""
    return save(source.open, path, retry=retry, clock=VirtualClock())


@given(
    size=st.integers(0, 1000),
    start=st.integers(0, 1100),
    length=st.none() | st.integers(1, 1100),
    ranges=st.booleans(),
    lengths=st.booleans(),
    chunk=st.integers(1, 300),
)
def test_any_range_of_any_server(size, start, length, ranges, lengths, chunk):
    """Whether or not a server takes ranges and says lengths, exactly the bytes asked for come, or a 416."""
    source = Source(DATA[:size], ranges, lengths, chunk=chunk)
    end = None if length is None else start + length - 1
    asked = start or end is not None

    if ranges and asked and start >= size:
        with pytest.raises(StatusError, match="beyond"):
            asyncio.run(read(source.open(start, end)))
        return
    assert asyncio.run(read(source.open(start, end))) == source.data[start : None if end is None else end + 1]
    assert source.streams[0].closed


@pytest.mark.parametrize(
    "content_range", [None, "", "bytes 5-8/9", "bytes 4-3/9", "bytes 4-9/9", "bytes */9", "items 4-7/9", "bytes 4-7"]
)
async def test_another_range_than_the_one_asked_for(content_range):
    """A range that begins later, or cannot be read, is a DecodeError before anything is read."""
    headers = {} if content_range is None else {"Content_Range": content_range}

    with pytest.raises(DecodeError, match="from 4 on"):
        await read(answering(**headers))


async def test_a_range_that_begins_earlier():
    """What comes before the first byte asked for is passed over."""
    assert await read(answering(Content_Range="bytes 2-5/9")) == b"23"


async def test_a_compressed_range():
    """A range of a compressed file cannot be decompressed, and is refused; a compressed whole has no known length."""
    with pytest.raises(DecodeError):
        await read(answering(Content_Range="bytes 4-7/9", Content_Encoding="gzip"))

    assert await read(answering(200, b"012345", Content_Length="3", Content_Encoding="gzip")) == b"45"


async def test_an_answer_that_ends_early_without_an_error():
    """Fewer bytes than the headers say are a lost connection, even where the transport noticed nothing."""
    for download in (answering(Content_Range="bytes 4-8/9"), answering(200, Content_Length="5")):
        with pytest.raises(ConnectionLost, match="after 4 of 5 bytes"):
            await read(download)


async def test_it_is_entered_and_read_once():
    """Reading before entering, and reading twice, are said to be wrong."""
    download = Source().open()
    with pytest.raises(RuntimeError, match="enter"):
        await anext(aiter(download))
    async with download as data:
        await anext(chunks := aiter(data))
        with pytest.raises(RuntimeError, match="once"):
            await anext(aiter(data))
        await chunks.aclose()


async def test_left_early():
    """Leaving without reading, or in the middle, closes the stream."""
    source = Source()
    async with source.open():
        pass
    async with source.open() as data:
        async for _ in data:
            break
        assert data.total == len(DATA)

    assert [stream.closed for stream in source.streams] == [True, True]


@given(
    size=st.integers(0, 5000),
    cuts=st.lists(st.integers(0, 3000), max_size=12),
    ranges=st.booleans(),
    lengths=st.booleans(),
    at_most=st.sampled_from([1, 700, 1024, 10**9]),
    left=st.none() | st.integers(0, 5000),
    chunk=st.integers(50, 3000),
)
def test_saved_wherever_it_is_cut(size, cuts, ranges, lengths, at_most, left, chunk):
    """Wherever the connection is cut, however often, and whatever an earlier run has left, the file is whole."""
    source = Source(DATA[:size], ranges, lengths, at_most if size < 500 else max(700, at_most), chunk=chunk, cuts=cuts)
    with TemporaryDirectory() as folder:
        path = Path(folder, "file")
        if left is not None:
            Path(folder, "file.part").write_bytes(DATA[: min(left, size)])

        async def run() -> None:
            # A new run after each failure, as often as there are cuts: what is there is gone on with.
            for _ in range(len(source.cuts) + 1):
                try:
                    assert await keep(source, path, ONCE) == size
                    return
                except ConnectionLost:
                    continue
            raise AssertionError("never whole")

        if lengths or at_most == 10**9:
            asyncio.run(run())
            assert path.read_bytes() == source.data
            assert [each.name for each in Path(folder).iterdir()] == ["file"]


async def test_only_what_is_missing_is_asked_for(tmp_path):
    """After a cut the rest is asked for; in a later run a little is read again, to see that it is the same file."""
    source = Source(cuts=[1500, 300])
    path = tmp_path / "file"

    assert await keep(source, path) == len(DATA)
    assert source.asked == [None, f"bytes=1500-{len(DATA) - 1}", f"bytes=1800-{len(DATA) - 1}"]

    (tmp_path / "next.part").write_bytes(DATA[:2000])
    assert await keep(source, tmp_path / "next") == len(DATA)
    assert source.asked[3:] == ["bytes=976-"]


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("left", [b"x" * 2000, DATA + b"x", DATA[:2000][::-1], DATA * 2, b"x"])
async def test_a_part_of_something_else(tmp_path, left, ranges):
    """A part that is not the beginning of what the server has is thrown away, and everything is asked for."""
    source = Source(ranges=ranges)
    (tmp_path / "file.part").write_bytes(left)

    assert await keep(source, tmp_path / "file") == len(DATA)

    assert (tmp_path / "file").read_bytes() == DATA
    assert source.asked[-1] is None


async def test_a_part_that_is_whole_already(tmp_path):
    """A part that only missed its renaming is not read again, but for its end."""
    source = Source()
    (tmp_path / "file.part").write_bytes(DATA)

    assert await keep(source, tmp_path / "file") == len(DATA)
    assert source.asked == [f"bytes={len(DATA) - 1024}-"]
    assert (tmp_path / "file").read_bytes() == DATA


async def test_a_file_that_changes_on_the_way(tmp_path):
    """Where the server names another state of the file after a cut, it is begun anew; again, and it is given up."""
    source = Source(etag='"1"', cuts=[500])
    answer = source.send

    async def changed(headers) -> Response:
        if len(source.asked) == 1:
            source.etag, source.data = '"2"', DATA[::-1]
        return await answer(headers)

    open_at = partial(_open, changed)
    assert await save(open_at, tmp_path / "file", retry=AT_ONCE, clock=VirtualClock()) == len(DATA)
    assert (tmp_path / "file").read_bytes() == DATA[::-1]

    async def changing(headers) -> Response:
        source.etag = f'"{len(source.asked)}"'
        source.cuts = [500]
        return await answer(headers)

    with pytest.raises(DecodeError, match="other bytes each time"):
        await save(partial(_open, changing), tmp_path / "other", retry=AT_ONCE, clock=VirtualClock())


def _open(send, start, end) -> Download:
    return Download(send, "GET /file", start=start, end=end)


async def test_given_up_when_nothing_comes_any_more(tmp_path):
    """As long as bytes come it goes on; connections that bring nothing are counted, and their error is the last."""
    source = Source(cuts=[100] * 10 + [0] * 99)

    with pytest.raises(ConnectionLost, match="cut"):
        await keep(source, tmp_path / "file")

    assert len(source.asked) == 10 + AT_ONCE.attempts - 1
    assert (tmp_path / "file.part").read_bytes() == DATA[:1000]


async def test_the_pauses_are_the_policy_s(tmp_path, monkeypatch):
    """It waits on the clock it is given, as the retry policy says, and not while bytes come."""
    monkeypatch.setattr("print_async.part_file.random.random", lambda: 1.0)
    source, clock = Source(cuts=[50, 0, 0, 700]), HastyClock()

    await save(source.open, tmp_path / "file", retry=RetryPolicy(base=10, cap=15), clock=clock)

    assert clock.slept == [10, 15, 15, 10]


async def test_nothing_is_left_of_nothing(tmp_path):
    """An error before the first byte leaves no file, and an empty file is saved as one."""

    async def refuse(_) -> Response:
        raise StatusError("no", status=403)

    with pytest.raises(StatusError, match="no"):
        await save(partial(_open, refuse), tmp_path / "file", retry=AT_ONCE, clock=VirtualClock())
    assert not list(tmp_path.iterdir())

    assert await keep(Source(b""), tmp_path / "file") == 0
    assert (tmp_path / "file").read_bytes() == b""


async def test_memory_is_flat(tmp_path):
    """A file of many megabytes needs no more memory than a few of its chunks."""

    class Long:
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for number in range(512):
                yield bytes([number % 256]) * 65_536

        async def aclose(self) -> None:
            """Do nothing."""

    async def send(_) -> Response:
        return Response(200, Headers({"Content-Length": str(512 * 65_536)}.items()), stream=Long())

    tracemalloc.start()
    try:
        saved = await save(partial(_open, send), tmp_path / "file", retry=ONCE, clock=VirtualClock())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert saved == 33_554_432
    assert peak < 2_000_000


async def test_cancelled_in_the_middle(tmp_path):
    """A run that is cancelled leaves what has come, closed, and the next one goes on with it."""
    source, stuck = Source(), asyncio.Event()

    class Stuck(Stream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield self.body[:2000]
            stuck.set()
            await asyncio.Event().wait()

    async def hang(headers) -> Response:
        response = await source.send(headers)
        return attrs.evolve(response, stream=Stuck(DATA))

    saving = asyncio.create_task(save(partial(_open, hang), tmp_path / "file", retry=AT_ONCE, clock=VirtualClock()))
    await stuck.wait()
    saving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saving

    assert (tmp_path / "file.part").read_bytes() == DATA[:2000]
    assert await keep(source, tmp_path / "file") == len(DATA)
    assert source.asked[-1] == "bytes=976-"


async def test_where_a_file_cannot_be(tmp_path):
    """A folder, or a path in a folder that is not there, is refused before anything is asked for."""
    source = Source()
    for path, error in ((tmp_path, IsADirectoryError), (tmp_path / "no" / "file", FileNotFoundError)):
        with pytest.raises(error):
            await keep(source, path)

    assert source.asked == []


@pytest.mark.parametrize("limit", [1, 1000, 1024, 1025])
async def test_a_server_of_short_ranges(tmp_path, limit):
    """A server that gives less than was asked for is asked again, also where a part is there."""
    source = Source(at_most=limit)
    (tmp_path / "file.part").write_bytes(DATA[:4000])

    assert await keep(source, tmp_path / "file") == len(DATA)

    assert (tmp_path / "file").read_bytes() == DATA
    assert None not in source.asked


async def test_a_server_that_gives_nothing_new(tmp_path):
    """A server that says there is more, and gives only what is there already, is given up."""

    async def send(_) -> Response:
        said = {"Content-Range": "bytes 0-9/20", "Content-Length": "10"}
        return Response(206, Headers(said.items()), DATA[:10])

    with pytest.raises(DecodeError, match="nothing behind byte 10"):
        await save(partial(_open, send), tmp_path / "file", retry=AT_ONCE, clock=VirtualClock())
    assert (tmp_path / "file.part").read_bytes() == DATA[:10]


async def test_a_part_of_what_is_empty_now(tmp_path):
    """A part of a file that has become empty is thrown away."""

    async def send(_) -> Response:
        return Response(200, Headers(), b"")

    (tmp_path / "file.part").write_bytes(b"x" * 5)
    assert await save(partial(_open, send), tmp_path / "file", retry=AT_ONCE, clock=VirtualClock()) == 0
