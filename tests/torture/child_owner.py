"""Kills the owner of a refresh at given steps, and lets a successor go on: no test, but run by one.

Its input is a line of JSON: what the simulator told, the store, and rounds, each a step and the refresh token of a
sign-in. In each round a forked process signs in, refreshes, and dies at the step; another, forked before that and
waiting for its turn, refreshes after it. If the store is a file, a third reads it all the time. It tells as JSON how
each round ended.
"""

import asyncio
import json
import os
import signal
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio.connection import AbstractConnection
from store_of import store_of

from ezeep_async.auth import RefreshToken
from print_async.auth.session import AuthSession
from print_async.auth.stores.base import Slot, TokenStore
from print_async.auth.stores.redis import _SAVE
from print_async.errors import LoginRequired
from print_async.wire import Request


def die_at(step: str, here: str) -> None:
    """Die if this is the step."""
    if step == here:
        os.kill(os.getpid(), signal.SIGKILL)


def fuse_writes(step: str) -> None:
    """Let a write die around the call that makes it count: the file's rename, or sending Redis the script."""
    replace, send = Path.replace, AbstractConnection.send_command

    def fused_replace(path: Path, target: Path) -> Path:
        die_at(step, "during the write, before it counts")
        replaced = replace(path, target)
        die_at(step, "during the write, when it counts")
        return replaced

    async def fused_send(connection: AbstractConnection, *command: object, **options: object) -> None:
        here = "during the write" if _SAVE in command else "elsewhere"
        die_at(step, f"{here}, before it counts")
        await send(connection, *command, **options)
        die_at(step, f"{here}, when it counts")

    Path.replace, AbstractConnection.send_command = fused_replace, fused_send


class FusedSlot:
    """A slot at whose steps the process may die."""

    def __init__(self, slot: Slot, step: str) -> None:
        self.slot, self.step = slot, step
        self.load, self.noted, self.clear = slot.load, slot.noted, slot.clear

    async def note(self, at: float | None) -> None:
        """Note, between two steps."""
        die_at(self.step, "before the note")
        await self.slot.note(at)
        die_at(self.step, "after the note")

    async def save(self, token: object) -> None:
        """Write, in several steps."""
        die_at(self.step, "after the exchange")
        fuse_writes(self.step)
        await self.slot.save(token)
        die_at(self.step, "after the write")


class FusedStore:
    """A store that hands out such slots once it is armed."""

    step = ""
    waiting_at = -1
    """Where to tell that the armed store is being held."""

    def __init__(self, store: TokenStore) -> None:
        self.store = store

    @asynccontextmanager
    async def hold(self, identity: str):
        """Hold, with a fuse."""
        async with self.store.hold(identity) as slot:
            if self.step and self.waiting_at >= 0:
                os.write(self.waiting_at, b"held")
                self.waiting_at = -1
            yield FusedSlot(slot, self.step) if self.step else slot


def session(told: dict, token: str, store: TokenStore) -> AuthSession:
    """Make a session."""
    grant = RefreshToken(told["client_id"], token)
    return AuthSession(grant, origins=[told["account_url"], told["management_url"]], store=store)


async def own(told: dict, token: str, step: str, held: int) -> None:
    """Sign in, and die while refreshing."""
    store = FusedStore(store_of(told["store"]))
    async with session(told, token, store) as owner:
        first = await owner.token()
        store.step, store.waiting_at = step, held
        owner.invalidate(first.generation)
        await owner.token()
    os._exit(7)


async def succeed(told: dict, token: str, held: int) -> dict:
    """Go on where the owner died: load the token, and refresh it."""
    # Only now: the owner has the lock, and in most rounds still lives.
    os.read(held, 4)
    began = time.monotonic()
    try:
        async with session(told, token, store_of(told["store"])) as successor:
            first = await successor.token()
            successor.invalidate(first.generation)
            second = await successor.token()
            users = Request("GET", told["management_url"] + "/printing/v1/users/?limit=1")
            status = (await successor.send(users)).status
            return {
                "ended": "alive",
                "generations": [first.generation, second.generation],
                "status": status,
                "seconds": time.monotonic() - began,
            }
    except LoginRequired as refusal:
        return {"ended": "lost", "lost_at": refusal.lost_at, "text": str(refusal), "seconds": time.monotonic() - began}


def watch(path: str) -> None:
    """Read the file until told to end; every state of it must be whole."""
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    stop: list[bool] = []
    while not stop:
        try:
            content = Path(path).read_bytes()
        except FileNotFoundError:
            continue
        whole = json.loads(content)
        if whole["version"] != 1 or not all(
            {"token", "noted_at"} <= one.keys() for one in whole["credentials"].values()
        ):
            os._exit(9)
    os._exit(0)


def fork(work, *arguments: object) -> tuple[int, int]:
    """Do something in a process of its own; return its id, and where to read what it returns."""
    source, sink = os.pipe()
    child = os.fork()
    if child:
        os.close(sink)
        return child, source
    code = 8
    try:
        os.write(sink, json.dumps(work(*arguments)).encode())
        code = 0
    finally:
        os._exit(code)


def ended(child: int) -> int:
    """Return how it ended: an exit code, or minus a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def play(told: dict, step: str, token: str) -> dict:
    """Play one round."""
    source, sink = os.pipe()
    began = time.time()
    successor, answer = fork(lambda: asyncio.run(succeed(told, token, source)))
    owner, unused = fork(lambda: asyncio.run(own(told, token, step, sink)))
    died = ended(owner)
    os.close(sink)
    code = ended(successor)
    result = json.loads(os.read(answer, 65536) or b"{}")
    for each in (source, answer, unused):
        os.close(each)
    return {"step": step, "owner": died, "successor": code, "from": began, "until": time.time(), **result}


def main() -> None:
    """Play all rounds."""
    told = json.loads(sys.stdin.readline())
    readers = [fork(watch, told["store"]["path"])] if told["store"]["kind"] == "file" else []
    rounds = [play(told, step, token) for step, token in told["rounds"]]
    for reader, source in readers:
        os.kill(reader, signal.SIGTERM)
        os.close(source)
    print(json.dumps({"rounds": rounds, "readers": [ended(reader) for reader, _ in readers]}), flush=True)


if __name__ == "__main__":
    main()
