"""Telemetry of a real client: over sockets, with faults, against a server that counts for itself."""

import asyncio
from collections import Counter

import attrs
import pytest

from ezeep_async import Ezeep
from ezeep_async.simulator import EzeepSimulator
from print_async.auth.refresh import RefreshPolicy
from print_async.retry import RetryPolicy
from print_async.service import operation_of
from print_async.telemetry import RefreshEvent, RequestEvent, ResponseEvent, RetryEvent
from print_async.testing import Fault, FaultKind

USERS = operation_of(Ezeep.users.list).needs.operation


@attrs.define
class Client:
    """A client with every kind of listener, and its server."""

    ezeep: Ezeep
    sim: EzeepSimulator

    async def walk(self) -> int:
        """Walk the list of users in pages of five and return how many there are."""
        return len(await self.ezeep.users.list(page_size=5, prefetch=0).collect())


@pytest.fixture
async def client(heard, otel):
    """A directory of thirty users."""
    async with EzeepSimulator(users=30) as sim:
        urls = {"account_url": sim.account_url, "management_url": sim.management_url, "print_url": sim.print_url}
        policies = {"retry": RetryPolicy(attempts=8, base=0), "refresh": RefreshPolicy(keep_alive=False)}
        async with Ezeep(sim.grant(), **urls, **policies, hooks=[otel.hooks, heard.hooks]) as ezeep:
            yield Client(ezeep, sim)


async def test_every_request_is_told_of_once(client, heard, otel):
    """With resets, 503s, truncations and revoked tokens, what is told is what the server has seen."""
    client.sim.faults.add(Fault(kind=FaultKind.STATUS, path="/printing", times=2))
    client.sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, path="/printing", times=2))
    client.sim.faults.add(Fault(kind=FaultKind.TRUNCATE, path="/printing", times=1))
    assert await client.walk() == 30
    client.ezeep.session.invalidate(1)
    assert await client.walk() == 30

    sent, answered = heard.of(RequestEvent), heard.of(ResponseEvent)
    tokens = client.sim.stats.token_requests.total()
    assert len(sent) == client.sim.stats.requests - tokens > 12
    assert [event.request for event in answered] == sent
    assert {event.operation for event in sent} == {USERS}
    assert Counter(event.status for event in answered) == {200: len(sent) - 5, 503: 2, None: 3}
    assert len(heard.of(RetryEvent)) == client.ezeep.statistics.retries == 5
    assert [event.outcome for event in heard.of(RefreshEvent)] == ["sign-in", "refresh"]
    assert len(otel.spans) == len(sent)
    assert [span.name for span in otel.spans] == [USERS] * len(sent)
    assert otel.points("http.client.request.duration", "http.response.status_code")[(503)] == 2
    assert list(otel.points("http.client.active_requests").values()) == [0]


async def test_what_is_sent_goes_where_the_span_says(client, otel):
    """Host, port and path of a span are those of the server; its query is left out."""
    await client.walk()

    hosts = set(zip(otel.attributes("server.address"), otel.attributes("server.port"), strict=True))
    scheme, _, rest = client.sim.management_url.partition("://")
    authority = rest.partition("/")[0]
    assert {f"{host}:{port}" for host, port in hosts} == {authority}
    assert set(otel.attributes("url.full")) == {f"{scheme}://{authority}/printing/v1/users/"}


async def test_cancelled_at_any_moment(client, heard, otel):
    """Calls that are cancelled at random moments leave no span open, no request without its second event."""
    client.sim.faults.add(Fault(kind=FaultKind.DELAY, path="/printing", seconds=0.02, probability=0.5))
    calls = [asyncio.ensure_future(client.ezeep.users.list(page_size=5).first()) for _ in range(40)]
    for call in calls[::2]:
        for _ in range(20):
            await asyncio.sleep(0)
        call.cancel()
    await asyncio.wait(calls)

    sent, answered = heard.of(RequestEvent), heard.of(ResponseEvent)
    assert {id(event) for event in sent} == {id(event.request) for event in answered}
    assert (len(sent), otel.open) == (len(answered), 0)
    assert "CancelledError" in {event.failure for event in answered}
    assert list(otel.points("http.client.active_requests").values()) == [0]
