"""A server that is a bare protocol, in a process of its own: what `limited_server` and `page_server` start alike."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


async def serve(protocol: Callable[[], asyncio.Protocol]) -> None:
    """Serve until the process is ended, and print the port."""
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


@contextmanager
def started(module: str, *arguments: str) -> Iterator[str]:
    """Start the module of a server, and give its URL."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()
