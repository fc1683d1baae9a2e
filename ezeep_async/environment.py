"""A client that the environment describes: for jobs that nobody attends, and for the workers of a cluster."""

import os

from ezeep_async.auth import ACCOUNT_URL, RefreshToken, StoredCredential
from ezeep_async.client import MANAGEMENT_URL, PRINT_URL, Ezeep
from print_async.auth.grant import Grant
from print_async.environment import find_secret, token_store
from print_async.origin import base_url
from print_async.secret import Secret


def ezeep_from_environment(account_url: str | None = None) -> Ezeep:
    """Make the client that the environment describes, as `print_async.cluster.Workers` opens it on each worker.

    - EZEEP_CLIENT_ID, and EZEEP_CLIENT_SECRET where the client has one.
    - EZEEP_REFRESH_TOKEN; without it, the credential is the one that `ezeep login` has left in the store.
    - PRINT_ASYNC_REDIS_URL, the store for many machines, or PRINT_ASYNC_TOKENS, a file for the processes of one: a
      refresh token works once, so all processes have to share what it is exchanged for.
    - EZEEP_ACCOUNT_URL, EZEEP_MANAGEMENT_URL, EZEEP_PRINT_URL, if they are not ezeep's own.

    Secrets may be in files: EZEEP_REFRESH_TOKEN_FILE, and so on.

    Args:
        account_url: Where the credential has to be good; `None` for wherever the environment says.

    Raises:
        ValueError: Something is missing, or the environment names another account server. Nothing was sent.
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
    secret, refresh_token = find_secret("EZEEP_CLIENT_SECRET") or Secret(""), find_secret("EZEEP_REFRESH_TOKEN")
    grant: Grant = StoredCredential(client_id, client_secret=secret)
    if refresh_token is not None:
        grant = RefreshToken(client_id, refresh_token, client_secret=secret)
    return Ezeep(grant, account_url=servers[0], management_url=servers[1], print_url=servers[2], store=store)


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
