"""How far a request through aiohttp is. The pool says so: see `_aiohttp_pool`."""

from contextvars import ContextVar
from typing import TYPE_CHECKING

import attrs

from print_async import phases

if TYPE_CHECKING:
    from aiohttp.connector import Connection


@attrs.define(eq=False)
class Exchange:
    """One request under way."""

    uploads: bool
    """Whether its body goes out in pieces."""
    streams: bool
    """Whether its answer is left on the wire."""
    phase: str = "connect"
    fresh: bool = False
    """Whether its connection was made for it, and has served no other request before."""
    connection: "Connection | None" = None
    """What it goes over, as long as nobody watches over its silence."""

    def enter(self, phase: str) -> None:
        """Begin a phase."""
        self.phase = phase
        phases.enter(phase)

    def connected(self, connection: "Connection") -> None:
        """From here on something may have left. Without a body in pieces all has, as good as at once."""
        self.connection = connection
        self.enter("send" if self.uploads else "headers")

    def uploaded(self) -> None:
        """The last piece of the body has gone out; some servers answer before."""
        if self.phase == "send":
            self.enter("headers")

    def limit_silence(self, seconds: float) -> None:
        """From now on the server may be silent for that long."""
        connection, self.connection = self.connection, None
        if connection is not None and connection.protocol is not None:
            connection.protocol.read_timeout = seconds
            connection.protocol.start_timeout()


under_way: ContextVar[Exchange] = ContextVar("print_async_aiohttp")
"""That of the request which the running task sends."""
