"""Tokens in Redis, for many machines. Needs the extra `redis`.

A credential is held under a lease, which its owner keeps extending while it lives. An owner that dies loses it after
`lease` seconds. One that is only paused loses it as well, and that is the hard case: it may be in the middle of
spending the token. So

- a note (the intent to spend) is written only by who holds the lease, checked and written in one step;
- from the note on, a successor waits up to `patience` seconds for the note's owner to come back with the new token;
- a save is refused where the token is not newer, or where a successor has noted its own intent meanwhile.

What is stored is as durable as the Redis server is: run it with its append-only file, or a restart forgets the tokens.
"""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING

import attrs
import msgspec

from print_async.auth.stores.record import Record, from_plain, to_plain
from print_async.auth.token import Token
from print_async.errors import TokenStoreError
from print_async.finish import to_the_end
from print_async.origin import presentable
from print_async.redis_connection import connect, redis_errors, redis_url
from print_async.secret import Secret, forgetting_locals

if TYPE_CHECKING:
    from redis.asyncio import Redis

_POLL_SECONDS = 0.05

# KEYS of all scripts: lock, fence, record, spending. Each runs as one step of the server.
_ACQUIRE = """
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
return redis.call('INCR', KEYS[2])
"""
_EXTEND = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
_RELEASE = """
if redis.call('GET', KEYS[4]) == ARGV[1] then redis.call('DEL', KEYS[4]) end
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
"""
_WRITE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[3], 'record', ARGV[2])
if ARGV[3] ~= '' then
    redis.call('SET', KEYS[4], ARGV[1], 'PX', ARGV[3])
    redis.call('HSET', KEYS[3], 'spender', ARGV[4])
end
return 1
"""
_SAVE = """
if tonumber(redis.call('HGET', KEYS[3], 'spender') or '0') > tonumber(ARGV[4]) then return 0 end
if tonumber(redis.call('HGET', KEYS[3], 'generation') or '0') < tonumber(ARGV[3]) then
    redis.call('HSET', KEYS[3], 'record', ARGV[2], 'generation', ARGV[3])
elseif redis.call('GET', KEYS[1]) == ARGV[1] then
    redis.call('HSET', KEYS[3], 'record', ARGV[2])
end
if redis.call('GET', KEYS[4]) == ARGV[1] then redis.call('DEL', KEYS[4]) end
return 1
"""


@attrs.frozen
class _RedisSlot:
    client: "Redis" = attrs.field(repr=False)
    keys: tuple[str, ...]
    owner: str
    fence: int
    patience: int

    async def load(self) -> Token | None:
        return (await self._record()).token

    async def save(self, token: Token) -> None:
        record = (await self._record()).with_token(token)
        with forgetting_locals():
            saved = await self._run(_SAVE, self.owner, _encoded(record), token.generation, self.fence)
        if not saved:
            raise TokenStoreError("this process was paused past its lease, and its successor has gone on without it")

    async def note(self, at: float | None) -> None:
        record, patience = attrs.evolve(await self._record(), noted_at=at), "" if at is None else self.patience
        with forgetting_locals():
            noted = await self._run(_WRITE, self.owner, _encoded(record), patience, self.fence)
        if not noted:
            raise TokenStoreError("this process was paused past its lease; nothing was spent")

    async def noted(self) -> float | None:
        return (await self._record()).noted_at

    async def clear(self) -> None:
        with _explained():
            await to_the_end(self.client.delete(self.keys[2], self.keys[3]))

    async def _record(self) -> Record:
        with forgetting_locals():
            return await self._read()

    async def _read(self) -> Record:
        with _explained():
            content = await to_the_end(self.client.hget(self.keys[2], "record"))
        return Record() if content is None else _decoded(content)

    async def _run(self, script: str, *arguments: str | bytes | int) -> int:
        return await _run(self.client, self.keys, script, *arguments)


class RedisTokenStore:
    """Keeps tokens in Redis, and shares them between processes on any number of machines.

    Args:
        url: `redis://host:port/db`, or `rediss://` for TLS. Whoever can read that database can read the tokens.
        prefix: What its keys begin with.
        lease: Seconds after which a dead owner's lock is free. A living owner extends it.
        patience: Seconds to wait for an owner that was lost in the middle of spending a token: it may only be paused,
            and to spend the token a second time would end the credential for everybody. Stale tokens go on being used.

    Raises:
        ValueError: The URL leads to no Redis, or a time is not more than 0.
    """

    def __init__(self, url: str, *, prefix: str = "print-async", lease: float = 10.0, patience: float = 60.0) -> None:
        url = Secret(url)  # a traceback with locals would show the password in it,
        self._url = Secret("")  # and the repr of this
        if lease <= 0 or patience <= 0:
            raise ValueError("lease and patience are seconds, and more than none")
        self._url = redis_url(url)
        self._prefix = prefix
        self._lease = int(lease * 1000)
        self._patience = int(patience * 1000)

    @asynccontextmanager
    async def hold(self, identity: str) -> AsyncIterator[_RedisSlot]:
        """Take the lease of one credential, and give access to its token."""
        # Older versions of redis-py show the password in the repr of a client.
        with forgetting_locals():
            async with self._hold(identity) as slot:
                yield slot

    @asynccontextmanager
    async def _hold(self, identity: str) -> AsyncIterator[_RedisSlot]:
        # The braces keep the keys together on one node of a cluster.
        keys = tuple(f"{self._prefix}:{{{identity}}}:{name}" for name in ("lock", "fence", "record", "spending"))
        owner = secrets.token_hex(16)
        # A connection for each time: refreshes are rare, and a client would be bound to one event loop.
        async with connect(self._url) as client:
            keeper = asyncio.get_running_loop().create_task(self._keep(client, keys, owner))
            try:
                fence = await self._acquire(client, keys, owner)
                await _wait_for_spender(client, keys)
                yield _RedisSlot(client, keys, owner, fence, self._patience)
            finally:
                keeper.cancel()
                with suppress(TokenStoreError):  # the lease runs out by itself
                    await _run(client, keys, _RELEASE, owner)
                await asyncio.wait({keeper})

    async def _acquire(self, client: "Redis", keys: tuple[str, ...], owner: str) -> int:
        while not (fence := await _run(client, keys, _ACQUIRE, owner, self._lease)):  # noqa: ASYNC110 - elsewhere
            await asyncio.sleep(_POLL_SECONDS * (0.5 + random.random()))
        return fence

    async def _keep(self, client: "Redis", keys: tuple[str, ...], owner: str) -> None:
        while True:
            await asyncio.sleep(self._lease / 3000)
            with suppress(TokenStoreError):  # tried again soon; at the worst the lease is lost, and that is noticed
                await _run(client, keys, _EXTEND, owner, self._lease)

    def __repr__(self) -> str:
        return f"RedisTokenStore({presentable(self._url.reveal())!r})"


async def _wait_for_spender(client: "Redis", keys: tuple[str, ...]) -> None:
    while True:
        with _explained():
            if not await to_the_end(client.exists(keys[3])):
                return
        await asyncio.sleep(_POLL_SECONDS)


async def _run(client: "Redis", keys: tuple[str, ...], script: str, *arguments: str | bytes | int) -> int:
    with _explained():
        return int(await to_the_end(client.eval(script, len(keys), *keys, *arguments)))


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except redis_errors() as error:
        failure = TokenStoreError(f"Redis could not be used for the token ({type(error).__name__})")
    else:
        return
    raise failure


def _encoded(record: Record) -> bytes:
    return msgspec.json.encode(to_plain(record))


def _decoded(content: bytes | str) -> Record:
    try:
        return from_plain(msgspec.json.decode(content), Record)
    except msgspec.DecodeError:
        raise TokenStoreError(
            "what Redis holds for this credential is no record of ours; remove it and sign in"
        ) from None
