"""The server beneath the simulators, with every fault, over real connections."""

import asyncio
import time

import pytest
from aiohttp import web

from print_async.errors import ConnectFailed, ConnectionLost, TransportTimeout
from print_async.testing import Fault, FaultKind, Faults
from print_async.testing.simulator import Server, Statistics, observe
from print_async.transports.aiohttp import AiohttpTransport
from print_async.wire import Request, Timeouts

BODY = '{"users": ["a", "b", "c"]}'


class Bench:
    """A server that counts its work, its faults and statistics, and a transport to it."""

    def __init__(self):
        self.statistics, self.faults = Statistics(), Faults()
        self.worked = 0
        self.transport = AiohttpTransport(timeouts=Timeouts(read=0.15))
        self.app = web.Application(middlewares=[observe(self.statistics, self.faults)])
        self.app.router.add_post("/work", self.work)
        self.app.router.add_get("/none", self.none)
        self.server = Server(self.app)

    async def work(self, request):
        """Do something that can be counted."""
        self.worked += 1
        return web.json_response(text=BODY)

    async def none(self, request):
        """Raise, as handlers may, an answer."""
        raise web.HTTPNotFound(text="none", headers={"X-Why": "none"})

    async def post(self, path="/work"):
        """Send a request."""
        return await self.transport.send(Request("POST", self.server.url + path))


@pytest.fixture
async def bench():
    """Start a bench."""
    made = Bench()
    async with made.server:
        yield made
        await made.transport.aclose()


async def test_all_goes_well_without_faults(bench):
    """Without faults each request is answered, counted by route and status, and nothing is in flight at the end."""
    answers = await asyncio.gather(*(bench.post() for _ in range(5)))
    assert [answer.body.decode() for answer in answers] == [BODY] * 5
    seen = bench.statistics
    assert (seen.requests, seen.routes, seen.statuses, seen.dropped) == (5, {"POST /work": 5}, {200: 5}, 0)
    assert (seen.in_flight, 1 <= seen.peak_in_flight <= 5) == (0, True)


async def test_an_answer_that_is_raised_is_an_answer(bench):
    """An HTTP exception of a handler keeps its status, text and headers, and is counted."""
    answer = await bench.transport.send(Request("GET", bench.server.url + "/none?q=1"))
    assert (answer.status, answer.body, answer.headers.get("X-Why")) == (404, b"none", "none")
    assert (bench.statistics.statuses, bench.statistics.routes) == ({404: 1}, {"GET /none": 1})


async def test_an_unknown_path_is_counted(bench):
    """A path that no handler has is a 404 in the statistics too."""
    assert (await bench.post("/other")).status == 404
    assert bench.statistics.statuses == {404: 1}


async def test_a_status_fault_answers_instead(bench):
    """`STATUS` answers the status and Retry-After, and no work is done; used up, it is gone."""
    bench.faults.add(Fault(kind=FaultKind.STATUS, status=429, retry_after="7", times=1))
    answer = await bench.post()
    assert (answer.status, answer.headers.get("Retry-After"), bench.worked) == (429, "7", 0)
    assert ((await bench.post()).status, bench.worked) == (200, 1)
    assert bench.statistics.statuses == {429: 1, 200: 1}


async def test_a_status_fault_counts_as_unauthorized(bench):
    """An injected 401 is among the answers that were 401."""
    bench.faults.add(Fault(kind=FaultKind.STATUS, status=401))
    assert ((await bench.post()).headers.get("Retry-After"), bench.statistics.unauthorized) == (None, 1)


@pytest.mark.parametrize(("kind", "worked"), [(FaultKind.DROP_BEFORE, 0), (FaultKind.DROP_AFTER, 1)])
async def test_a_drop_resets_before_or_after_the_work(bench, kind, worked):
    """`DROP_BEFORE` and `DROP_AFTER` look the same from outside; only the second has done the work."""
    bench.faults.add(Fault(kind=kind, times=1))
    with pytest.raises(ConnectionLost) as caught:
        await bench.post()
    assert (caught.value.sent, caught.value.phase, bench.worked) == (True, "headers", worked)
    assert (bench.statistics.dropped, bench.statistics.requests, bench.statistics.statuses) == (1, 1, {})
    assert (await bench.post()).status == 200


async def test_a_truncated_answer_stops_halfway(bench):
    """`TRUNCATE` does the work and breaks off in the body."""
    bench.faults.add(Fault(kind=FaultKind.TRUNCATE))
    with pytest.raises(ConnectionLost) as caught:
        await bench.post()
    assert (caught.value.phase, bench.worked, bench.statistics.requests) == ("body", 1, 1)


async def test_a_delayed_answer_is_late(bench):
    """`DELAY` answers as usual, later."""
    bench.faults.add(Fault(kind=FaultKind.DELAY, seconds=0.05))
    began = time.monotonic()
    assert (await bench.post()).body.decode() == BODY
    assert time.monotonic() - began >= 0.04


async def test_a_delay_beyond_patience_is_a_timeout(bench):
    """`DELAY` beyond the client's limit is a timeout there, and the work is done here all the same."""
    bench.faults.add(Fault(kind=FaultKind.DELAY, seconds=0.2))
    with pytest.raises(TransportTimeout):
        await bench.post()
    await asyncio.sleep(0.1)
    assert (bench.worked, bench.statistics.in_flight) == (1, 0)


async def test_peak_in_flight_is_the_most_at_a_time(bench):
    """The peak counts requests that are there at the same time."""
    bench.faults.add(Fault(kind=FaultKind.DELAY, seconds=0.05))
    await asyncio.gather(*(bench.post() for _ in range(4)))
    assert (bench.statistics.peak_in_flight, bench.statistics.in_flight) == (4, 0)


async def test_an_error_in_a_handler_is_no_drop(caplog):
    """A bug in a handler is a 500 with a log record, not an injected fault."""

    async def broken(request):
        raise KeyError("bug")

    statistics = Statistics()
    app = web.Application(middlewares=[observe(statistics, Faults())])
    app.router.add_get("/", broken)
    transport = AiohttpTransport()
    async with Server(app) as server:
        assert (await transport.send(Request("GET", server.url))).status == 500
        await transport.aclose()
    assert (statistics.dropped, statistics.in_flight) == (0, 0)
    assert "KeyError" in caplog.text


async def test_a_server_has_a_url_only_while_it_runs():
    """The URL is known inside, has no trailing slash, and outside says how to start; afterwards nobody listens."""
    server = Server(web.Application())
    with pytest.raises(RuntimeError, match="async with"):
        _ = server.url
    async with server:
        url = server.url
    assert url.startswith("http://127.0.0.1:")
    assert not url.endswith("/")
    transport = AiohttpTransport()
    with pytest.raises(ConnectFailed):
        await transport.send(Request("GET", url))
    await transport.aclose()


@pytest.mark.parametrize("client_stays", [True, False])
async def test_leaving_a_server_ends_handlers_that_hang(client_stays):
    """Leaving the server does not wait for a handler that hangs, and leaves no task of one behind."""
    arrived, ended = asyncio.Event(), asyncio.Event()

    async def hang(request):
        arrived.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    app = web.Application()
    app.router.add_get("/", hang)
    transport, server = AiohttpTransport(), Server(app)
    await server.__aenter__()
    task = asyncio.create_task(transport.send(Request("GET", server.url)))
    await arrived.wait()
    try:
        if not client_stays:
            await transport.aclose()
        await asyncio.wait_for(server.__aexit__(None, None, None), 0.3)
        await asyncio.wait_for(ended.wait(), 0.3)
    finally:
        await transport.aclose()
        assert isinstance((await asyncio.gather(task, return_exceptions=True))[0], ConnectionLost)
