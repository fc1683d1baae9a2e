"""Where an API can be mounted."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from fastapi import FastAPI

from print_async.inbound import Api, aiohttp_app, asgi_app
from print_async.inbound.exchange import Answer
from print_async.inbound.routes import Route
from tests.print_async.inbound.serving import AUTHORIZATION, CREDENTIALS, Served, run_uvicorn

HEADERS = dict([AUTHORIZATION.split(": ")])


async def echo(call):
    """Answer with what stands for the braces."""
    return Answer.json(call.parameters)


API = Api("a test", CREDENTIALS, (Route("GET", "/", echo), Route("GET", "/echo/{name}", echo)))


async def get(port: int, path: str):
    """Fetch a path, byte for byte."""
    return await asyncio.to_thread(lambda: (served := Served(port, "")).exchange(served.head("GET", path)))


@pytest.mark.parametrize("app", [asgi_app(API), aiohttp_app])
async def test_on_its_own(app):
    """An API needs no application around it."""
    if app is aiohttp_app:
        async with TestServer(aiohttp_app(API)) as server:
            answers = [await get(server.port, path) for path in ("/", "/echo/a%2Fb")]
    else:
        async with run_uvicorn(app) as port:
            answers = [await get(port, path) for path in ("/", "/echo/a%2Fb")]
    assert [answer.body for answer in answers] == [b"[]", b'["a/b"]']


@pytest.mark.parametrize("root_path", ["", "/behind/a/proxy"])
@pytest.mark.parametrize("mount", ["/m", "/a/b c", "/ä"])
async def test_below_fastapi(mount, root_path):
    """It works at any mount point, also where a proxy has taken off a part of the path."""
    app = FastAPI()
    app.mount(mount, asgi_app(API))
    async with run_uvicorn(app, root_path=root_path) as port:
        encoded = mount.replace(" ", "%20").replace("ä", "%C3%A4")
        answers = [await get(port, encoded + path) for path in ("/", "/echo/a%2Fb", "/echo/a/b", "/echo/%252F")]
    assert [answer.status for answer in answers] == [200, 200, 404, 200]
    assert [answers[1].body, answers[3].body] == [b'["a/b"]', b'["%2F"]']


@pytest.mark.parametrize("mount", ["/m", "/a/b"])
async def test_below_aiohttp(mount):
    """It works at any mount point, with and without a slash at its end."""
    app = web.Application()
    app.add_subapp(mount, aiohttp_app(API))
    async with TestServer(app) as server:
        paths = ("", "/", "/echo/a%2Fb", "/echo/a/b", "/echo/%252F")
        answers = [await get(server.port, mount + path) for path in paths]
    assert [answer.status for answer in answers] == [200, 200, 200, 404, 200]
    assert [answers[2].body, answers[4].body] == [b'["a/b"]', b'["%2F"]']


async def test_by_domain():
    """It works as the application of a domain, too."""
    app = web.Application()
    app.add_domain("myq.example", aiohttp_app(API))
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/echo/a", headers={**HEADERS, "Host": "myq.example"})
        assert await answer.json() == ["a"]


async def test_the_other_kinds_of_asgi_scopes():
    """It takes part in a server's start and end, and wants no web sockets."""
    sent = []

    async def receive():
        return {"type": "lifespan.startup"}

    async def send(message):
        sent.append(message["type"])

    for scope in ("lifespan", "websocket"):
        await asgi_app(API)({"type": scope}, receive, send)

    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete", "websocket.close"]


async def test_a_server_without_raw_paths():
    """Where a server gives decoded paths alone, an encoded slash is not found, and nothing is decoded twice."""
    statuses = []

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        statuses.extend([message["status"]] if "status" in message else [])

    name, value = (part.encode() for part in AUTHORIZATION.split(": "))
    for path in ("/m/echo/a", "/m/echo/a/b", "/m/echo/%2F"):
        scope = {"type": "http", "method": "GET", "path": path, "root_path": "/m", "query_string": b""}
        await asgi_app(API)({**scope, "headers": [(name.lower(), value)]}, receive, send)

    assert statuses == [200, 404, 200]
