"""Mirrors a simulator again and again, killing itself with SIGKILL at given points: no test, but run by one.

Its arguments are the vendor, and in turn a file and the points for it: `wire:7` is before the seventh time that
something goes over the wire (a request or its answer), `file:7` before the seventh statement of SQLite. At each point a
forked process dies; the last one is let run to its end, and then tells how many points it had.
"""

import asyncio
import os
import random
import signal
import sqlite3
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import ezeep_async.mirror
import myqx_async.mirror
from ezeep_async import Ezeep
from ezeep_async.simulator import EzeepSimulator
from myqx_async import MyQX
from myqx_async.simulator import MyQXSimulator
from print_async.mirror import mirror
from print_async.transports.aiohttp import AiohttpTransport
from print_async.wire import Request, Response

USERS, PAGE = 160, 20


class Fuse:
    """Counts the points of one kind, and kills the process at the one given; 0 for none."""

    def __init__(self, at: int) -> None:
        self.at, self.seen = at, 0

    def burn(self) -> None:
        """Come to a point."""
        self.seen += 1
        if self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


class FusedTransport(AiohttpTransport):
    """A transport with a fuse on either side of every exchange."""

    fuse: Fuse

    async def send(self, request: Request) -> Response:
        """Send a request, unless the process dies over it."""
        self.fuse.burn()
        response = await super().send(request)
        self.fuse.burn()
        return response


def fuse_file(fuse: Fuse) -> None:
    """Put a fuse before every statement of SQLite that changes the file, also those within a transaction.

    The last ones only read: who died there would leave a finished file, and the next attempt would begin a second run.
    """
    connect = sqlite3.connect

    def burn(statement: str) -> None:
        if not statement.startswith("SELECT"):
            fuse.burn()

    def connect_fused(*arguments: object, **options: object) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.set_trace_callback(burn)
        return connection

    sqlite3.connect = connect_fused


async def attempt(vendor: str, path: str, wire: Fuse) -> None:
    """Mirror once, to the end or to the point."""
    transport = FusedTransport()
    concurrency = random.Random(Path(path).name).choice((1, 4))
    transport.fuse = wire
    async with AsyncExitStack() as stack:
        if vendor == "ezeep":
            sim = await stack.enter_async_context(EzeepSimulator(USERS, 25, seed=5))
            urls = {name: getattr(sim, name) for name in ("account_url", "management_url", "print_url")}
            client = await stack.enter_async_context(Ezeep(sim.grant(), transport=transport, **urls))
            stages = ezeep_async.mirror.stages(client, page_size=PAGE, concurrency=concurrency)
            views = ezeep_async.mirror.VIEWS
        else:
            server = await stack.enter_async_context(MyQXSimulator(USERS, 30, 12, seed=5, tls=False))
            myqx = await stack.enter_async_context(MyQX(server.url, server.grant(), transport=transport))
            stages = myqx_async.mirror.stages(myqx, page_size=PAGE, concurrency=concurrency)
            views = ()
        await mirror(path, stages, source="the simulator", views=views)


def fork(vendor: str, path: str, point: str) -> int:
    """Make an attempt in a process of its own, and return how it ended: 0, or minus the signal."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    kind, _, number = point.partition(":")
    wire, file = (Fuse(int(number) if kind == each else 0) for each in ("wire", "file"))
    fuse_file(file)
    asyncio.run(attempt(vendor, path, wire))
    print(f"wire:{wire.seen} file:{file.seen}", flush=True)
    os._exit(0)


def main() -> None:
    """Die at each point, and then live; an attempt that comes to its end before its point is the last."""
    vendor, *rounds = sys.argv[1:]
    for path, points in zip(rounds[::2], rounds[1::2], strict=True):
        for point in [*points.split(), "none:0"]:
            ended = fork(vendor, path, point)
            if ended not in (0, -signal.SIGKILL):
                sys.exit(f"{path}: {point} ended with {ended}")
            if ended == 0:
                break


if __name__ == "__main__":
    main()
