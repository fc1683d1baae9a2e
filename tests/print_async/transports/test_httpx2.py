"""What is the httpx2 transport's alone: HTTP/2, what it logs, and when it is imported."""

import asyncio
import importlib.util
import logging
import ssl
import subprocess
import sys
from contextlib import asynccontextmanager, suppress

import h2.config
import h2.connection
import h2.events
import pytest
import trustme

from print_async.errors import ConnectionLost
from print_async.testing._transports.peers import answering, said, serving
from print_async.transports.httpx2 import Httpx2Transport
from print_async.wire import Body, Request


@pytest.fixture(scope="module")
def authority():
    """Make a private certificate authority."""
    return trustme.CA()


@pytest.fixture
def ca_file(authority, tmp_path):
    """Write it into a PEM file."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return tmp_path / "ca.pem"


class Http2Server:
    """Answers each stream with what it was sent, or with the end of the connection."""

    def __init__(self, *, drop=False):
        self.drop = drop
        self.connections = 0
        self.targets = []
        self.bodies = {}

    async def follow(self, reader, writer):
        """Serve one connection."""
        self.connections += 1
        wire = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        wire.initiate_connection()
        writer.write(wire.data_to_send())
        with suppress(OSError):
            while data := await reader.read(2**16):
                for event in wire.receive_data(data):
                    self.handle(wire, event)
                if self.drop and self.targets:
                    break
                writer.write(wire.data_to_send())
                await writer.drain()
        writer.close()

    def handle(self, wire, event):
        """Take an event, and answer a request that is whole."""
        match event:
            case h2.events.RequestReceived():
                self.targets.append(dict(event.headers)[b":path"].decode())
                self.bodies[event.stream_id] = b""
            case h2.events.DataReceived():
                self.bodies[event.stream_id] += event.data
                wire.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case h2.events.StreamEnded() if not self.drop:
                wire.send_headers(event.stream_id, [(":status", "200"), ("x-b", "1"), ("x-b", "2")])
                wire.send_data(event.stream_id, self.bodies[event.stream_id], end_stream=True)


@pytest.fixture
def http2(authority):
    """Run HTTP/2 servers."""

    @asynccontextmanager
    async def run(server):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["h2", "http/1.1"])
        authority.issue_cert("localhost").configure_cert(context)
        tasks = []

        async def connected(reader, writer):
            tasks.append(asyncio.current_task())
            with suppress(asyncio.CancelledError):
                await server.follow(reader, writer)
            writer.transport.abort()

        listener = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
        try:
            yield f"https://localhost:{listener.sockets[0].getsockname()[1]}"
        finally:
            listener.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    return run


async def test_http2_on_request(http2, ca_file):
    """With `http2=True` many requests share a connection, and URL, body and headers go through unharmed."""
    server, transport = Http2Server(), Httpx2Transport(ca_file=ca_file, http2=True)
    async with http2(server) as url:
        first = await transport.send(Request("POST", url + "/a%2Fb%2fc?sig=a%2B", body=Body(b"first")))
        bodies = [str(number).encode() * 1000 for number in range(20)]
        rest = await asyncio.gather(*(transport.send(Request("PUT", url, body=Body(body))) for body in bodies))
        await transport.aclose()
    assert (first.body, first.headers.get_all("X-B")) == (b"first", ["1", "2"])
    assert [answer.body for answer in rest] == bodies
    assert server.targets[0] == "/a%2Fb%2fc?sig=a%2B"
    assert server.connections == 1


async def test_http2_lost_connection_may_have_sent(http2, ca_file):
    """A connection lost under an HTTP/2 request is `ConnectionLost`: it may have arrived, and is not sent again."""
    server, transport = Http2Server(drop=True), Httpx2Transport(ca_file=ca_file, http2=True)
    async with http2(server) as url:
        with pytest.raises(ConnectionLost) as caught:
            await transport.send(Request("POST", url + "/x", body=Body(b"x")))
        await transport.aclose()
    assert caught.value.sent
    assert server.targets == ["/x"]


async def test_log_shows_no_query():
    """What httpx2 logs of a request, at any level, holds neither the URL's query nor a header."""
    records = []
    handler = logging.Handler()
    handler.emit = lambda record: records.append(record.getMessage())
    loggers = [logging.getLogger(name) for name in ("httpx2", "httpcore2")]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    transport = Httpx2Transport()
    try:
        async with serving(answering(lambda _: said(b"ok"))) as url:
            await transport.send(Request("GET", url + "/x?sig=planted", {"Authorization": "planted"}))
            await transport.aclose()
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
            logger.setLevel(logging.NOTSET)
    assert records
    assert [record for record in records if "planted" in record] == []


@pytest.mark.parametrize(("name", "library"), [("Httpx2Transport", "httpx2"), ("PyreqwestTransport", "pyreqwest")])
def test_library_is_imported_by_the_first_request_only(name, library):
    """Making a transport does not import its library, nor does importing what it comes from."""
    code = f"import print_async, sys; print_async.{name}(connections=5); sys.exit({library!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "options", "missing", "extra"),
    [
        ("Httpx2Transport", {}, "httpx2", "httpx2"),
        ("Httpx2Transport", {"http2": True}, "h2", "httpx2"),
        ("PyreqwestTransport", {}, "pyreqwest", "pyreqwest"),
    ],
)
def test_missing_library_names_the_extra(monkeypatch, name, options, missing, extra):
    """Without its library a transport cannot be made, and the error says what to install."""
    import print_async

    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else find(name))
    with pytest.raises(ImportError, match=rf"print-async\[{extra}\]"):
        getattr(print_async, name)(**options)
