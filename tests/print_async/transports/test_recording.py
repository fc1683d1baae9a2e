"""A recording: what is in the file, and that it is whole at any time."""

import asyncio
import base64
import gzip
import hashlib
import os
import subprocess
import sys

import pytest

from print_async import AiohttpTransport, RecordingTransport
from print_async.errors import CertificateRejected, ClientClosed, ConnectFailed, ConnectionLost, TransportTimeout
from print_async.testing import StubTransport, json_response
from print_async.testing._transports.peers import said, serving
from print_async.wire import Body, Headers, Request, Response
from tests.print_async.transports.recordings import URL, ask, exchanges


async def test_what_a_recording_looks_like(path):
    """The first line says what it is; each exchange is a line of JSON, with a number, its request and its answer."""
    answer = json_response({"id": 7, "amount": 10.5}, 201, {"X-Request-Id": "r1"})
    request = Request("POST", URL + "?a=1", {"Accept": "x"}, Body.json({"name": "Zo\u00eb"}))
    await ask(path, answer, request=request)
    assert path.read_text(encoding="utf-8") == (
        '{"format": "print-async recording", "version": 1, "body_limit": 1048576}\n'
        '{"seq": 1, "request": {"method": "POST", "url": "https://print.example/api?a=1", "headers": '
        '{"Accept": "x", "Content-Type": "application/json"}, "body": {"json": {"name": "Zo\u00eb"}}}, '
        '"response": {"status": 201, "headers": [["Content-Type", "application/json"], ["X-Request-Id", "r1"]], '
        '"body": {"json": {"id": 7, "amount": 10.5}}}}\n'
    )


BODIES = [
    (None, b'{"b":1,"a":[1.50]}', {"json": {"b": 1, "a": [1.5]}}),
    ("application/octet-stream", b'{"b":1}', {"text": '{"b":1}'}),
    ("application/octet-stream", b'{"pin":"1"}', {"json": {"pin": "secret-1"}}),
    ("application/json", b'"text"', {"json": "text"}),
    ("application/json", b'{"a":1', {"text": '{"a":1'}),
    ("application/json", b'{"a":1,"a":2}', {"text": '{"a":1,"a":2}'}),
    ("application/json", b'{"a":0.12345678901234567890}', {"text": '{"a":0.12345678901234567890}'}),
    ("application/json", b"NaN", {"text": "NaN"}),
    ("application/json", b"[" * 5000, {"text": "[" * 5000}),
    ("application/x-www-form-urlencoded", b"a=%C3%A9&b=", {"form": "a=%C3%A9&b="}),
    ("text/html", "<p>\u00e9".encode(), {"text": "<p>\u00e9"}),
    ("text/html; charset=iso-8859-1", b"<p>\xe9", {"text": "<p>\u00e9", "charset": "iso-8859-1"}),
    ("text/html; charset=no-such-thing", b"<p>\xe9", {"base64": base64.b64encode(b"<p>\xe9").decode()}),
    ("application/pdf", b"%PDF\x00\xff", {"base64": base64.b64encode(b"%PDF\x00\xff").decode()}),
    ("text/plain", b"", None),
]


@pytest.mark.parametrize(("kind", "content", "body"), BODIES)
async def test_bodies(path, kind, content, body):
    """A body is recorded as JSON, a form or text where it comes back as it was, else in base64."""
    headers = Headers([] if kind is None else [("Content-Type", kind)])
    (both,) = await ask(path, Response(200, headers, content), request=Request("PUT", URL, body=Body(content, kind)))
    assert both["request"].get("body") == both["response"].get("body") == body


async def test_large_bodies_stand_for_themselves_by_their_hash(path):
    """Over the limit there are length and SHA-256; of JSON and forms, which could be guessed from it, no SHA-256."""
    large = b"x" * 1025
    (kept,) = await ask(path, Response(200, body=large[1:]), body_limit=1024)
    assert kept["response"]["body"] == {"text": "x" * 1024}
    path.unlink()
    (cut,) = await ask(
        path,
        Response(200, body=large),
        request=Request("PUT", URL, body=Body.json({"pin": "1" * 1024})),
        body_limit=1024,
    )
    assert cut["response"]["body"] == {"bytes": 1025, "sha256": hashlib.sha256(large).hexdigest()}
    assert cut["request"]["body"] == {"bytes": 1034}


def test_hash_of_next_to_nothing(path):
    """A limit so low that a hash gives away what was hashed is refused, and no file is made."""
    with pytest.raises(ValueError, match="1024"):
        RecordingTransport(StubTransport(), path, body_limit=1023)
    assert not path.exists()


@pytest.mark.skipif(os.name == "nt", reason="no such permissions")
@pytest.mark.parametrize("there", [False, True])
def test_only_its_owner_reads_it(path, there):
    """The file is 0600 from the start, also where a more open one is replaced."""
    if there:
        path.touch(0o644)
    before = os.umask(0)
    try:
        RecordingTransport(StubTransport(), path, overwrite=there)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600


async def test_nothing_is_overwritten_unasked(path):
    """A file that is there already is left alone, and the error says so; asked to, it is replaced, not followed."""
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="overwrite"):
        RecordingTransport(StubTransport(), path)
    assert path.read_text() == "mine"
    other = path.with_name("link")
    other.symlink_to(path)
    assert len(await ask(other, Response(200), overwrite=True)) == 1
    assert path.read_text() == "mine"


async def test_every_exchange_is_on_the_disk_when_it_is_over(path):
    """Before the caller has its answer the line is written: a process that is killed leaves whole lines."""
    code = (
        "import asyncio, os, sys\n"
        "from print_async import RecordingTransport, Request, Response\n"
        "from print_async.testing import StubTransport\n"
        "async def main():\n"
        "    transport = RecordingTransport(StubTransport(otherwise=Response(200, body=b'x' * 100_000)), sys.argv[1])\n"
        "    for number in range(3):\n"
        "        await transport.send(Request('GET', f'https://x/{number}'))\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", code, str(path)], check=False)
    assert [each["request"]["url"] for each in exchanges(path)] == ["https://x/0", "https://x/1", "https://x/2"]


async def test_tasks_do_not_mix(path):
    """Of many exchanges at a time each is a line of its own, in the order they are over, numbered in that order."""
    turns = {f"{URL}/{number}": (number * 7) % 50 for number in range(50)}

    async def answer(request):
        for _ in range(turns[request.url] * 3):
            await asyncio.sleep(0)
        return Response(200, body=request.url.encode() * 1000)

    transport = RecordingTransport(StubTransport(otherwise=answer), path)
    answers = await asyncio.gather(*(transport.send(Request("GET", url)) for url in turns))
    assert [answer.body for answer in answers] == [url.encode() * 1000 for url in turns]
    found = exchanges(path)
    assert [each["request"]["url"] for each in found] == sorted(turns, key=turns.get)
    assert [each["seq"] for each in found] == list(range(1, 51))
    assert all(each["response"]["body"]["text"].startswith(each["request"]["url"]) for each in found)


ERRORS = [
    ConnectFailed("no", method="GET", url=URL),
    CertificateRejected("no", method="GET", url=URL),
    ConnectionLost("lost: token=abcdefgh12345678", method="GET", url=URL, phase="headers"),
    TransportTimeout("slow", method="GET", url=URL, sent=False, phase="connect"),
]


@pytest.mark.parametrize("error", ERRORS)
async def test_errors(path, error):
    """An error reaches the caller as it is, and the file with its kind and facts, without secrets."""
    transport = RecordingTransport(StubTransport(error), path)
    with pytest.raises(type(error)) as caught:
        await transport.send(Request("GET", URL))
    assert caught.value is error
    (found,) = exchanges(path)
    message = str(error).replace("abcdefgh12345678", "secret-1")
    assert found["error"] == {
        "type": type(error).__name__,
        "phase": error.phase,
        "sent": error.sent,
        "message": message,
    }
    assert "response" not in found


async def test_error_of_a_kind_of_its_own(path):
    """An error that somebody derived from ours is recorded as what it is derived from."""

    class Special(ConnectionLost):
        pass

    transport = RecordingTransport(StubTransport(Special("x")), path)
    with pytest.raises(Special):
        await transport.send(Request("GET", URL))
    assert exchanges(path)[0]["error"]["type"] == "ConnectionLost"


async def test_what_was_never_sent(path):
    """A request that the transport refuses is no exchange."""
    transport = RecordingTransport(StubTransport(ValueError("no header"), ClientClosed("closed")), path)
    for kind in (ValueError, ClientClosed):
        with pytest.raises(kind):
            await transport.send(Request("GET", URL))
    assert exchanges(path) == []


async def test_cancelled(path):
    """A request given up while its answer was awaited is recorded as that, and stays cancelled."""

    async def never(_):
        await asyncio.Event().wait()

    transport = RecordingTransport(StubTransport(never), path)
    task = asyncio.create_task(transport.send(Request("GET", URL)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert exchanges(path) == [{"seq": 1, "request": {"method": "GET", "url": URL, "headers": {}}, "cancelled": True}]


async def test_file_that_cannot_be_written(path, caplog):
    """Calls go on when the file is gone; that is logged once and raised on closing, once, when all else is closed."""
    inner = StubTransport(otherwise=lambda _: Response(200))
    transport = RecordingTransport(inner, path)
    path.unlink()
    for _ in range(3):
        assert (await transport.send(Request("GET", URL))).status == 200
    assert caplog.text.count("cannot be written") == 1
    with pytest.raises(FileNotFoundError, match="exchange 1"):
        await transport.aclose()
    assert inner.closed
    await transport.aclose()
    assert not path.exists()


async def test_answer_that_is_compressed(path):
    """What the transport has decompressed is recorded so, readable, and the length on the wire as it was."""
    packed = gzip.compress(b"readable")

    async def script(peer):
        await peer.request()
        await peer.say(said(packed, Content_Encoding="gzip"))

    transport = RecordingTransport(AiohttpTransport(), path)
    async with serving(script) as url:
        await transport.send(Request("GET", url))
        await transport.aclose()
    (found,) = exchanges(path)
    assert found["response"]["body"] == {"text": "readable"}
    assert ["Content-Length", str(len(packed))] in found["response"]["headers"]


def test_as_many_connections_as_the_other_transport(path, tmp_path):
    """A session sends no more at a time through a recording than without it."""
    assert RecordingTransport(AiohttpTransport(connections=7), path).connections == 7
    assert RecordingTransport(StubTransport(), tmp_path / "other.jsonl").connections is None
