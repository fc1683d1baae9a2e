"""An API on real sockets: who is let in, what is found, what becomes of errors and of bodies that do not come whole."""

import asyncio
import gzip
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from print_async.inbound import Api, Conflict, Refused, UploadInterrupted
from print_async.inbound.errors import TooLarge
from print_async.inbound.exchange import Answer, Call
from print_async.inbound.routes import Route
from tests.print_async.inbound.serving import AUTHORIZATION, CREDENTIALS, PASSWORD, Served, receive, serve, until

LIMIT = 100_000


class Desk:
    """Handlers that do what a test wants, and remember what they saw."""

    def __init__(self):
        self.received = b""
        self.ended = asyncio.Event()
        self.begun = asyncio.Event()
        self.error = None
        self.closed = asyncio.Event()

    def api(self, silence: float = 20.0) -> Api:
        """Return an API with these handlers."""
        routes = (
            Route("GET", "/", self.hello),
            Route("POST", "/", self.take, LIMIT),
            Route("POST", "/careless", self.careless, LIMIT),
            Route("POST", "/lazy", self.lazy, LIMIT),
            Route("GET", "/refused/{status}", self.refuse),
            Route("GET", "/broken", self.broken),
            Route("GET", "/stream/{kind}", self.stream),
        )
        return Api("a test", CREDENTIALS, routes, silence)

    async def hello(self, call: Call) -> Answer:
        """Answer with the query."""
        return Answer.json({"query": call.query.reveal()})

    async def take(self, call: Call) -> Answer:
        """Take a body."""
        try:
            async for chunk in call.body:
                self.received += chunk
                self.begun.set()
        except Exception as error:
            self.error = error
            raise
        finally:
            self.ended.set()
        return Answer(201)

    async def careless(self, call: Call) -> Answer:
        """Make nothing of a body that breaks off."""
        with suppress(TooLarge, UploadInterrupted):
            await call.body.read()
        return Answer(201)

    async def lazy(self, call: Call) -> Answer:
        """Read one chunk and think that this is all."""
        await anext(call.body)
        self.begun.set()
        await call.body.finish()
        return Answer(201)

    async def refuse(self, call: Call) -> Answer:
        """Say no."""
        raise Conflict("taken") if call.parameters == ("409",) else Refused

    async def broken(self, call: Call) -> Answer:
        """Fail, quoting what must not be quoted."""
        call.secrets.append("4711")
        raise KeyError(f"no card 4711 for {PASSWORD}")

    async def stream(self, call: Call) -> Answer:
        """Answer with a stream."""
        length = {"short": 300, "long": 150, "endless": None}.get(call.parameters[0], 200)
        return Answer(200, {"Content-Type": "text/plain"}, stream=self.chunks(call.parameters[0]), length=length)

    async def chunks(self, kind: str) -> AsyncIterator[bytes]:
        """Yield 200 bytes, and then perhaps more or an error."""
        try:
            yield b"x" * 100
            if kind == "failing":
                raise OSError("the disk is gone")
            yield b"y" * 100
            while kind == "endless":
                self.begun.set()
                yield b"z" * 100_000
        finally:
            self.closed.set()


@pytest.fixture
def desk():
    """The handlers."""
    return Desk()


@pytest.fixture
async def server(kind, desk) -> AsyncIterator[Served]:
    """The handlers on a server."""
    async with serve(kind, desk.api()) as served:
        yield served


async def exchange(server: Served, request: bytes):
    """Send a request on a raw socket."""
    return await asyncio.to_thread(server.exchange, request)


@pytest.mark.parametrize("path", ["", "/", "/?a=1", "/nothing", "/broken", "/files/%2e%2e"])
@pytest.mark.parametrize("authorization", ["", "Authorization: Basic eDp5", f"{AUTHORIZATION}\r\n{AUTHORIZATION}"])
async def test_without_the_password(server, path, authorization, caplog):
    """Nobody without the password learns anything: every path is 401, and says what is wanted."""
    if path == "" and "/mounted" in server.mount:
        path = "/"
    answer = await exchange(server, server.head("GET", path, authorization=authorization))

    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="a test", charset="UTF-8"'
    assert caplog.records == []


async def test_an_answer(server):
    """An answer is JSON, as long as it says, and not to be kept by caches."""
    answer = await exchange(server, server.head("GET", "/?loginType=0&x=%2F+"))

    assert (answer.status, answer.body) == (200, b'{"query":"loginType=0&x=%2F+"}')
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/nothing", "//", "/refused", "/refused/", "/refused/a/b", "/%2F", "/broken/"])
async def test_an_unknown_path(server, path):
    """What is not there is 404."""
    assert (await exchange(server, server.head("GET", path))).status == 404


@pytest.mark.parametrize(("method", "path", "allowed"), [("PUT", "/", "GET, POST"), ("HEAD", "/broken", "GET")])
async def test_a_wrong_method(server, method, path, allowed):
    """A method that is not there is 405, with those that are."""
    with server.connect() as connection:
        connection.sendall(server.head(method, path, "Connection: close"))
        head = (await asyncio.to_thread(connection.makefile("rb").read)).decode().lower()
    assert head.startswith("http/1.1 405")
    assert f"allow: {allowed.lower()}" in head


@pytest.mark.parametrize(("path", "status", "text"), [("409", 409, "taken"), ("400", 400, "Bad Request")])
async def test_a_refusal(server, path, status, text):
    """What a handler raises to say no is the answer, with its text."""
    answer = await exchange(server, server.head("GET", f"/refused/{path}"))

    assert (answer.status, answer.body) == (status, f'{{"error":"{text}"}}'.encode())


async def test_a_failure(server, caplog):
    """A failing handler is 500 without details; it is logged once, with its traceback and without the secrets."""
    answer = await exchange(server, server.head("GET", "/broken"))

    assert (answer.status, answer.body) == (500, b'{"error":"internal error"}')
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("print_async.inbound", logging.ERROR)
    assert "a test: GET /broken failed: answered 500" in record.getMessage()
    assert "in broken" in record.getMessage()
    assert "KeyError: 'no card *** for ***'" in record.getMessage()
    assert "4711" not in caplog.text.replace('append("4711")', "")


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [0, 1, LIMIT])
async def test_a_body(server, desk, chunked, size):
    """A body up to the limit arrives whole, whether its length is said or not."""
    body = bytes(index % 251 for index in range(size))
    how = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
    sent = b"".join((b"%x\r\n" % size, body, b"\r\n")) * bool(size) + b"0\r\n\r\n" if chunked else body

    assert (await exchange(server, server.head("POST", "/", how) + sent)).status == 201
    assert desk.received == body


@pytest.mark.parametrize("path", ["/", "/careless"])
async def test_a_body_that_is_too_large(server, desk, path):
    """One byte more than the limit is 413, told by its length at once, else as it is counted; the handler is told."""
    told = await exchange(server, server.head("POST", path, f"Content-Length: {LIMIT + 1}") + b"x" * (LIMIT + 1))
    assert (told.status, desk.ended.is_set()) == (413, False)

    chunk = b"%x\r\n" % 1000 + b"x" * 1000 + b"\r\n"
    head = server.head("POST", path, "Transfer-Encoding: chunked")
    counted = await exchange(server, head + chunk * (LIMIT // 1000) + b"1\r\ny\r\n0\r\n\r\n")
    assert counted.status == 413
    assert path != "/" or isinstance(desk.error, TooLarge)
    assert len(desk.received) <= LIMIT


async def test_a_compressed_body(server, desk):
    """A compressed body is refused, for not every server would unpack it, and some without a limit."""
    body = gzip.compress(b"x" * LIMIT * 10)
    head = server.head("POST", "/", f"Content-Length: {len(body)}", "Content-Encoding: gzip")

    assert (await exchange(server, head + body)).status == 415
    assert not desk.ended.is_set()


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_caller_that_goes_away(server, desk, chunked, caplog):
    """When the caller goes away in the middle of its body, the handler gets an error, never an end."""
    how = "Transfer-Encoding: chunked" if chunked else "Content-Length: 1000"
    with server.connect() as connection:
        connection.sendall(server.head("POST", "/", how) + (b"5\r\nhello\r\n" if chunked else b"hello"))
        await asyncio.wait_for(desk.begun.wait(), 20)
    await asyncio.wait_for(desk.ended.wait(), 20)

    assert isinstance(desk.error, UploadInterrupted)
    assert desk.received == b"hello"
    await until(lambda: caplog.records)
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("print_async.inbound", logging.WARNING)
    assert "a test: POST / was not received" in record.getMessage()


@pytest.mark.parametrize("garbage", [b"zz\r\nhello\r\n", b"5\r\nhelloXX", b"-1\r\n"])
async def test_chunks_that_are_none(kind, desk, garbage):
    """When the chunks of a body stop making sense, the handler gets an error, never an end."""
    # aiohttp takes no notice while a handler runs, and what the handler sees is silence.
    async with serve(kind, desk.api(silence=0.5)) as server:
        with server.connect() as connection:
            connection.sendall(server.head("POST", "/", "Transfer-Encoding: chunked") + b"5\r\nhello\r\n")
            await asyncio.wait_for(desk.begun.wait(), 20)
            connection.sendall(garbage)
            await asyncio.wait_for(desk.ended.wait(), 20)

    assert isinstance(desk.error, UploadInterrupted)


@pytest.mark.parametrize("path", ["/", "/careless"])
async def test_a_silent_caller(kind, desk, path):
    """A caller that says nothing for too long in the middle of its body gets 408, and the handler an error."""
    async with serve(kind, desk.api(silence=0.05)) as server:
        answer = await exchange(server, server.head("POST", path, "Content-Length: 1000") + b"hello")

    assert answer.status == 408
    assert path != "/" or isinstance(desk.error, UploadInterrupted)


async def test_a_slow_caller(kind, desk):
    """A caller that keeps sending may be as slow as it likes: the limit is on silence, not on the whole."""
    async with serve(kind, desk.api(silence=20)) as server:
        with server.connect() as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(server.head("POST", "/", "Content-Length: 50"))
            for count in range(1, 51):
                connection.sendall(b"x")
                await until(lambda count=count: len(desk.received) == count)
            assert (await asyncio.to_thread(receive, connection)).status == 201


async def test_a_body_that_is_not_read_to_its_end(server, desk, caplog):
    """Who stops reading in the middle has not kept the whole, so it is no 201."""
    with server.connect() as connection:
        connection.sendall(server.head("POST", "/lazy", "Content-Length: 50000") + b"x" * 10)
        await asyncio.wait_for(desk.begun.wait(), 20)
        connection.sendall(b"x" * 49_990)
        assert (await asyncio.to_thread(receive, connection)).status == 500
    assert "not read to its end" in caplog.text


async def test_a_stream(server, desk):
    """A streamed answer comes with its length and type, and its source is closed."""
    answer = await exchange(server, server.head("GET", "/stream/whole"))

    assert (answer.status, answer.body) == (200, b"x" * 100 + b"y" * 100)
    assert answer.headers["content-length"] == "200"
    assert answer.headers["content-type"] == "text/plain"
    assert desk.closed.is_set()


@pytest.mark.parametrize("fault", ["failing", "short", "long"])
async def test_a_stream_that_fails(server, desk, fault, caplog):
    """A stream that fails, or is not as long as was said, breaks the connection; nobody takes a part for the whole."""
    with server.connect() as connection:
        connection.sendall(server.head("GET", f"/stream/{fault}"))
        with pytest.raises(ConnectionError):
            await asyncio.to_thread(receive, connection)
    await until(lambda: [record for record in caplog.records if record.name == "print_async.inbound"])
    assert [record.name for record in caplog.records].count("print_async.inbound") == 1
    assert desk.closed.is_set()


async def test_a_caller_that_has_heard_enough(server, desk):
    """When the caller goes away in the middle of an answer without end, its source is closed."""
    with server.connect() as connection:
        connection.sendall(server.head("GET", "/stream/endless"))
        await asyncio.wait_for(desk.begun.wait(), 20)
    await asyncio.wait_for(desk.closed.wait(), 20)


async def test_many_at_once(server):
    """Calls do not wait for each other, and answers are not mixed up."""
    answers = await asyncio.gather(*(exchange(server, server.head("GET", f"/?{number}")) for number in range(100)))

    assert [answer.body for answer in answers] == [f'{{"query":"{number}"}}'.encode() for number in range(100)]


async def test_the_next_call_on_a_connection(server):
    """A connection can be used again after a refusal with a body that nobody read."""
    with server.connect() as connection:
        connection.sendall(server.head("POST", "/nothing", "Content-Length: 5") + b"hello")
        assert (await asyncio.to_thread(receive, connection)).status == 404
        connection.sendall(server.head("GET", "/?next"))
        assert (await asyncio.to_thread(receive, connection)).body == b'{"query":"next"}'
