"""What the tests have workers do. No test: workers import it, which they find by their PYTHONPATH."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import attrs

from print_async.cluster import RedisOnce, RedisPacer


@attrs.define
class Desk:
    """A client that writes down what is done with it, for the test to read."""

    folder: Path
    running: int = 0
    most: int = 0
    """How many calls have run at a time."""

    def note(self, what: str, text: object) -> None:
        """Write a line into a file that all workers share."""
        with (self.folder / what).open("a") as file:
            file.write(f"{text}\n")

    def first(self, what: str) -> bool:
        """Tell whether this is the first time, over all workers."""
        try:
            (self.folder / what).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


@asynccontextmanager
async def open_desk(folder: Path) -> AsyncIterator[Desk]:
    """Open the client."""
    desk = Desk(folder)
    desk.note("opened", os.getpid())
    yield desk
    desk.note("closed", os.getpid())


def open_in_vain() -> None:
    """Fail, as where a variable is missing."""
    raise KeyError("EZEEP_CLIENT_ID")


@attrs.frozen
class OpenOnce:
    """Opens the record of what was done."""

    url: str
    name: str

    def __call__(self) -> RedisOnce:
        """Open it, on a worker."""
        return RedisOnce(self.url, self.name)


async def double(desk: Desk, number: int) -> int:
    """Return twice the number; fail for every tenth."""
    desk.running += 1
    desk.most = max(desk.most, desk.running)
    try:
        await asyncio.sleep(0.001)
        if number % 10 == 9:
            raise ValueError(f"no {number}")
        return 2 * number
    finally:
        desk.running -= 1


def most_at_a_time(desk: Desk) -> int:
    """Return how many calls a worker has run at a time."""
    return desk.most


async def write_down(desk: Desk, number: int) -> int:
    """Take a while, and write down that it was done, and by whom."""
    await asyncio.sleep(0.02)
    desk.note("done", number)
    return os.getpid()


async def write_down_or_die(desk: Desk, number: int) -> int:
    """Do the same, but the first time that number 250 comes the worker dies."""
    if number == 250 and desk.first("death"):
        os.kill(os.getpid(), signal.SIGKILL)
    desk.note("begun", number)
    return await write_down(desk, number)


async def die(desk: Desk, number: int) -> None:
    """Die over one number, whoever has it."""
    if number == 12:
        os.kill(os.getpid(), signal.SIGKILL)


async def return_what_cannot_be_sent(desk: Desk, number: int) -> object:
    """Return something for one number that cannot be pickled, and for the next raise it."""

    class Local(Exception):
        pass

    if number == 4:
        raise Local("local trouble")
    return Local if number == 3 else number


async def wait_for_good(desk: Desk, number: int) -> int:
    """Do the first three numbers; with the others it never comes to an end."""
    if number >= 3:
        desk.note("waiting", number)
        try:
            await asyncio.Event().wait()
        finally:
            desk.note("cancelled", number)
    desk.note("done", number)
    return number


async def take_turns(pacers: "Pacers", number: int) -> float:
    """Wait for a turn, and return when it came."""
    await pacers.pacer.turn()
    return asyncio.get_running_loop().time()


@attrs.frozen
class Pacers:
    """A client that has a pacer."""

    pacer: RedisPacer


@asynccontextmanager
async def open_pacers(url: str, per_second: float) -> AsyncIterator[Pacers]:
    """Open the client."""
    pacer = RedisPacer(url, "the cluster", per_second)
    yield Pacers(pacer)
    await pacer.aclose()


def open_vendor(module: str, environment: dict[str, str], **options: object) -> object:
    """Open a vendor's client as on a worker that was started in that environment."""
    os.environ.update(environment)
    vendor = module.removesuffix("_async")
    return getattr(import_module(f"{module}.environment"), f"{vendor}_from_environment")(**options)


def worker_id(client: object) -> int:
    """Return the worker's process."""
    return os.getpid()


def calls(client: object) -> int:
    """Return how many calls a worker's client has made."""
    return client.statistics.calls


def set_environment(told: dict[str, str]) -> None:
    """Have a worker be as one that was started in that environment."""
    os.environ.update(told)
