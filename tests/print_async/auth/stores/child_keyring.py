"""Uses a keychain in a file from a process of its own: no test, but run by some.

Its arguments are what to do, the folder of the keychain, and a number: `hold` the credential until killed; `count` the
generation up, that often; save and `die` at that change of the keychain.
"""

import asyncio
import random
import signal
import sys
from pathlib import Path

from keyrings.alt.file import PlaintextKeyring

from print_async.auth.stores.keyring import KeyringTokenStore
from print_async.auth.token import Token
from print_async.secret import Secret


class FileKeyring(PlaintextKeyring):
    """A keychain in a file; it kills its process before a change, if one is given."""

    priority = -1  # never chosen by itself

    def __init__(self, folder, deadly=0):
        super().__init__()
        self.file_path = str(Path(folder) / "ring.cfg")
        self.left = deadly

    def set_password(self, service, username, password):
        """Write one entry."""
        self.change()
        super().set_password(service, username, password)

    def delete_password(self, service, username):
        """Delete one entry."""
        self.change()
        super().delete_password(service, username)

    def change(self):
        """Count changes, and die."""
        self.left -= 1
        if self.left == 0:
            signal.raise_signal(signal.SIGKILL)


def open_store(folder, deadly=0):
    """Open the store whose keychain and locks are in a folder."""
    return KeyringTokenStore(lock_folder=Path(folder) / "locks", backend=FileKeyring(folder, deadly))


def make_token(generation):
    """Make a token that needs two entries."""
    text = random.Random(generation).randbytes(1000).hex()
    return Token(Secret(text), 1.0, refresh_token=Secret(f"planted-{generation}"), generation=generation)


async def hold(folder, _):
    """Hold until killed."""
    async with open_store(folder).hold("app"):
        print("held", flush=True)
        await asyncio.Event().wait()


async def count(folder, times):
    """Count the generation up."""
    store = open_store(folder)
    for _ in range(times):
        async with store.hold("app") as slot:
            stored = await slot.load()
            await slot.save(make_token(1 if stored is None else stored.generation + 1))


async def die(folder, number):
    """Save, and die at that change of the keychain."""
    async with open_store(folder, number).hold("app") as slot:
        await slot.save(make_token(2))


if __name__ == "__main__":
    signal.alarm(60)
    what, where, how_often = sys.argv[1:]
    asyncio.run({"hold": hold, "count": count, "die": die}[what](where, int(how_often)))
