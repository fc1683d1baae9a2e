"""An aiohttp.web backend on ezeep: start it as often as you like, the workers share one port and one credential.

EZEEP_TOKENS (a file) or REDIS_URL says where they keep the tokens; that needs the extra `file-store` or `redis`. To try
it, run `python -m ezeep_async.simulator --client-id client-id`, which prints the rest of the environment.
"""

import logging
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from math import ceil
from typing import Any

from aiohttp import web

import print_async
from ezeep_async import Ezeep
from ezeep_async.auth import RefreshToken
from print_async.errors import AuthError, LoginRequired, NotFound, PrintAsyncError, RateLimited, TransportTimeout

EZEEP = web.AppKey("ezeep", Ezeep)
SECONDS = 20.0  # for an answer, retries and pauses included: nobody waits longer
STATUSES = {NotFound: 404, AuthError: 503, RateLimited: 503, TransportTimeout: 504, TimeoutError: 504}
log = logging.getLogger("backend")


def settings() -> dict[str, Any]:
    """Return what the environment says: where ezeep is, if not where it always is, and where tokens are kept."""
    names = {"account_url": "EZEEP_ACCOUNT_URL", "management_url": "EZEEP_MANAGEMENT_URL"}
    urls = {name: os.environ[variable] for name, variable in names.items() if variable in os.environ}
    if "EZEEP_TOKENS" in os.environ:
        return {**urls, "store": print_async.FileTokenStore(os.environ["EZEEP_TOKENS"])}
    if "REDIS_URL" in os.environ:
        return {**urls, "store": print_async.RedisTokenStore(os.environ["REDIS_URL"])}
    log.warning("neither EZEEP_TOKENS nor REDIS_URL is set: there may be one worker only, and its tokens end with it")
    return urls


async def ezeep_client(app: web.Application) -> AsyncIterator[None]:
    async with Ezeep(RefreshToken("client-id", os.environ["EZEEP_REFRESH_TOKEN"]), **settings()) as app[EZEEP]:
        await app[EZEEP].session.ensure_token()  # a wrong credential shows here, not in a request
        yield


@web.middleware
async def explain_errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Say to the caller what kind of thing went wrong, and to the log what it was."""
    try:
        async with print_async.deadline(SECONDS):
            return await handler(request)
    except PrintAsyncError as error:
        status = next((STATUSES[kind] for kind in STATUSES if isinstance(error, kind)), 502)
        level = logging.ERROR if isinstance(error, LoginRequired) else logging.WARNING  # somebody has to sign in again
        log.log(level, "%s %r: %d: %s: %s", request.method, request.path, status, type(error).__name__, error)
        pause = getattr(error, "retry_after", None)
        headers = {"Retry-After": str(ceil(pause))} if status == 503 and pause else None
        return web.json_response({"error": HTTPStatus(status).phrase}, status=status, headers=headers)


async def groups(request: web.Request) -> web.Response:
    return web.json_response([group.name async for group in request.app[EZEEP].groups.list()])


async def group(request: web.Request) -> web.Response:
    found = await request.app[EZEEP].groups.get(request.match_info["id"])
    return web.json_response({"id": found.id, "name": found.name})


def create_app() -> web.Application:
    app = web.Application(middlewares=[explain_errors])
    app.cleanup_ctx.append(ezeep_client)
    app.router.add_get("/groups", groups)
    app.router.add_get("/groups/{id:[0-9a-f-]+}", group)
    return app


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")
    try:
        port = int(os.environ.get("PORT", "8080"))
        web.run_app(create_app(), host="127.0.0.1", port=port, reuse_port=os.name == "posix")
    except PrintAsyncError as error:
        sys.exit(f"cannot start: {error}")
