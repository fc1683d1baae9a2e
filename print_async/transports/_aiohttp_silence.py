"""The limit for a server's silence, without a timer for each request.

aiohttp's own timer (`sock_read`) is set and unset several times for each request, which is a tenth of what one costs.
What is answered soon goes without: a look around now and then sets it for what is not. So the limit is exceeded by the
time between two looks, at most.
"""

import asyncio

from print_async.transports._aiohttp_exchange import Exchange


class Silence:
    """Watches over the exchanges of one loop."""

    def __init__(self, limit: float | None) -> None:
        self._limit = limit
        self._watched: set[Exchange] = set()
        self._looking = False

    def begin(self, exchange: Exchange) -> None:
        """Watch over an exchange whose answer is not left on the wire, for then the silence may be the reader's."""
        self._watched.add(exchange)
        if not self._looking and self._limit is not None:
            self._look(self._limit)

    def end(self, exchange: Exchange) -> None:
        """It is over."""
        self._watched.discard(exchange)

    def _look(self, limit: float) -> None:
        for exchange in self._watched:
            exchange.limit_silence(limit)
        self._looking = bool(self._watched)
        if self._looking:
            asyncio.get_running_loop().call_later(min(1.0, limit / 4), self._look, limit)
