"""How the account and the management API answer and refuse: JSON in the manner of Django REST framework.

The vendor prints neither error bodies nor the rule for slashes. Both follow from the samples: paths end in a slash, a
GET without it is redirected with 301, and the field names of the envelope are those of that framework.
"""

from collections.abc import Mapping
from typing import cast

import msgspec
from aiohttp import web

from print_async.testing.simulator import Handler


class Refusal(Exception):
    """Ends a request with a status and a JSON body."""

    def __init__(self, status: int, body: Mapping[str, object], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers


def answer(body: object, status: int = 200) -> web.Response:
    """Answer with JSON."""
    return web.Response(status=status, body=msgspec.json.encode(body), content_type="application/json")


def detail(status: int, text: str) -> Refusal:
    """Make a refusal that concerns the whole request."""
    return Refusal(status, {"detail": text})


def invalid(field: str, text: str) -> Refusal:
    """Make the 400 that concerns one field of the body."""
    return Refusal(400, {field: [text]})


def not_found() -> Refusal:
    """Make the 404 of an unknown id or an unknown route."""
    return detail(404, "Not found.")


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals, and the router's own, into answers with a JSON body."""
    try:
        return await handler(request)
    except Refusal as refusal:
        body = msgspec.json.encode(refusal.body)
        return web.Response(status=refusal.status, body=body, content_type="application/json", headers=refusal.headers)
    except web.HTTPNotFound:
        return answer({"detail": "Not found."}, 404)
    except web.HTTPMethodNotAllowed as refused:
        return answer({"detail": f'Method "{refused.method}" not allowed.'}, 405)


async def read_object(request: web.Request) -> dict[str, object]:
    """Return the JSON object of a request's body, empty if there is no body."""
    raw = await request.read()
    if not raw:
        return {}
    if request.content_type != "application/json":
        raise detail(415, f'Unsupported media type "{request.content_type}" in request.')
    try:
        body: object = msgspec.json.decode(raw)
    except msgspec.DecodeError as error:
        raise detail(400, f"JSON parse error - {error}") from error
    if not isinstance(body, dict):
        raise invalid("non_field_errors", "Invalid data. Expected a dictionary.")
    return cast("dict[str, object]", body)


def add_resource(app: web.Application, path: str, handlers: Mapping[str, Handler]) -> None:
    """Serve a path that ends in a slash by method, and send a GET that lacks the slash there."""
    for method, handler in handlers.items():
        app.router.add_route(method, path, handler)
    app.router.add_route("*", path.removesuffix("/"), _add_slash)


async def _add_slash(request: web.Request) -> web.StreamResponse:
    # A redirected POST or PUT would lose its body, so only a GET gets one.
    if request.method != "GET":
        raise not_found()
    query = f"?{request.query_string}" if request.query_string else ""
    return web.Response(status=301, headers={"Location": f"{request.rel_url.raw_path}/{query}"})
