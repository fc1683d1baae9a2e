"""An authenticated, typed GET, beside a bare one by aiohttp of the same bytes and beside what other libraries take.

CPU time is that of the client process alone, and of all its threads; wall time has the server's in it. Each side has
several processes, one after the other: raw aiohttp takes a quarter more in some of them than in others, as it happens
that the allocator keeps its read buffers or gives them back to the system every time.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from benchmarks import clients
from benchmarks.result import Result
from benchmarks.rounds import Load, Side, Spent, anew
from benchmarks.serving import Server, serving
from benchmarks.site import GROUP_ID, write_page

_RAW, _UNTYPED = "raw aiohttp", "raw aiohttp and r.json()"
_AIOHTTP, _PYREQWEST = "ours on aiohttp", "ours on pyreqwest"
_TRANSPORTS = {_AIOHTTP: "AiohttpTransport", _PYREQWEST: "PyreqwestTransport"}
_OTHERS = {
    "httpx2 and pydantic": clients.httpx2_pydantic,
    "gidgethub": clients.gidgethub,
    "azure-core": clients.azure_core,
    "authlib": clients.authlib,
    "openai's SDK": clients.openai_sdk,
}
_PAGE = "/printing/v1/users/?limit=20&offset=0"
_GROUP = f"/printing/v1/groups/{GROUP_ID}/"


def measure(*, quick: bool) -> Iterator[Result]:
    """Measure a page of 20 users at several concurrencies, then over TLS, then a single group."""
    processes, rounds, calls = (1, 3, 100) if quick else (5, 4, 150)
    with serving(write_page) as server:
        for what, sides, concurrencies in (
            ("20 users", _page(server), (1, 16, 100)),
            ("20 users over TLS", _page_over_tls(server), (1, 16)),
            ("one group", _one_group(server), (1, 16)),
        ):
            loads = [Load(concurrency, calls) for concurrency in concurrencies]
            for load, spent in anew(sides, loads, processes=processes, rounds=rounds):
                at_a_time = load.concurrency
                yield from _results(f"{what}, {at_a_time} at a time", spent, busy=at_a_time >= 16)


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


def _page(server: Server) -> dict[str, Side]:
    url = server.url + _PAGE
    return {
        _RAW: partial(clients.raw_aiohttp, url),
        **_ours(server.url),
        _UNTYPED: partial(clients.raw_aiohttp_json, url),
        **{name: partial(peer, url) for name, peer in _OTHERS.items()},
    }


def _page_over_tls(server: Server) -> dict[str, Side]:
    url, ca_file = server.tls_url, server.ca_file
    return {_RAW: partial(clients.raw_aiohttp, url + _PAGE, ca_file), **_ours(url, ca_file=ca_file)}


def _one_group(server: Server) -> dict[str, Side]:
    return {_RAW: partial(clients.raw_aiohttp, server.url + _GROUP), **_ours(server.url, GROUP_ID)}


def _ours(url: str, group_id: str | None = None, ca_file: Path | None = None) -> dict[str, Side]:
    return {name: partial(clients.ours, transport, url, group_id, ca_file) for name, transport in _TRANSPORTS.items()}
