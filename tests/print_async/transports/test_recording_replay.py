"""A replay: the recorded answers and errors, each once and in order."""

import asyncio
import json
import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from print_async import RecordingTransport, ReplayTransport
from print_async.errors import CertificateRejected, ClientClosed, ConnectionLost, NotRecorded, TransportTimeout
from print_async.testing import StubTransport, json_response, token_response
from print_async.testing._transports.peers import whole
from print_async.wire import Body, Headers, Request, Response
from tests.print_async.transports.recordings import GET, URL, Streamed, bearer, parts, record, refusal

ANSWERS = [
    Response(204),
    Response(404, Headers([("Link", "<a>"), ("X-B", "1"), ("link", "<b>")]), b"not here"),
    json_response({"a": [1, 2.5, None, {"b": "\u00e9"}]}),
    Response(200, Headers([("Content-Type", "text/html; charset=iso-8859-1")]), b"<p>\xe9"),
    Response(200, Headers([("X-Odd", "\udcff")]), b"\x00\xff"),
]


@pytest.mark.parametrize("answer", ANSWERS)
async def test_answers(path, answer):
    """Status, headers and body of an answer are the recorded ones."""
    replay = await record(path, (GET, answer))
    got = await replay.send(GET)
    assert (got.status, list(got.headers), got.stream) == (answer.status, list(answer.headers), None)
    assert got.body == answer.body or got.json() == answer.json()


PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


@given(value=st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner)))
def test_json_comes_back(tmp_path_factory, value):
    """Whatever JSON is recorded, the same comes back, and a request with the same in it is known again."""
    path = tmp_path_factory.mktemp("json") / "talk.jsonl"
    content = json.dumps(value).encode()
    answer = Response(200, Headers([("Content-Type", "application/json")]), content)
    request = Request("POST", URL, body=Body(content, "application/json"))

    async def talk():
        return await (await record(path, (request, answer))).send(request)

    assert json.loads(asyncio.run(talk()).body) == value


@given(content=st.binary(min_size=1))
@example(content=b'{"":[]}')
def test_bytes_come_back(tmp_path_factory, content):
    """Whatever bytes are recorded, the same come back, and a request with the same in it is known again."""
    path = tmp_path_factory.mktemp("bytes") / "talk.jsonl"
    request = Request("PUT", URL, body=Body(content, "application/pdf"))
    answer = Response(200, Headers([("Content-Type", "application/pdf")]), content)

    async def talk():
        return await (await record(path, (request, answer))).send(request)

    assert asyncio.run(talk()).body == content


async def test_each_once_and_in_order(path):
    """The same request is answered as often as it was, in that order; once more is an error that says so."""
    other = Request("GET", URL + "/other")
    talk = [(GET, Response(503)), (other, Response(200)), (GET, Response(200)), (GET, Response(404))]
    replay = await record(path, *talk)
    assert replay.remaining == 4
    assert [(await replay.send(GET)).status for _ in range(3)] == [503, 200, 404]
    assert replay.remaining == 1
    assert "answered 3 times, as often as talk.jsonl has it" in await refusal(replay, GET)
    assert (await replay.send(other)).status == 200


async def test_many_tasks(path):
    """Many tasks at a time, in an order of their own, get each its own answer."""
    requests = [Request("POST", f"{URL}/{number % 7}", body=Body.json({"id": number})) for number in range(60)]
    replay = await record(path, *((each, Response(200, body=each.body.content)) for each in requests))
    random.shuffle(requests)
    answers = await asyncio.gather(*map(replay.send, requests))
    assert [answer.json() for answer in answers] == [json.loads(each.body.content) for each in requests]
    assert replay.remaining == 0


ERRORS = [
    CertificateRejected("x: not accepted", method="GET", url=URL),
    ConnectionLost("x: lost", method="GET", url=URL, phase="headers"),
    ConnectionLost("x: idle", method="GET", url=URL, phase="headers", stale=True),
    TransportTimeout("x: slow", method="GET", url=URL, sent=False, phase="connect"),
]


@pytest.mark.parametrize("error", ERRORS)
async def test_errors(path, error):
    """An error is of the recorded kind, with the recorded facts."""
    replay = await record(path, (GET, error))
    with pytest.raises(type(error)) as caught:
        await replay.send(GET)
    assert type(caught.value) is type(error)
    assert vars(caught.value) == vars(error)
    assert str(caught.value) == str(error)


async def test_stream(path):
    """A stream is given in pieces that are not too large, also where it was read at once, and the reverse."""
    content = bytes(200_000)
    replay = await record(path, (GET, Response(200, body=content)), (GET, Response(200, body=b"second")))
    answer = await replay.send(Request("GET", URL, stream=True))
    pieces = [piece async for piece in answer.stream]
    assert (answer.body, b"".join(pieces), max(map(len, pieces))) == (b"", content, 2**16)
    assert (await replay.send(GET)).body == b"second"


@pytest.mark.parametrize("stream", [True, False])
async def test_stream_that_breaks_off(path, stream):
    """A body that broke off gives what had come, and then the error; read at once, the error."""
    request = Request("GET", URL, stream=True)
    broken = Response(200, stream=Streamed(b"one", b"two", failure=ConnectionLost("cut", method="GET", url=URL)))
    replay = await record(path, (request, broken))
    if stream:
        pieces = aiter((await replay.send(request)).stream)
        assert await anext(pieces) == b"onetwo"
    with pytest.raises(ConnectionLost, match="cut"):
        await (anext(pieces) if stream else replay.send(GET))


async def test_stream_that_was_left(path):
    """Of a stream that was left early there is what had been read, and who wants more is told why there is none."""
    request = Request("GET", URL, stream=True)
    transport = RecordingTransport(StubTransport(Response(200, stream=Streamed(b"one", b"two"))), path)
    async for _ in (await transport.send(request)).stream:
        break
    await transport.aclose()
    pieces = aiter((await ReplayTransport(path).send(request)).stream)
    assert await anext(pieces) == b"one"
    with pytest.raises(NotRecorded, match="not read beyond 3 bytes"):
        await anext(pieces)
    assert "not read beyond" in await refusal(ReplayTransport(path), GET)


@pytest.mark.parametrize("stream", [True, False])
async def test_answer_that_was_too_large(path, stream):
    """An answer over the limit has its head in the recording, and who reads on is told what is missing."""
    replay = await record(path, (GET, Response(206, body=bytes(2000))), body_limit=1024)
    answer = None
    with pytest.raises(NotRecorded, match=r"exchange 1 .* larger than the recording's `body_limit`"):
        answer = await whole(answer := await replay.send(Request("GET", URL, stream=stream)))
    assert (answer is not None) is stream


async def test_body_that_cannot_be_read(path):
    """A body whose stream fails is `ConnectionLost`, as with every transport, and nothing is used up."""
    replay = await record(path, (Request("PUT", URL, body=Body(b"one")), Response(200)))
    with pytest.raises(ConnectionLost, match="ZeroDivisionError"):
        await replay.send(Request("PUT", URL, body=Body(parts(b"one", failure=ZeroDivisionError("planted")))))
    assert replay.remaining == 1


async def test_request_whose_body_was_not_sent_whole(path):
    """Where the recorded request broke off in its body, any body is that one."""

    async def lose(request):
        async for _ in request.body.content():
            raise ConnectionLost("lost", method="PUT", url=URL)

    transport = RecordingTransport(StubTransport(lose), path)
    body = Body(parts(b"one", b"two"))
    with pytest.raises(ConnectionLost):
        await transport.send(Request("PUT", URL, body=body))
    with pytest.raises(ConnectionLost, match="lost"):
        await ReplayTransport(path).send(Request("PUT", URL, body=body))


async def test_what_was_cancelled_is_left_out(path):
    """A request that was given up has no answer; when it is asked in a replay, the next of its kind is given."""

    async def give_up(_):
        raise asyncio.CancelledError

    transport = RecordingTransport(StubTransport(give_up, Response(200)), path)
    with pytest.raises(asyncio.CancelledError):
        await transport.send(GET)
    await transport.send(GET)
    replay = ReplayTransport(path)
    assert replay.remaining == 1
    assert (await replay.send(GET)).status == 200


async def test_closed(path):
    """After `aclose`, however often, a request is `ClientClosed`, and a stream under way breaks off."""
    replay = await record(path, (GET, Response(200, body=bytes(100_000))), (GET, Response(200)))
    pieces = aiter((await replay.send(Request("GET", URL, stream=True))).stream)
    await anext(pieces)
    await replay.aclose()
    await replay.aclose()
    with pytest.raises(ConnectionLost):
        await anext(pieces)
    with pytest.raises(ClientClosed):
        await replay.send(GET)


async def test_stream_that_is_closed(path):
    """Closing a stream, again and again, ends it."""
    replay = await record(path, (GET, Response(200, body=b"x")))
    answer = await replay.send(Request("GET", URL, stream=True))
    await answer.aclose()
    await answer.aclose()
    assert await whole(answer) == b""


async def test_recording_of_a_replay(path, tmp_path):
    """Recorded once more, a replay gives the same file: nothing in it is secret, and it is as stable as it can be."""
    sign_in = Request(
        "POST", URL, body=Body.form({"grant_type": "password", "password": "hunter2-hunter2", "username": "a"})
    )
    use = [Request("GET", f"{URL}?n={number}", bearer("token-of-ours")) for number in range(12)]
    await record(path, (sign_in, token_response("token-of-ours")), *((each, Response(200)) for each in use))
    again = RecordingTransport(ReplayTransport(path), tmp_path / "again.jsonl")
    placeholder = Request(
        "POST", URL, body=Body.form({"grant_type": "password", "password": "secret-1", "username": "a"})
    )
    token = (await again.send(placeholder)).json()["access_token"]
    for each in use:
        await again.send(Request("GET", each.url, bearer(token)))
    assert (tmp_path / "again.jsonl").read_bytes() == path.read_bytes()


HEAD = '{"format": "print-async recording", "version": 1, "body_limit": 1024}\n'
REQUEST = (
    '{"seq": 1, "request": {"method": "GET", "url": "https://x/", "headers": {}}, '
    '"response": {"status": 200, "headers": []}}\n'
)
BROKEN = [
    ("", "no recording"),
    ("hello\n", "line 1, is no JSON"),
    ('{"format": "har"}\n', "no recording"),
    (HEAD.replace("1,", "2,"), "version 2; this reads version 1"),
    (HEAD + "{\n" + REQUEST, "line 2, is no JSON"),
    (HEAD + "[]\n", "line 2, is no exchange"),
    (HEAD + '{"seq": 5}\n', "line 2, is no exchange"),
    (HEAD + REQUEST.replace("200", '200, "body": {"base64": "#"}'), "line 2, is no exchange"),
    (HEAD + REQUEST.replace("200", '200, "body": {"what": 1}'), "line 2, is no exchange"),
    (HEAD + REQUEST.replace("200", '"yes"'), "line 2, is no exchange"),
    (HEAD + REQUEST.replace('"GET"', "5"), "line 2, is no exchange"),
    (HEAD + REQUEST.replace('"https://x/"', "null"), "line 2, is no exchange"),
    (HEAD + REQUEST.replace("{}", "5"), "line 2, is no exchange"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "said"), BROKEN)
def test_file_that_is_none(path, content, said):
    """What is no recording, one of another version, or a damaged one is a `ValueError` that says where."""
    path.write_text(content)
    with pytest.raises(ValueError, match=said):
        ReplayTransport(path)


def test_no_file(path):
    """A file that is not there is one that is not there."""
    with pytest.raises(FileNotFoundError):
        ReplayTransport(path)


async def test_last_line_that_is_not_whole(path):
    """A line that a crash has cut off is passed over: all before it is whole."""
    path.write_text(HEAD + REQUEST + REQUEST[:50])
    replay = ReplayTransport(path)
    assert replay.remaining == 1
    assert (await replay.send(Request("GET", "https://x/"))).status == 200
