"""A server of canned answers in a process of its own, in Python: for where nginx is not installed.

It is most of what is measured then: wall times say little, and CPU times are those of the client alone in any case.
"""

import asyncio
import functools
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from aiohttp import web

from benchmarks.site import PAGE as PAGE
from benchmarks.site import TOKEN, write_page


@contextmanager
def running() -> Iterator[str]:
    """Serve a page of 20 users, and give the URL."""
    with TemporaryDirectory() as folder:
        write_page(Path(folder), "")
        with serving(Path(folder), port=0) as port:
            yield f"http://127.0.0.1:{port}"


@contextmanager
def serving(folder: Path, *, port: int, tls_port: int | None = None) -> Iterator[int]:
    """Serve a folder, and with TLS too where there is a port for that; give the port."""
    ports = [str(each) for each in (port, tls_port) if each is not None]
    command = [sys.executable, "-m", "benchmarks.server", str(folder), *ports]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


async def _serve(folder: Path, port: int, tls_port: int | None) -> None:
    read = functools.cache(Path.read_bytes)

    async def get(request: web.Request) -> web.Response:
        file = folder / request.path.strip("/") / f"page{request.query.get('offset', '')}.json"
        return web.Response(body=read(file), content_type="application/json")

    async def token(_: web.Request) -> web.Response:
        return web.Response(body=TOKEN, content_type="application/json")

    app = web.Application()
    app.add_routes([web.post("/oauth/access_token/", token), web.get("/{path:.*}", get)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    if tls_port is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(folder / "server.pem")
        await web.TCPSite(runner, "127.0.0.1", tls_port, ssl_context=context).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if sys.argv[3:] else None))
