"""A client that the environment describes: for jobs that nobody attends, and for the workers of a cluster."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from ezeep_async.auth import ACCOUNT_URL, RefreshToken, StoredCredential
from ezeep_async.client import MANAGEMENT_URL, PRINT_URL, Ezeep
from print_async.auth.grant import Grant
from print_async.environment import find_secret, shared_limits, token_store
from print_async.origin import base_url
from print_async.secret import Secret


@asynccontextmanager
async def ezeep_from_environment(
    account_url: str | None = None, *, per_second: float | None = None
) -> AsyncGenerator[Ezeep, None]:
    """Open the client that the environment describes, as `print_async.cluster.Workers` does on each worker.

    - EZEEP_CLIENT_ID, and EZEEP_CLIENT_SECRET where the client has one.
    - EZEEP_REFRESH_TOKEN; without it, the credential is the one that `ezeep login` has left in the store.
    - PRINT_ASYNC_REDIS_URL, the store for many machines, or PRINT_ASYNC_TOKENS, a file for the processes of one: a
      refresh token works once, so all processes have to share what it is exchanged for.
    - EZEEP_ACCOUNT_URL, EZEEP_MANAGEMENT_URL, EZEEP_PRINT_URL, if they are not ezeep's own.

    Secrets may be in files: EZEEP_REFRESH_TOKEN_FILE, and so on.

    Args:
        account_url: Where the credential has to be good; `None` for wherever the environment says.
        per_second: The most requests in a second that all processes make together which use the same account server
            and PRINT_ASYNC_REDIS_URL. All should give the same.

    Raises:
        ValueError: On entering: something is missing, or the environment names another server. Nothing was sent.
        OSError: The file of a secret cannot be read.
    """
    client_id, store, servers = os.environ.get("EZEEP_CLIENT_ID"), token_store(), server_urls()
    if not client_id or store is None:
        raise ValueError(
            "the environment describes no client: it needs EZEEP_CLIENT_ID, and PRINT_ASYNC_REDIS_URL or "
            "PRINT_ASYNC_TOKENS to share the token by"
        )
    if account_url is not None and base_url(account_url) != servers[0]:
        raise ValueError(f"the environment says {servers[0]}, and the job is about {account_url}; nothing was sent")
    async with (
        shared_limits(servers[0], per_second) as limits,
        Ezeep(
            _grant(client_id),
            account_url=servers[0],
            management_url=servers[1],
            print_url=servers[2],
            store=store,
            limits=limits,
        ) as ezeep,
    ):
        yield ezeep


def _grant(client_id: str) -> Grant:
    secret, refresh_token = find_secret("EZEEP_CLIENT_SECRET") or Secret(""), find_secret("EZEEP_REFRESH_TOKEN")
    if refresh_token is None:
        return StoredCredential(client_id, client_secret=secret)
    return RefreshToken(client_id, refresh_token, client_secret=secret)


def server_urls(*, default: bool = True) -> tuple[str, str, str]:
    """Return the URLs of the account, management and print APIs: the environment's, else ezeep's own.

    Args:
        default: Whether ezeep's own are to stand where the environment names none; else there is an empty text.

    Raises:
        ValueError: One is no base URL.
    """

    def url(variable: str, own: str) -> str:
        told = os.environ.get(variable, "") or (own if default else "")
        return base_url(told) if told else ""

    return (
        url("EZEEP_ACCOUNT_URL", ACCOUNT_URL),
        url("EZEEP_MANAGEMENT_URL", MANAGEMENT_URL),
        url("EZEEP_PRINT_URL", PRINT_URL),
    )
