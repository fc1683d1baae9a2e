"""The Redis store on a real server: the contract, owners that are paused or die, and a server that restarts."""

import asyncio
import signal
import sys
import time
from pathlib import Path

import attrs
import pytest

from print_async.auth.stores.redis import RedisTokenStore
from print_async.auth.token import Token
from print_async.errors import TokenStoreError
from print_async.secret import Secret
from print_async.testing.stores import TokenStoreContract

OWNER = Path(__file__).with_name("child_owner.py")
TOKEN = Token(Secret("access"), issued_at=1.0, expires_in=3600.0, refresh_token=Secret("refresh"), generation=7)


class TestRedisTokenStore(TokenStoreContract):
    """The contract that every store keeps."""

    @pytest.fixture
    def make_store(self, redis_server):
        """Open another store on the same server."""
        return lambda: RedisTokenStore(redis_server.url)


@attrs.frozen
class Owner:
    """A process that holds the credential, and does what it is told in between."""

    process: asyncio.subprocess.Process

    async def says(self, word: str) -> None:
        """Wait for its next line."""
        line = await asyncio.wait_for(self.process.stdout.readline(), 60)
        assert line.decode().strip() == word

    def tell(self, word: str) -> None:
        """Tell it to go on."""
        self.process.stdin.write(f"{word}\n".encode())


@pytest.fixture
async def own(redis_server):
    """Start owners; they are killed at the end."""
    owners = []

    async def start(lease: float, patience: float) -> Owner:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(OWNER),
            redis_server.url,
            str(lease),
            str(patience),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        owners.append(process)
        owner = Owner(process)
        await owner.says("held")
        return owner

    yield start
    for process in owners:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_an_owner_that_lives_keeps_the_lease(redis_server):
    """A holder that takes longer than its lease keeps it, because it extends it."""
    store = RedisTokenStore(redis_server.url, lease=0.3)
    order = []

    async def hold(name: str, seconds: float) -> None:
        async with store.hold("app"):
            order.append(f"{name} in")
            await asyncio.sleep(seconds)
            order.append(f"{name} out")

    first = asyncio.create_task(hold("first", 1.0))
    while not order:  # noqa: ASYNC110 - what is waited for is in Redis
        await asyncio.sleep(0.01)
    await hold("second", 0)
    await first
    assert order == ["first in", "first out", "second in", "second out"]


async def test_an_owner_that_dies_frees_the_lease(redis_server, own):
    """A holder killed before it noted anything holds up its successor for its lease, and no longer."""
    owner = await own(lease=1.0, patience=60.0)
    owner.process.kill()
    async with asyncio.timeout(10), RedisTokenStore(redis_server.url).hold("app") as slot:
        assert await slot.noted() is None


async def test_an_owner_that_dies_while_spending_is_waited_for(redis_server, own):
    """After a holder killed in the middle of spending, the successor waits out its patience, and sees the note."""
    owner = await own(lease=0.5, patience=2.0)
    owner.tell("note")
    await owner.says("noted")
    owner.process.kill()
    killed = time.monotonic()
    async with RedisTokenStore(redis_server.url).hold("app") as slot:
        assert await slot.noted() == 5.0
    assert time.monotonic() - killed > 1.0


async def test_an_owner_paused_while_spending_may_finish(redis_server, own):
    """A holder paused past its lease in the middle of spending is waited for, and what it saves is what comes next."""
    owner = await own(lease=0.5, patience=60.0)
    owner.tell("note")
    await owner.says("noted")
    owner.process.send_signal(signal.SIGSTOP)

    async def succeed() -> Token | None:
        async with RedisTokenStore(redis_server.url).hold("app") as slot:
            return await slot.load()

    successor = asyncio.create_task(succeed())
    _, waiting = await asyncio.wait({successor}, timeout=1.5)
    assert waiting
    owner.process.send_signal(signal.SIGCONT)
    owner.tell("save")
    await owner.says("saved")
    assert (await asyncio.wait_for(successor, 10)).access_token == "by the owner"


async def test_an_owner_paused_before_spending_spends_nothing(redis_server, own):
    """A holder paused past its lease before it noted the spending is told so, and has not spent anything."""
    owner = await own(lease=0.5, patience=60.0)
    owner.process.send_signal(signal.SIGSTOP)
    async with RedisTokenStore(redis_server.url).hold("app") as slot:
        await slot.save(attrs.evolve(TOKEN, generation=1))
        owner.process.send_signal(signal.SIGCONT)
        owner.tell("note")
        await owner.says("refused")
        assert await slot.noted() is None


async def test_a_paused_owner_cannot_write_over_its_successor(redis_server, own):
    """A holder paused past all patience cannot save once its successor has noted its own spending."""
    owner = await own(lease=0.3, patience=0.5)
    owner.tell("note")
    await owner.says("noted")
    owner.process.send_signal(signal.SIGSTOP)
    async with RedisTokenStore(redis_server.url).hold("app") as slot:
        await slot.note(6.0)
        owner.process.send_signal(signal.SIGCONT)
        owner.tell("save")
        await owner.says("refused")
        await slot.save(TOKEN)
    async with RedisTokenStore(redis_server.url).hold("app") as slot:
        assert (await slot.load()).access_token == "access"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_a_server_that_restarts(redis_server, number):
    """A server that restarts in the middle of an exchange loses nothing: what was noted and saved is there."""
    store = RedisTokenStore(redis_server.url, lease=30.0)
    async with store.hold("app") as slot:
        await slot.note(5.0)
        await asyncio.to_thread(redis_server.stop, number)
        restarting = asyncio.create_task(asyncio.to_thread(redis_server.start))
        await slot.save(TOKEN)
        await restarting
    async with store.hold("app") as slot:
        assert await slot.load() == TOKEN
        assert await slot.noted() is None


@pytest.mark.slow
async def test_a_server_that_is_not_there():
    """A server that does not answer is a typed error, without the URL's password."""
    with pytest.raises(TokenStoreError) as caught:
        async with RedisTokenStore("redis://:planted@127.0.0.1:9/0").hold("app"):
            pass
    assert "planted" not in f"{caught.value!r} {RedisTokenStore('redis://:planted@127.0.0.1:9/0')!r}"
