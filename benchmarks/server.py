"""A server of canned answers, in a process of its own: a token, and a page of 20 ezeep users."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

_USER = {
    "local_printing_enabled": True,
    "self_service_enabled": True,
    "myprinters_enabled": False,
    "groups": [
        {"group_id": "19b5963a-35eb-416c-9ca4-a4c2950385fb"},
        {"group_id": "9e05c98e-77b0-4915-8143-0dfc77a54d65"},
    ],
}
PAGE = json.dumps(
    {
        "count": 20,
        "next": None,
        "previous": None,
        "results": [{"id": f"0050a068-cc7b-4490-951a-06920a61{number:04}", **_USER} for number in range(20)],
    }
).encode()
_TOKEN = json.dumps({"access_token": "x" * 600, "expires_in": 3600, "refresh_token": "y"}).encode()


async def _page(_: web.Request) -> web.Response:
    return web.Response(body=PAGE, content_type="application/json")


async def _token(_: web.Request) -> web.Response:
    return web.Response(body=_TOKEN, content_type="application/json")


async def _serve() -> None:
    app = web.Application()
    app.add_routes([web.get("/printing/v1/users/", _page), web.post("/oauth/access_token/", _token)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


@contextmanager
def running() -> Iterator[str]:
    """Start the server and give its URL."""
    with subprocess.Popen([sys.executable, "-m", "benchmarks.server"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


if __name__ == "__main__":
    asyncio.run(_serve())
