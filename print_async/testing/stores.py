"""The contract of token stores, as tests: for a store of your own, subclass it and say how one is opened.

```python
from print_async.testing.stores import TokenStoreContract

class TestMyStore(TokenStoreContract):
    @pytest.fixture
    def make_store(self, tmp_path):
        return lambda: MyStore(tmp_path / "tokens")
```

It needs pytest and pytest-asyncio, and waits for nothing longer than `PATIENCE` seconds.
"""

# ruff: noqa: S101 - these are tests

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Any, ClassVar, TypeVar

import attrs
import pytest

from print_async.auth.stores.base import Slot, TokenStore
from print_async.auth.token import Token
from print_async.secret import Secret

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds after which a store that lets nobody in has failed."""

_ODD = "\u00e9\u2713\U0001f5a8 \"'\\/+=&%{}\r\n\t\x00\x7f"
_TOKENS = {
    "all": Token(
        Secret("planted-access"),
        issued_at=1_750_000_000.123456,
        expires_in=3600.5,
        scope=frozenset({"users", "printers"}),
        refresh_token=Secret("planted-refresh"),
        token_type="DPoP",  # noqa: S106 - the name of a scheme (RFC 9449)
        generation=7,
    ),
    "bare": Token(Secret("planted-access"), issued_at=0.0),
    "no_scope": Token(Secret("planted-access"), issued_at=1.5, scope=frozenset(), refresh_token=Secret("r")),
    "instant": Token(Secret("planted-access"), issued_at=-1.5, expires_in=0.0, generation=2**53 - 1),
    "odd": Token(Secret(_ODD), issued_at=1e-3, scope=frozenset({_ODD, "a"}), refresh_token=Secret(_ODD * 2)),
    "long": Token(Secret("a" * 100_000), issued_at=1.0, refresh_token=Secret("r" * 100_000)),
}
_IDENTITIES = [
    "app",
    "App",
    "app ",
    "",
    "a/../b",
    "/etc/passwd",
    "a:b@https://print.example",
    _ODD,
    "x" * 1000,
    "x" * 999,
]


def _token(generation: int = 1) -> Token:
    return attrs.evolve(_TOKENS["all"], generation=generation)


@attrs.define
class _Room:
    """Where one may be at a time: counts those who come in, and notices two at once."""

    inside: bool = False
    crowded: bool = False

    async def count_up(self, slot: Slot) -> None:
        """Read a token, and write the next generation."""
        self.crowded |= self.inside
        self.inside = True
        stored = await slot.load()
        for _ in range(5):
            await asyncio.sleep(0)  # whoever may come in, comes in now
        await slot.save(_token(1 if stored is None else stored.generation + 1))
        self.inside = False

    async def visit(self, store: TokenStore, times: int = 1) -> None:
        """Come in so many times."""
        for _ in range(times):
            async with asyncio.timeout(PATIENCE), store.hold("app") as slot:
                await self.count_up(slot)


class TokenStoreContract:
    """What a token store must keep. Subclasses are collected by pytest if their names begin with `Test`."""

    pytestmark: ClassVar[list[pytest.MarkDecorator]] = [pytest.mark.asyncio]

    @pytest.fixture
    def make_store(self) -> Callable[[], TokenStore]:
        """Return a function that opens a new store object, over the same empty backing each time. Override this."""
        raise NotImplementedError("override the fixture make_store: it returns a function that opens a store")

    @pytest.fixture
    def backing_names(self) -> Callable[[], Iterable[str]]:
        """Return a function that lists the names in the backing: of files, of keys. Override it where there are any."""
        return tuple

    async def test_empty(self, make_store: Callable[[], TokenStore]) -> None:
        """Where nothing was saved there is neither a token nor a note, and clearing it is no error."""
        async with make_store().hold("app") as slot:
            assert await slot.load() is None
            assert await slot.noted() is None
            await slot.clear()
            await slot.note(None)
            assert await slot.load() is None

    @pytest.mark.parametrize("name", _TOKENS)
    async def test_what_is_saved_is_loaded(self, make_store: Callable[[], TokenStore], name: str) -> None:
        """A token comes back equal in every field: in the same hold, in the next, and from another store object."""
        token, store = _TOKENS[name], make_store()
        async with store.hold("app") as slot:
            await slot.save(token)
            assert await slot.load() == token
        for each in (store, make_store()):
            async with each.hold("app") as slot:
                loaded = await slot.load()
                assert loaded is not None
                assert loaded == token
                assert isinstance(loaded.access_token, Secret)
                assert loaded.refresh_token is None or isinstance(loaded.refresh_token, Secret)

    @pytest.mark.parametrize(("generation", "kept"), [(4, "there"), (5, "there"), (6, "new")])
    async def test_older_is_not_written_back(
        self, make_store: Callable[[], TokenStore], generation: int, kept: str
    ) -> None:
        """A token replaces only one of an older generation, also when another store object saved that."""
        async with make_store().hold("app") as slot:
            await slot.save(attrs.evolve(_token(5), access_token=Secret("there")))
        async with make_store().hold("app") as slot:
            await slot.save(attrs.evolve(_token(generation), access_token=Secret("new")))
            loaded = await slot.load()
        assert loaded is not None
        assert loaded.access_token == kept

    async def test_clear_forgets(self, make_store: Callable[[], TokenStore]) -> None:
        """What was cleared is gone for every store object, and any generation may follow it."""
        async with make_store().hold("app") as slot:
            await slot.save(_token(5))
            await slot.clear()
        async with make_store().hold("app") as slot:
            assert await slot.load() is None
            await slot.save(_token(1))
            assert await slot.load() == _token(1)

    @pytest.mark.parametrize("saved", [False, True])
    async def test_note_stays(self, make_store: Callable[[], TokenStore], *, saved: bool) -> None:
        """A note is there in the next hold and for another store object, with a token and without, and leaves that."""
        store = make_store()
        async with store.hold("app") as slot:
            if saved:
                await slot.save(_token())
            await slot.note(1_750_000_000.25)
            assert await slot.noted() == 1_750_000_000.25
        for each in (store, make_store()):
            async with each.hold("app") as slot:
                assert await slot.noted() == 1_750_000_000.25
                assert await slot.load() == (_token() if saved else None)

    @pytest.mark.parametrize("how", ["save", "save an older one", "note", "clear"])
    async def test_note_is_dropped(self, make_store: Callable[[], TokenStore], how: str) -> None:
        """Saving a token, also one that is not newer, noting `None`, and clearing each drop the note."""
        async with make_store().hold("app") as slot:
            await slot.save(_token(1))
            await slot.note(1.0)
            await slot.note(2.0)
        async with make_store().hold("app") as slot:
            match how:
                case "save":
                    await slot.save(_token(2))
                case "save an older one":
                    await slot.save(_token(1))
                    assert await slot.load() == _token(1)
                case "note":
                    await slot.note(None)
                case _:
                    await slot.clear()
            assert await slot.noted() is None
        async with make_store().hold("app") as slot:
            assert await slot.noted() is None

    async def test_identities_are_separate(self, make_store: Callable[[], TokenStore]) -> None:
        """Each identity, whatever characters are in it, has its own token and note, and can be held beside others."""
        for number, identity in enumerate(_IDENTITIES, 1):
            async with make_store().hold(identity) as slot:
                await slot.save(_token(number))
                await slot.note(float(number))
        async with make_store().hold(_IDENTITIES[0]) as slot:
            await slot.clear()
            for number, identity in enumerate(_IDENTITIES[1:], 2):
                async with asyncio.timeout(PATIENCE), make_store().hold(identity) as other:
                    assert await other.load() == _token(number), identity
                    assert await other.noted() == float(number), identity

    @pytest.mark.parametrize("objects", [1, 6])
    async def test_one_holder_at_a_time(self, make_store: Callable[[], TokenStore], objects: int) -> None:
        """Of many tasks, on one store object or on several, one is inside, and none misses what another wrote."""
        room, stores = _Room(), [make_store() for _ in range(objects)]
        await asyncio.gather(*(room.visit(stores[number % objects], 2) for number in range(6)))
        assert not room.crowded
        await self._check_count(make_store(), 12)

    async def test_second_holder_waits(self, make_store: Callable[[], TokenStore]) -> None:
        """While one is inside, working, nobody else comes in; when it has left, all who waited do."""
        inside, store = asyncio.Event(), make_store()

        async def come(through: TokenStore) -> None:
            async with through.hold("app"):
                inside.set()

        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group, store.hold("app") as slot:
            for through in (store, make_store(), store, make_store()):
                group.create_task(come(through))
            for generation in range(1, 11):
                await asyncio.sleep(0)
                await slot.save(_token(generation))
                assert not inside.is_set()
        assert inside.is_set()

    @pytest.mark.parametrize("error", [RuntimeError, asyncio.CancelledError, KeyboardInterrupt])
    async def test_error_lets_the_next_in(
        self, make_store: Callable[[], TokenStore], error: type[BaseException]
    ) -> None:
        """Whatever ends a hold, it comes out as it is, and the next holder comes in."""
        store = make_store()

        async def fail() -> None:
            async with store.hold("app") as slot:
                await slot.save(_token())
                raise error

        with pytest.raises(error):
            await fail()
        for each in (store, make_store()):
            async with asyncio.timeout(PATIENCE), each.hold("app") as slot:
                assert await slot.load() == _token()

    async def test_cancelled_waiter_harms_none(self, make_store: Callable[[], TokenStore]) -> None:
        """Waiters that give up, however far they have come, leave the holder and the other waiters alone."""
        store, room = make_store(), _Room()
        async with asyncio.timeout(PATIENCE):
            async with store.hold("app") as slot:
                leavers = [asyncio.create_task(room.visit(each)) for each in (store, make_store()) for _ in range(3)]
                stayers = [asyncio.create_task(room.visit(each)) for each in (store, make_store())]
                for leaver in leavers:
                    await slot.noted()
                    leaver.cancel()
                left = await asyncio.gather(*leavers, return_exceptions=True)
                assert [type(each) for each in left] == [asyncio.CancelledError] * len(leavers)
                await slot.save(_token(1))
            await asyncio.gather(*stayers)
        assert not room.crowded
        await self._check_count(make_store(), 3)

    @pytest.mark.parametrize("cancellations", [1, 2, 3])
    async def test_cancelled_holder_leaves_when_its_write_is_done(
        self, make_store: Callable[[], TokenStore], cancellations: int
    ) -> None:
        """However often and whenever a holder is cancelled while it writes, nothing is written when the next is in."""
        for turns in range(8):
            identity, writing = f"app-{turns}", asyncio.Event()
            holder = asyncio.create_task(_write(make_store(), identity, writing))
            async with asyncio.timeout(PATIENCE):
                await writing.wait()
                for each in range(cancellations):
                    for _ in range(turns if each == 0 else 3):
                        await asyncio.sleep(0)
                    holder.cancel()
                async with make_store().hold(identity) as slot:
                    seen = await slot.load()
                    await slot.note(1.0)
                    await slot.note(2.0)
                    assert await slot.load() == seen, f"written after the hold, cancelled after {turns} turns"
                    assert await slot.noted() == 2.0
            with suppress(asyncio.CancelledError):
                await holder

    async def test_two_event_loops(self, make_store: Callable[[], TokenStore]) -> None:
        """Event loops in two threads exclude each other, on one store object and on one for each."""
        room, shared = _Room(), make_store()
        stores = [shared, shared, make_store()]
        start = threading.Barrier(len(stores))

        async def visit(store: TokenStore) -> None:
            start.wait(PATIENCE)
            await asyncio.gather(room.visit(store, 3), room.visit(store, 3))

        await asyncio.gather(*(_elsewhere(partial(visit, store)) for store in stores))
        assert not room.crowded
        await self._check_count(make_store(), 18)

    @pytest.mark.parametrize("shared", [True, False])
    async def test_holder_on_another_event_loop_waits(
        self, make_store: Callable[[], TokenStore], *, shared: bool
    ) -> None:
        """While one is inside, nobody comes in from another thread's event loop; when it has left, they do."""
        store = make_store()
        held, tried, inside = threading.Event(), threading.Event(), threading.Event()

        async def stay() -> bool:
            async with store.hold("app") as slot:
                held.set()
                while not tried.is_set():  # noqa: ASYNC110 - an event of another loop's
                    await asyncio.sleep(0)
                await slot.save(_token())
                return not inside.is_set()

        async def enter() -> Token | None:
            async with (store if shared else make_store()).hold("app") as slot:
                inside.set()
                return await slot.load()

        async def come() -> Token | None:
            entering = asyncio.create_task(enter())
            for _ in range(100):
                await asyncio.sleep(0)
            tried.set()
            return await entering

        staying = asyncio.create_task(_elsewhere(stay))
        try:
            async with asyncio.timeout(PATIENCE):
                while not held.is_set():  # noqa: ASYNC110 - an event of another loop's
                    await asyncio.sleep(0)
                assert await _elsewhere(come) == _token()
        finally:
            tried.set()
            alone = await staying
        assert alone

    async def test_one_event_loop_after_another(self, make_store: Callable[[], TokenStore]) -> None:
        """A store that was contended on one event loop works on the next, and still has its token."""
        store, room = make_store(), _Room()

        async def contend() -> None:
            await asyncio.gather(*(room.visit(store) for _ in range(3)))

        for _ in range(3):
            await _elsewhere(contend)
        assert not room.crowded
        await self._check_count(store, 9)

    async def test_shows_no_secret(
        self, make_store: Callable[[], TokenStore], backing_names: Callable[[], Iterable[str]]
    ) -> None:
        """Neither a store, nor a slot, nor a name in the backing shows a secret."""
        store = make_store()
        async with store.hold("app") as slot:
            await slot.save(_token())
            await slot.note(1.0)
            shown = [repr(store), str(store), repr(slot), str(slot), *backing_names()]
        shown += [repr(store), repr(make_store()), *backing_names()]
        assert [text for text in shown if "planted" in text] == []

    async def _check_count(self, store: TokenStore, expected: int) -> None:
        async with asyncio.timeout(PATIENCE), store.hold("app") as slot:
            stored = await slot.load()
        assert stored is not None
        assert stored.generation == expected


async def _write(store: TokenStore, identity: str, writing: asyncio.Event) -> None:
    async with store.hold(identity) as slot:
        writing.set()
        for generation in count(1):
            await slot.save(_token(generation))
            await asyncio.sleep(0)  # a store that does its work at once would keep the others from theirs


async def _elsewhere(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine on an event loop of its own, in a thread of its own."""
    return await asyncio.to_thread(lambda: asyncio.run(work()))
