"""Servers on sockets, and how they stop."""

import asyncio
import contextlib


async def stop_listening(server: asyncio.Server) -> None:
    """Accept no more connections.

    `close` alone, in the very turn of the loop in which a connection was accepted, would leave that to nobody.
    """
    with contextlib.suppress(NotImplementedError):  # a loop that accepts by other means, such as Windows' own
        for each in server.sockets:
            asyncio.get_running_loop().remove_reader(each)
    await asyncio.sleep(0)
    server.close()
