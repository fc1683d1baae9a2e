"""A client that the environment describes: for jobs that nobody attends, and for the workers of a cluster."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from myqx_async.auth import ClientCredentials, server_url
from myqx_async.client import MyQX
from print_async.environment import find_secret, shared_limits, token_store
from print_async.transports.aiohttp import AiohttpTransport


@asynccontextmanager
async def myqx_from_environment(
    url: str | None = None, *, scope: str = "users printers queues", per_second: float | None = None
) -> AsyncGenerator[MyQX, None]:
    """Open the client that the environment describes, as `print_async.cluster.Workers` does on each worker.

    - MYQX_URL, and MYQX_CA_FILE for a certificate authority of the server's own.
    - MYQX_CLIENT_ID and MYQX_CLIENT_SECRET, or MYQX_CLIENT_SECRET_FILE: of an application.
    - PRINT_ASYNC_REDIS_URL, the token store for many machines, or PRINT_ASYNC_TOKENS, a file for the processes of one:
      with it, all of them together ask for a token as often as one would.

    Args:
        url: The server that the job is about; `None` for whichever the environment says.
        scope: Scopes, separated by spaces.
        per_second: The most requests in a second that all processes make together which use the same server and
            PRINT_ASYNC_REDIS_URL. All should give the same.

    Raises:
        ValueError: On entering: something is missing, or the environment names another server. Nothing was sent.
        OSError: A file cannot be read.
    """
    found, client_id = os.environ.get("MYQX_URL"), os.environ.get("MYQX_CLIENT_ID")
    secret, store = find_secret("MYQX_CLIENT_SECRET"), token_store()
    if not found or not client_id or secret is None or store is None:
        raise ValueError(
            "the environment describes no client: it needs MYQX_URL, MYQX_CLIENT_ID, MYQX_CLIENT_SECRET, and "
            "PRINT_ASYNC_REDIS_URL or PRINT_ASYNC_TOKENS to share the token by"
        )
    if url is not None and server_url(url) != server_url(found):
        raise ValueError(f"the environment says {found}, and the job is about {url}; nothing was sent")
    transport = AiohttpTransport(ca_file=os.environ.get("MYQX_CA_FILE") or None)
    async with (
        shared_limits(server_url(found), per_second) as limits,
        MyQX(
            found,
            ClientCredentials(client_id, secret, scope=scope),
            transport=transport,
            store=store,
            limits=limits,
        ) as myqx,
    ):
        yield myqx
