"""A download of 64 MiB, read as it comes, on each transport, beside raw aiohttp: CPU time of the client's process."""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from benchmarks.result import Result
from benchmarks.rounds import Load, Side, Work, interleaved, running
from benchmarks.serving import serving
from benchmarks.site import write_file

_SIZE = 64 * 2**20
_RAW = "raw aiohttp"
_TRANSPORTS = ("AiohttpTransport", "PyreqwestTransport", "Httpx2Transport")


def measure(*, quick: bool) -> Iterator[Result]:
    """Download over HTTP, and over TLS."""
    load, rounds = Load(concurrency=1, calls=1 if quick else 2), 3 if quick else 7
    with serving(partial(write_file, size=_SIZE)) as server:
        for what, url, ca_file in (("64 MiB", server.url, None), ("64 MiB over TLS", server.tls_url, server.ca_file)):
            sides: dict[str, Side] = {_RAW: partial(_raw, f"{url}/file/", ca_file)}
            sides |= {name: partial(_ours, name, f"{url}/file/", ca_file) for name in _TRANSPORTS}
            with running(sides) as processes:
                spent = interleaved(processes, load, rounds=rounds)
            cpu = {name: [each.cpu / 1000 for each in rounds_of] for name, rounds_of in spent.items()}
            for name in _TRANSPORTS:
                yield Result(f"{what}, {name}", "ms", cpu[name], cpu[_RAW], _RAW)


@asynccontextmanager
async def _ours(name: str, url: str, ca_file: Path | None) -> AsyncIterator[Work]:
    import print_async
    from print_async.wire import Request, Transport

    transport: Transport = getattr(print_async, name)(ca_file=ca_file)

    async def get() -> None:
        response = await transport.send(Request("GET", url, stream=True))
        assert response.stream is not None
        assert sum([len(chunk) async for chunk in response.stream]) == _SIZE

    yield get
    await transport.aclose()


@asynccontextmanager
async def _raw(url: str, ca_file: Path | None) -> AsyncIterator[Work]:
    import aiohttp

    tls = True if ca_file is None else ssl.create_default_context(cafile=ca_file)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as session:

        async def get() -> None:
            async with session.get(url) as response:
                assert sum([len(chunk) async for chunk in response.content.iter_any()]) == _SIZE

        yield get
