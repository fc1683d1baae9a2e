"""The way to a Redis server, for all that is shared over one. Needs the extra `redis`."""

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from print_async.finish import to_the_end
from print_async.secret import Secret, forgetting_locals
from print_async.transports._common import PerLoop

if TYPE_CHECKING:
    from redis.asyncio import BlockingConnectionPool, Redis

_CONNECTIONS = 8
"""A script takes the server microseconds, so that many tasks do with a few connections."""


def redis_url(url: str) -> Secret:
    """Return the URL of a Redis server, which may have a password in it.

    Raises:
        ValueError: It leads to no Redis.
    """
    url = Secret(url)  # a traceback with locals would show the password in it
    if not _leads_to_redis(url):
        raise ValueError(
            "the URL leads to no Redis: it is redis://user:password@host:port/db, or rediss://, with user and "
            "password percent-encoded"
        )
    return url


def connect(url: Secret) -> "Redis":
    """Make a client for the running event loop, with retries that outlast a restart of the server.

    What it is used for has to stand being sent twice.
    """
    from redis.asyncio import Redis

    return Redis.from_pool(_pool(url))


class Scripts:
    """Runs scripts, each as one step of the server, on connections that live as long as the event loop.

    Args:
        url: Of the server.
        owner: What it is for, to be named where it is used after `aclose`.
    """

    def __init__(self, url: Secret, *, owner: str) -> None:
        self._url = url
        self._clients = PerLoop(lambda: connect(url), _close, name=owner)

    async def run(self, script: str, key: str, *arguments: str | float) -> int:
        """Run a script with one key, and return the number that it returns.

        Raises:
            RedisError, OSError: The server cannot be reached, or refuses it.
            ClientClosed: After `aclose`.
        """
        client = await self._clients.open()
        # Older versions of redis-py show the password in the repr of a client.
        with forgetting_locals():
            return int(await to_the_end(client.eval(script, 1, key, *map(str, arguments))))

    async def aclose(self) -> None:
        """Close the connections; safe to repeat."""
        await self._clients.aclose()


def redis_errors() -> tuple[type[Exception], ...]:
    """Return what is raised where a server cannot be used."""
    from redis.exceptions import RedisError

    return RedisError, OSError


def _pool(url: Secret) -> "BlockingConnectionPool":
    from redis.asyncio import BlockingConnectionPool
    from redis.asyncio.retry import Retry
    from redis.backoff import ExponentialBackoff
    from redis.exceptions import ConnectionError as Disconnected
    from redis.exceptions import TimeoutError as TimedOut

    retry = Retry(ExponentialBackoff(cap=1.0, base=0.05), retries=12, supported_errors=(Disconnected, TimedOut))
    return BlockingConnectionPool.from_url(
        url.reveal(),
        retry=retry,
        socket_connect_timeout=5.0,
        socket_timeout=5.0,
        max_connections=_CONNECTIONS,
        timeout=None,
    )


async def _close(client: "Redis") -> None:
    await client.aclose()


def _leads_to_redis(url: Secret) -> bool:
    with suppress(ValueError):
        parts = urlsplit(url.reveal())
        return parts.scheme == "unix" or (
            parts.scheme in ("redis", "rediss") and bool(parts.hostname) and parts.port != 0
        )
    return False
