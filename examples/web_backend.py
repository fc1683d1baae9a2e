"""An aiohttp.web backend: one ezeep client for all requests, its token always fresh."""

import os
from collections.abc import AsyncIterator

from aiohttp import web

from ezeep_async import Ezeep
from ezeep_async.auth import RefreshToken

EZEEP = web.AppKey("ezeep", Ezeep)


async def ezeep_client(app: web.Application) -> AsyncIterator[None]:
    async with Ezeep(RefreshToken("client-id", os.environ["EZEEP_REFRESH_TOKEN"])) as app[EZEEP]:
        await app[EZEEP].session.ensure_token()  # a wrong credential shows here, not in a request
        yield


async def groups(request: web.Request) -> web.Response:
    return web.json_response([group.name async for group in request.app[EZEEP].groups.list()])


def create_app() -> web.Application:
    app = web.Application()
    app.cleanup_ctx.append(ezeep_client)
    app.router.add_get("/groups", groups)
    return app


if __name__ == "__main__":
    web.run_app(create_app())
