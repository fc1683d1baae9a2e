"""One rate of requests for many processes, on any number of machines. Needs the extra `redis`.

Turns are given out at even distances, by the clock of the Redis server, so that the clocks of the machines play no
part (the generic cell rate algorithm, without bursts). Whoever asks gets the next free turn, and sleeps until it comes:
first come, first served, with one short exchange for each turn and no polling.
"""

from math import isfinite

from print_async.clock import Clock, SystemClock
from print_async.errors import PacingFailed
from print_async.origin import presentable
from print_async.redis_connection import Scripts, redis_errors, redis_url
from print_async.secret import Secret

# Microseconds since 1970 have 16 digits, which a double holds with a fraction; Lua's own format would cut them short.
_TAKE_TURN = """
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local turn = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local following = turn + tonumber(ARGV[1])
redis.call('SET', KEYS[1], string.format('%.3f', following), 'PX', math.ceil((following - now) / 1000) + 1000)
return math.ceil(turn - now)
"""


class RedisPacer:
    """Lets so many callers through per second, counted over all processes that use one name on one Redis server.

        pacer = RedisPacer("redis://cache.acme.com/0", "ezeep", per_second=50)
        await pacer.turn()  # before each request

    A caller that is cancelled while it waits leaves its turn unused.

    Args:
        url: `redis://host:port/db`, or `rediss://` for TLS.
        name: What shares the rate. All that use it should give the same rate: each turn lasts as long as its caller
            says.
        per_second: How many turns there are in a second; fractions are fine.
        clock: What it sleeps on; for tests.

    Raises:
        ValueError: The URL leads to no Redis, the name is empty, or the rate is none.
    """

    def __init__(self, url: str, name: str, per_second: float, *, clock: Clock | None = None) -> None:
        url = Secret(url)  # a traceback with locals would show the password in it
        if not name:
            raise ValueError("a rate that is shared needs a name")
        if not (isfinite(per_second) and per_second > 0):
            raise ValueError(f"per_second is a number above 0, not {per_second!r}")
        self._name = name
        self._per_second = per_second
        self._url = redis_url(url)
        self._scripts = Scripts(self._url, owner="pacer")
        self._clock = clock or SystemClock()

    async def turn(self) -> None:
        """Wait for the caller's turn.

        Raises:
            PacingFailed: Redis cannot be used. It may be tried again.
            ClientClosed: After `aclose`.
        """
        wait = await self._take()
        if wait > 0:
            await self._clock.sleep(wait)

    async def _take(self) -> float:
        try:
            return await self._scripts.run(_TAKE_TURN, f"print-async:pace:{self._name}", 1e6 / self._per_second) / 1e6
        except redis_errors() as error:
            failure = PacingFailed(f"Redis could not say whose turn it is ({type(error).__name__}); nothing was sent")
        raise failure

    async def aclose(self) -> None:
        """Close the connections to Redis; safe to repeat."""
        await self._scripts.aclose()

    def __repr__(self) -> str:
        return f"RedisPacer({presentable(self._url.reveal())!r}, {self._name!r}, {self._per_second:g})"
