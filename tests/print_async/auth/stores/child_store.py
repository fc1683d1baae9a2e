"""Uses a token file from a process of its own: no test, but run by some.

Its arguments are what to do, and the file: `hold` the credential until killed; `write` one generation after the other
until killed; save where the `folder` cannot be written, or where the `disk` is full, and tell what came of it.
"""

import asyncio
import os
import resource
import signal
import stat
import sys
import tempfile
from pathlib import Path

from print_async.auth.stores.file import FileTokenStore
from print_async.auth.token import Token
from print_async.errors import TokenStoreError
from print_async.secret import Secret


async def hold(path: str) -> None:
    """Hold until killed."""
    async with FileTokenStore(path).hold("app"):
        print("held", flush=True)
        await asyncio.Event().wait()


async def write(path: str) -> None:
    """Write until killed."""
    async with FileTokenStore(path).hold("app") as slot:
        generation = 0 if (stored := await slot.load()) is None else stored.generation
        while True:
            generation += 1
            await slot.save(Token(Secret("a" * 50_000), 1.0, refresh_token=Secret("r"), generation=generation))


async def save(path: str) -> str:
    """Try to save and return the error."""
    try:
        async with FileTokenStore(path).hold("app") as slot:
            await slot.save(Token(Secret("planted" * 100), 1.0, generation=9))
    except TokenStoreError as error:
        return str(error)
    return "saved"


def folder(path: str) -> None:
    """Save in a folder that we may not write to."""
    asyncio.run(save(path))  # loads all that is loaded late, while that can still be read
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(stat.S_IRUSR | stat.S_IXUSR | stat.S_IROTH | stat.S_IXOTH)
        if not os.getuid():
            os.seteuid(65534)
        print(asyncio.run(save(f"{name}/tokens.json")), asyncio.run(save(f"{name}/under/tokens.json")), sep="\n")
        if not os.getuid():
            os.seteuid(0)


def disk(path: str) -> None:
    """Save where no file may be larger than what is there."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    size = Path(path).stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    print(asyncio.run(save(path)))


if __name__ == "__main__":
    signal.alarm(60)
    what, where = sys.argv[1:]
    if what in ("hold", "write"):
        asyncio.run({"hold": hold, "write": write}[what](where))
    else:
        {"folder": folder, "disk": disk}[what](where)
