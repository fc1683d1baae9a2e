"""What the environment of a process says: the secrets, and where tokens are kept.

Processes of one job, on whatever machine, find the same token by it.
"""

import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from print_async.auth.stores.base import TokenStore
from print_async.auth.stores.file import FileTokenStore
from print_async.auth.stores.redis import RedisTokenStore
from print_async.cluster.pacing import RedisPacer
from print_async.limits.policy import LimitPolicy
from print_async.secret import Secret

TOKENS = "PRINT_ASYNC_TOKENS"
"""The variable that names the token file."""
REDIS_URL = "PRINT_ASYNC_REDIS_URL"
"""The variable that names the Redis server to keep tokens in."""
_KEY = "PRINT_ASYNC_TOKENS_KEY"


def find_secret(variable: str) -> Secret | None:
    """Return a secret: a variable's value, or what is in the file that the variable with `_FILE` behind it names.

    Returns `None` where neither is set.

    Raises:
        OSError: The file cannot be read.
    """
    if os.environ.get(variable):
        return Secret(os.environ[variable])
    path = os.environ.get(f"{variable}_FILE")
    return Secret(Path(path).read_text(encoding="utf-8").rstrip("\r\n")) if path else None


def token_store() -> TokenStore | None:
    """Return the store of tokens: in Redis at PRINT_ASYNC_REDIS_URL, else in the file PRINT_ASYNC_TOKENS.

    PRINT_ASYNC_TOKENS_KEY, a Fernet key, has the file encrypted. Returns `None` where neither is named.

    Raises:
        ValueError: The URL leads to no Redis.
        OSError: It is in a file (PRINT_ASYNC_REDIS_URL_FILE), and that cannot be read.
    """
    url = find_secret(REDIS_URL)
    if url is not None:
        return RedisTokenStore(url)
    return FileTokenStore(os.environ[TOKENS], key=token_file_key()) if os.environ.get(TOKENS) else None


@asynccontextmanager
async def shared_limits(name: str, per_second: float | None) -> AsyncGenerator[LimitPolicy, None]:
    """Make limits with a rate that all processes share, on whatever machine, over Redis at PRINT_ASYNC_REDIS_URL.

    Args:
        name: What the rate is of; all that use it should give the same rate.
        per_second: The most requests in a second; `None` for no such limit, for which no Redis is needed.

    Raises:
        ValueError: No Redis is named, the URL leads to none, or the rate is none.
    """
    if per_second is None:
        yield LimitPolicy()
        return
    url = find_secret(REDIS_URL)
    if url is None:
        raise ValueError(f"a rate is shared over Redis: set {REDIS_URL}")
    pacer = RedisPacer(url, name, per_second)
    try:
        yield LimitPolicy(pacer=pacer)
    finally:
        await pacer.aclose()


def token_file_key() -> Callable[[], str] | None:
    """Return what gives the key of the token file; `None` where it is not encrypted."""
    return (lambda: os.environ[_KEY]) if os.environ.get(_KEY) else None
