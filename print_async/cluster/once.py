"""Keeps items of a batch from being done twice, whatever dies when. Needs the extra `redis`.

Before an item is begun, that is noted in Redis; when it is done, so is that. What was begun and is not done, nobody
begins again: whoever began it may have died before it took effect, or after.
"""

from enum import IntEnum

from print_async.errors import ClusterError
from print_async.origin import presentable
from print_async.redis_connection import Scripts, redis_errors, redis_url
from print_async.secret import Secret

_PER_KEY = 100
"""Redis keeps small hashes in a few bytes for each field."""

# The token tells a script that is sent again, because its answer was lost, from somebody else's.
_BEGIN = """
local there = redis.call('HGET', KEYS[1], ARGV[1])
if there == 'done' then return 2 end
if there and there ~= ARGV[2] then return 1 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 0
"""
_FINISH = "return redis.call('HSET', KEYS[1], ARGV[1], 'done')"


class Before(IntEnum):
    """What has happened to an item before."""

    NOTHING = 0
    """It is the caller's to do now."""
    BEGUN = 1
    """It may have taken effect or not."""
    DONE = 2


class RedisOnce:
    """What was begun and what was done of one batch.

    It also outlives the process that runs the batch: run again over the same input under the same name, a batch does
    what is left.

    Args:
        url: `redis://host:port/db`, or `rediss://` for TLS. What it holds is as durable as that server is: run it with
            its append-only file.
        name: Of the batch. Items are known by their place in the input, so another input needs another name.
        keep: Seconds for which it is remembered; a week by default.

    Raises:
        ValueError: The URL leads to no Redis, the name is empty, or `keep` is not above 0.
    """

    def __init__(self, url: str, name: str, *, keep: float = 7 * 86_400.0) -> None:
        url = Secret(url)  # a traceback with locals would show the password in it
        if not name:
            raise ValueError("a batch whose items are to be done once needs a name")
        if keep <= 0:
            raise ValueError("keep is a number of seconds above 0")
        self._name = name
        self._keep = int(keep * 1000)
        self._url = redis_url(url)
        self._scripts = Scripts(self._url, owner="record of what was done")

    async def begin(self, index: int, token: str) -> Before:
        """Note that an item is begun, and return what has happened to it before.

        Args:
            index: Its place in the input.
            token: Who begins it: a text that nobody else uses.

        Raises:
            ClusterError: Redis cannot be used. The item must not be begun.
        """
        try:
            return Before(await self._scripts.run(_BEGIN, self._key(index), index, token, self._keep))
        except redis_errors() as error:
            failure = ClusterError(f"not begun: Redis could not be told of it ({type(error).__name__}). Run it again")
        raise failure

    async def finish(self, index: int) -> None:
        """Note that an item is done.

        Raises:
            ClusterError: Redis cannot be used. The item stays begun.
        """
        try:
            await self._scripts.run(_FINISH, self._key(index), index)
        except redis_errors() as error:
            failure = ClusterError(f"done, but Redis could not be told of it ({type(error).__name__})")
        else:
            return
        raise failure

    async def aclose(self) -> None:
        """Close the connections to Redis; safe to repeat."""
        await self._scripts.aclose()

    def _key(self, index: int) -> str:
        return f"print-async:once:{self._name}:{index // _PER_KEY}"

    def __repr__(self) -> str:
        return f"RedisOnce({presentable(self._url.reveal())!r}, {self._name!r})"
