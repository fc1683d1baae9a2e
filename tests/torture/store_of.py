"""The stores that the scripts beside this run over."""

import aiohttp  # noqa: F401 - else loaded on first use, by all processes at once, for longer than a token lives
import redis.asyncio  # noqa: F401 - likewise

from print_async.auth.stores.base import TokenStore
from print_async.auth.stores.file import FileTokenStore
from print_async.auth.stores.redis import RedisTokenStore


def store_of(told: dict) -> TokenStore:
    """Open the store that was told."""
    match told:
        case {"kind": "file", "path": path}:
            return FileTokenStore(path)
        case {"kind": "redis", "url": url, **options}:
            return RedisTokenStore(url, **{name: value for name, value in options.items() if name != "kind"})
    raise ValueError(f"no store: {told}")
