"""An authenticated, typed GET, beside a bare one by aiohttp of the same bytes and beside what other libraries take.

CPU time is that of the client process alone, and of all its threads; wall time has the server's in it.
"""

import asyncio
import gc
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from benchmarks import peers
from benchmarks.result import Result
from benchmarks.rounds import Spent, Work, interleaved
from benchmarks.serving import Server, serving
from benchmarks.site import GROUP_ID, write_page
from ezeep_async import Ezeep
from ezeep_async.auth import RefreshToken
from print_async import AiohttpTransport, PyreqwestTransport
from print_async.wire import Transport

_RAW, _UNTYPED = "raw aiohttp", "raw aiohttp and r.json()"
_AIOHTTP, _PYREQWEST = "ours on aiohttp", "ours on pyreqwest"
_OTHERS = {
    "httpx2 and pydantic": peers.httpx2_pydantic,
    "gidgethub": peers.gidgethub,
    "azure-core": peers.azure_core,
    "authlib": peers.authlib,
    "openai's SDK": peers.openai_sdk,
}
_PAGE = "/printing/v1/users/?limit=20&offset=0"
_GROUP = f"/printing/v1/groups/{GROUP_ID}/"


def measure(*, quick: bool) -> Iterator[Result]:
    """Measure a page of 20 users at several concurrencies, then over TLS, then a single group."""
    rounds, calls = (3, 100) if quick else (25, 200)
    with serving(write_page) as server:
        for what, sides, concurrencies in (
            ("20 users", lambda: _all(server), (1, 16, 100)),
            ("20 users over TLS", lambda: _over_tls(server), (1, 16)),
            ("one group", lambda: _one_group(server), (1, 16)),
        ):
            for concurrency in concurrencies:
                spent = asyncio.run(_spent(sides, rounds, calls, concurrency))
                yield from _results(f"{what}, {concurrency} at a time", spent, busy=concurrency >= 16)


async def _spent(
    sides: Callable[[], AbstractAsyncContextManager[dict[str, Work]]], rounds: int, calls: int, concurrency: int
) -> dict[str, list[Spent]]:
    async with sides() as works:
        gc.freeze()  # what the libraries are made of is not to be searched for garbage again and again
        return await interleaved(works, rounds=rounds, calls=calls, concurrency=concurrency)


def _results(what: str, spent: Mapping[str, list[Spent]], *, busy: bool) -> Iterator[Result]:
    cpu = {name: [each.cpu for each in rounds] for name, rounds in spent.items()}
    wall = {name: [each.wall for each in rounds] for name, rounds in spent.items()}
    # One call at a time, the threads of the one have nothing to take off the hands of the loop's.
    targets = {_AIOHTTP: 1.20, _PYREQWEST: 0.60 if busy else None}
    for ours, target in targets.items():
        yield Result(f"{what}, {ours}, CPU", "us", cpu[ours], cpu[_RAW], _RAW, target)
        yield Result(f"{what}, {ours}, wall", "us", wall[ours], wall[_RAW], _RAW)
    if _UNTYPED in cpu:
        yield Result(f"{what}, {_AIOHTTP}, CPU", "us", cpu[_AIOHTTP], cpu[_UNTYPED], _UNTYPED, 1.0)
    for name in _OTHERS:
        if name in cpu:
            yield Result(f"{what}, {_AIOHTTP}, CPU", "us", cpu[_AIOHTTP], cpu[name], name)


@asynccontextmanager
async def _all(server: Server) -> AsyncIterator[dict[str, Work]]:
    async with AsyncExitStack() as stack:
        works = {
            _RAW: await stack.enter_async_context(peers.raw_aiohttp(server.url + _PAGE)),
            _AIOHTTP: _users(await stack.enter_async_context(_client(server.url, AiohttpTransport()))),
            _PYREQWEST: _users(await stack.enter_async_context(_client(server.url, PyreqwestTransport()))),
            _UNTYPED: await stack.enter_async_context(peers.raw_aiohttp_json(server.url + _PAGE)),
        }
        for name, peer in _OTHERS.items():
            works[name] = await stack.enter_async_context(peer(server.url + _PAGE))
        yield works


@asynccontextmanager
async def _over_tls(server: Server) -> AsyncIterator[dict[str, Work]]:
    trusted = {"ca_file": server.ca_file}
    context = ssl.create_default_context(cafile=server.ca_file)
    async with (
        peers.raw_aiohttp(server.tls_url + _PAGE, context) as raw,
        _client(server.tls_url, AiohttpTransport(**trusted)) as on_aiohttp,
        _client(server.tls_url, PyreqwestTransport(**trusted)) as on_pyreqwest,
    ):
        yield {_RAW: raw, _AIOHTTP: _users(on_aiohttp), _PYREQWEST: _users(on_pyreqwest)}


@asynccontextmanager
async def _one_group(server: Server) -> AsyncIterator[dict[str, Work]]:
    async with (
        peers.raw_aiohttp(server.url + _GROUP) as raw,
        _client(server.url, AiohttpTransport()) as on_aiohttp,
        _client(server.url, PyreqwestTransport()) as on_pyreqwest,
    ):
        yield {_RAW: raw, _AIOHTTP: _group(on_aiohttp), _PYREQWEST: _group(on_pyreqwest)}


def _client(url: str, transport: Transport) -> Ezeep:
    grant = RefreshToken("client", "token")
    return Ezeep(grant, account_url=url, management_url=url, print_url=url, transport=transport)


def _users(ezeep: Ezeep) -> Work:
    async def get() -> None:
        users = await ezeep.users.list(page_size=20, prefetch=0).collect()
        assert len(users) == 20

    return get


def _group(ezeep: Ezeep) -> Work:
    async def get() -> None:
        assert (await ezeep.groups.get(GROUP_ID)).id == GROUP_ID

    return get
