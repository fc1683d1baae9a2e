"""A process that holds the credential `app`, and notes and saves when it is told to: no test, but run by some."""

import asyncio
import sys

from print_async.auth.stores.redis import RedisTokenStore
from print_async.auth.token import Token
from print_async.errors import TokenStoreError
from print_async.secret import Secret

TOKEN = Token(Secret("by the owner"), issued_at=1.0, refresh_token=Secret("r"), generation=7)


async def main(url: str, lease: str, patience: str) -> None:
    """Hold, and obey."""
    async with RedisTokenStore(url, lease=float(lease), patience=float(patience)).hold("app") as slot:
        print("held", flush=True)
        while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
            try:
                await (slot.note(5.0) if line == "note" else slot.save(TOKEN))
            except TokenStoreError:
                print("refused", flush=True)
            else:
                print("noted" if line == "note" else "saved", flush=True)


asyncio.run(main(*sys.argv[1:]))
