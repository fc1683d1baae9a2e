"""Tokens in memory."""

import asyncio
import gc

import pytest

from print_async.auth.stores.memory import MemoryTokenStore


async def test_save_load_clear(world):
    """What is saved is there until it is cleared, each identity for itself."""
    store, token = MemoryTokenStore(), world.token()
    async with store.hold("a") as slot:
        assert await slot.load() is None
        await slot.save(token)
    async with store.hold("b") as slot:
        assert await slot.load() is None
    async with store.hold("a") as slot:
        assert await slot.load() == token
        await slot.clear()
        await slot.clear()
        assert await slot.load() is None


@pytest.mark.parametrize(("generation", "name"), [(4, "there"), (5, "there"), (6, "new")])
async def test_older_generation_is_not_written(world, generation, name):
    """Only a token of a newer generation replaces the one that is there."""
    async with MemoryTokenStore().hold("a") as slot:
        await slot.save(world.token("there", generation=5))
        await slot.save(world.token("new", generation=generation))
        assert (await slot.load()).access_token == name


async def test_one_holder_at_a_time():
    """A credential is held by one at a time, in the order of asking; others are not held up."""
    store, log = MemoryTokenStore(), []

    async def hold(identity: str, name: str, leave: asyncio.Event) -> None:
        async with store.hold(identity):
            log.append(f"{name} in")
            await leave.wait()
            log.append(f"{name} out")

    leave, at_once = asyncio.Event(), asyncio.Event()
    at_once.set()
    async with asyncio.TaskGroup() as group:
        group.create_task(hold("a", "first", leave))
        group.create_task(hold("a", "second", leave))
        await group.create_task(hold("b", "other", at_once))
        assert log == ["first in", "other in", "other out"]
        leave.set()
    assert log[3:] == ["first out", "second in", "second out"]


@pytest.mark.parametrize("error", [RuntimeError, asyncio.CancelledError])
async def test_lock_is_freed_by_an_error(error):
    """Whatever ends the holding, the next holder comes in."""
    store = MemoryTokenStore()
    with pytest.raises(error):
        async with store.hold("a"):
            raise error
    async with asyncio.timeout(1), store.hold("a"):
        pass


async def contend(store):
    """Hold one credential twice at a time, so that one of them waits."""

    async def hold() -> None:
        async with store.hold("a"):
            await asyncio.sleep(0)

    await asyncio.gather(hold(), hold())


def test_serves_one_loop_after_another(new_world):
    """A store that was contended on one loop works on the next, and still has its tokens."""
    world = new_world()
    asyncio.run(world.put(world.token()))
    for _ in range(3):
        asyncio.run(contend(world.store))
    assert asyncio.run(world.stored()) == world.token()


def test_keeps_no_dead_loop():
    """A loop that has ended, and its locks with it, is not kept."""
    store = MemoryTokenStore()
    for _ in range(3):
        asyncio.run(contend(store))
    gc.collect()
    assert len(store._queues) <= 1
