"""How the simulator speaks: JSON, and one shape for everything that goes wrong.

An error is `{"code", "message", "data"}` (`en/rad/v4/error-messages`). Only the messages `Invalid scopes` and
`invalid parameter` are the vendor's; the others, and every status but their class, are made up.
"""

import asyncio
from typing import TypeVar

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from myqx_async.simulator.settings import Settings

T = TypeVar("T")

_CODE_OFFSET = 1000
_encode = msgspec.json.Encoder(decimal_format="number").encode


class Refusal(Exception):
    """A request that is answered with an error. `oauth` is its name in RFC 6749 where it has one."""

    def __init__(self, status: int, message: str, *, oauth: str | None = None) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.oauth = oauth


def answer(content: object, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Answer with JSON; a status of 204 has no body."""
    if status == 204:
        return web.Response(status=204, headers=headers)
    body = _encode(content)
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)


def written(content: object, settings: Settings) -> web.Response:
    """Answer a write that worked, with the status, and the body or none, that the settings say."""
    if not settings.success_body:
        return web.Response(status=settings.success_status)
    return answer(content, status=settings.success_status)


async def read(request: web.Request, kind: type[T]) -> T:
    """Read the request's JSON body as `kind`, or refuse it."""
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except msgspec.MsgspecError as error:
        raise Refusal(400, f"Invalid request body: {error}", oauth="invalid_request") from None


def speak(settings: Settings) -> Middleware:
    """Make the middleware that waits the latency out and turns whatever is raised into the API's error shape."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if settings.latency:
            await asyncio.sleep(settings.latency)
        try:
            return await handler(request)
        except Refusal as refusal:
            return _refuse(settings, refusal)
        except web.HTTPException as error:
            return _refuse(settings, Refusal(error.status, error.reason))

    return middleware


def _refuse(settings: Settings, refusal: Refusal) -> web.Response:
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else None
    content: dict[str, object]
    if settings.oauth_errors and refusal.oauth:
        content = {"error": refusal.oauth, "error_description": refusal.message}
    else:
        code = refusal.status + (_CODE_OFFSET if settings.code_differs else 0)
        content = {"code": code, "message": refusal.message, "data": []}
    return answer(content, status=refusal.status, headers=headers)
