"""Who says how a call is made: the call over its service over the client over the transport."""

import asyncio

import pytest

from ezeep_async import Ezeep
from ezeep_async.auth import RefreshToken
from print_async import DeadlineExceeded, RetryPolicy, deadline
from print_async.options import CallOptions
from print_async.testing import StubTransport, VirtualClock, json_response, token_response

GROUP = "/printing/v1/groups/7/"
NEVER = RetryPolicy(attempts=1)


async def answer(request):
    """Give a token, and nothing else."""
    return token_response("t") if request.url.endswith("/access_token/") else await asyncio.Future()


def make(clock: VirtualClock, **options: object) -> Ezeep:
    """Make a client that gets no answers."""
    return Ezeep(RefreshToken("id", "r"), transport=StubTransport(otherwise=answer), clock=clock, **options)


@pytest.mark.parametrize(
    ("client", "service", "call", "block", "ends_at"),
    [
        (30, "unset", "unset", None, 30),
        (30, 20, "unset", None, 20),
        (30, 40, "unset", None, 40),
        (30, None, "unset", 50, 50),
        (None, 20, "unset", None, 20),
        (30, "unset", 10, None, 10),
        (30, "unset", 60, None, 60),
        (30, "unset", None, 50, 50),
        (30, "unset", "unset", 5, 5),
        (30, 20, "unset", 5, 5),
        (30, 20, "unset", 25, 20),
        (None, "unset", "unset", 5, 5),
    ],
)
async def test_timeout(client, service, call, block, ends_at):
    """The most special timeout counts, whether longer or shorter; a block around it counts besides, if it is nearer."""
    clock = VirtualClock()

    async def run(ezeep: Ezeep) -> None:
        if call != "unset":
            await ezeep.request("GET", GROUP, timeout=call)
        elif service != "unset":
            await ezeep.groups.with_options(timeout=service).get("7")
        else:
            await ezeep.groups.get("7")

    async def within(ezeep: Ezeep) -> None:
        if block is None:
            return await run(ezeep)
        async with deadline(block, clock=clock):
            return await run(ezeep)

    async with make(clock, timeout=client) as ezeep:
        task = asyncio.create_task(within(ezeep))
        await clock.advance(ends_at - 0.01)
        assert not task.done()
        await clock.advance(0.02)
        with pytest.raises(DeadlineExceeded):
            await task


@pytest.mark.parametrize(
    ("client", "service", "sent"),
    [(None, "unset", 2), (NEVER, "unset", 1), (None, NEVER, 1), (NEVER, RetryPolicy(), 2)],
)
async def test_retry(client, service, sent):
    """A service's retry policy counts over the client's."""
    answers = [json_response({}, 503, {"Retry-After": "0"}), json_response({"id": "7", "name": "g"})]
    stub = StubTransport(token_response("t"), *answers)
    async with Ezeep(RefreshToken("id", "r"), transport=stub, retry=client) as ezeep:
        groups = ezeep.groups if service == "unset" else ezeep.groups.with_options(retry=service)
        await asyncio.gather(groups.get("7"), return_exceptions=True)
    assert len(stub.requests) == 1 + sent


async def test_service_is_a_copy():
    """Options are of the service they were asked of: not of the client's other services, nor of the same one later."""
    async with make(VirtualClock()) as ezeep:
        special = ezeep.users.with_options(timeout=5)
        assert special._caller.options == CallOptions(timeout=5)
        assert special.with_options(retry=NEVER)._caller.options == CallOptions(timeout=5, retry=NEVER)
        assert ezeep.users._caller.options == CallOptions()
        assert special._locks is ezeep.users._locks


@pytest.mark.parametrize("seconds", [0, -1])
async def test_no_timeout(seconds):
    """What is no time is refused wherever it is said, before any I/O."""
    with pytest.raises(ValueError, match="timeout"):
        make(VirtualClock(), timeout=seconds)
    async with make(VirtualClock()) as ezeep:
        with pytest.raises(ValueError, match="timeout"):
            ezeep.users.with_options(timeout=seconds)
        with pytest.raises(ValueError, match="timeout"):
            await ezeep.request("GET", GROUP, timeout=seconds)
