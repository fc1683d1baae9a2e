"""Tokens in a keychain: what it is trusted with, what becomes of it when somebody dies, and when it fails."""

import asyncio
import random
import signal
import stat
import subprocess
import sys
import threading
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import attrs
import keyring
import pytest
from keyring.backends import chainer, fail, null
from keyring.errors import InitError, KeyringLocked, PasswordDeleteError, PasswordSetError

from print_async.auth.stores.keyring import KeyringTokenStore, _Entries
from print_async.auth.token import Token
from print_async.errors import TokenStoreError
from print_async.secret import Secret
from print_async.testing.stores import TokenStoreContract
from tests.print_async.auth.stores.child_keyring import make_token as make_plain_token
from tests.print_async.auth.stores.child_keyring import open_store as open_file_store

CHILD = Path(__file__).with_name("child_keyring.py")


class Killed(BaseException):
    """The process is no more: nothing that is written for errors runs."""


@attrs.define
class Vault:
    """A keychain as narrow as Windows' and as clumsy as macOS': short texts, replaced by deleting and adding."""

    entries: dict[tuple[str, str], str] = attrs.field(factory=dict)
    changes_left: int = -1
    """After that many changes, whoever makes the next one is killed."""
    failing: dict[str, Exception] = attrs.field(factory=dict)
    names: set[str] = attrs.field(factory=set)

    def get_password(self, service, username):
        """Read one entry."""
        self._fail("get")
        return self.entries.get((service, username))

    def set_password(self, service, username, password):
        """Write one entry."""
        self._fail("set")
        assert len(password.encode("utf-16-le")) <= 2560
        assert password.isascii()
        assert password.isprintable()
        assert " " not in password
        self.names.add(f"{service} {username}")
        if (service, username) in self.entries:
            self._change()
            del self.entries[service, username]
        self._change()
        self.entries[service, username] = password

    def delete_password(self, service, username):
        """Delete one entry."""
        self._fail("delete")
        if (service, username) not in self.entries:
            raise PasswordDeleteError("not found")
        self._change()
        del self.entries[service, username]

    def _fail(self, what):
        if what in self.failing:
            raise self.failing[what]

    def _change(self):
        if self.changes_left == 0:
            raise Killed
        self.changes_left -= 1


@pytest.fixture
def vault():
    """An empty keychain."""
    return Vault()


@pytest.fixture
def store(vault, tmp_path):
    """A store over the keychain."""
    return KeyringTokenStore(lock_folder=tmp_path / "locks", backend=vault)


class TestNarrowKeychain(TokenStoreContract):
    """The contract, where a text must be short."""

    @pytest.fixture
    def make_store(self, vault, tmp_path):
        """Open the keychain again."""
        return lambda: KeyringTokenStore(lock_folder=tmp_path / "locks", backend=vault)

    @pytest.fixture
    def backing_names(self, vault, tmp_path):
        """List all names there ever were."""
        return lambda: [*vault.names, *map(str, tmp_path.rglob("*"))]


def make_token(generation=1, size=3000):
    """Make a token that cannot be compressed."""
    text = random.Random(generation).randbytes(size // 2).hex()
    return Token(Secret(f"planted-{text}"), 1.0, refresh_token=Secret("planted-refresh"), generation=generation)


async def put(store, generation=1, size=3000):
    """Save a token."""
    async with store.hold("app") as slot:
        await slot.save(make_token(generation, size))


async def get(store):
    """Load a token."""
    async with store.hold("app") as slot:
        return await slot.load()


async def clear(store):
    """Forget the token."""
    async with store.hold("app") as slot:
        await slot.clear()


@pytest.mark.parametrize("size", [0, 10, 1000, 2000, 200_000])
async def test_long_tokens_are_kept_in_parts(vault, store, size):
    """A token of any length comes back whole from entries of at most 2560 bytes, and only one copy of it stays."""
    for generation in (1, 2, 3):
        await put(store, generation, size)
        assert await get(store) == make_token(generation, size)
        assert len({name.split(".")[1] for _, name in vault.entries}) == 1
    await clear(store)
    assert vault.entries == {}


class Holder:
    """One who holds the credential, and can be killed: what the store does in its thread."""

    def __init__(self, vault):
        self.vault = vault
        self.entries = _Entries(vault, "print-async", "app")

    def put(self, generation, size):
        """Save a token."""
        self.entries.update(lambda record: record.with_token(make_token(generation, size)))

    def get(self):
        """Load the token."""
        return self.entries.read().token

    def clear(self):
        """Forget the token."""
        self.entries.clear()

    def dies(self, changes, what, *arguments):
        """Do something, be killed after so many changes, and tell whether it came to that."""
        self.vault.changes_left = changes
        try:
            getattr(self, what)(*arguments)
        except Killed:
            return True
        finally:
            self.vault.changes_left = -1
        return False

    def check_tidy(self, size):
        """The next write works, and leaves nothing of what was before."""
        self.put(9, size)
        assert self.get() == make_token(9, size)
        names = [name.split(".")[2] for _, name in self.vault.entries]
        self.vault.entries.clear()
        self.put(9, size)
        assert sorted(names) == sorted(name.split(".")[2] for _, name in self.vault.entries)
        self.vault.entries.clear()


SIZES = [(3000, 3000), (100, 6000), (6000, 100)]


@pytest.mark.parametrize(("before", "after"), SIZES)
def test_killed_between_any_two_changes(vault, before, after):
    """Whenever a writer dies, the old token is there or the new one, whole, and the next write removes its remains."""
    holder, died, seen = Holder(vault), True, []
    while died:
        holder.put(1, before)
        died = holder.dies(len(seen), "put", 2, after)
        stored = holder.get()
        assert stored in (make_token(1, before), make_token(2, after))
        seen.append(stored.generation)
        holder.check_tidy((before, after)[len(seen) % 2])
    assert seen == sorted(seen)
    assert set(seen) == {1, 2}


@pytest.mark.parametrize(("before", "after"), SIZES)
def test_killed_twice(vault, before, after):
    """Of two writers who die one after the other, the second loses nothing that the first had finished."""
    holder = Holder(vault)
    for first, second in product(range(14), repeat=2):
        holder.put(1, before)
        holder.dies(first, "put", 2, after)
        between = holder.get()
        holder.dies(second, "put", 3, before)
        assert holder.get() in (between, make_token(3, before)), (first, second)
        holder.check_tidy(after)


@pytest.mark.parametrize("writing", range(12))
def test_killed_while_clearing(vault, writing):
    """Whenever one dies who clears, the token is there or gone; the one before it never comes back."""
    holder, died, changes = Holder(vault), True, 0
    while died:
        holder.put(1, 3000)
        holder.dies(writing, "put", 2, 3000)
        stored = holder.get()
        died = holder.dies(changes, "clear")
        assert holder.get() in (stored, None)
        holder.check_tidy(3000)
        changes += 1


@contextmanager
def child(what, folder, number=0):
    """Let another process do something with a keychain in a file; in the end it is gone."""
    command = [sys.executable, "-W", "error", str(CHILD), what, str(folder), str(number)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
@pytest.mark.parametrize("number", range(1, 6))
async def test_killed_process(tmp_path, number):
    """A process that is killed at any change leaves the old token or the new one, and the lock free."""
    store = open_file_store(tmp_path)
    async with store.hold("app") as slot:
        await slot.save(make_plain_token(1))
    with child("die", tmp_path, number) as process:
        died = await asyncio.to_thread(process.wait, 60) == -signal.SIGKILL
    async with asyncio.timeout(30), store.hold("app") as slot:
        stored = await slot.load()
        await slot.save(make_plain_token(3))

    assert stored in (make_plain_token(1), make_plain_token(2))
    assert died == (number <= 4)  # two entries are written, the two before are deleted
    assert (await get(store)).generation == 3


async def test_processes_take_turns(tmp_path):
    """Of processes that count the generation up, none misses what another wrote."""
    store = open_file_store(tmp_path)
    with child("count", tmp_path, 10) as one, child("count", tmp_path, 10) as other:
        for process in (one, other):
            assert await asyncio.to_thread(process.wait, 60) == 0
    assert (await get(store)).generation == 20


async def test_owner_killed(tmp_path):
    """Waiting for another process lets the event loop turn, and once that process is killed, we go on."""
    store = open_file_store(tmp_path)
    with child("hold", tmp_path) as owner:
        assert (await asyncio.to_thread(owner.stdout.readline)).strip() == "held"
        waiter = asyncio.create_task(put(store))
        for _ in range(1000):
            await asyncio.sleep(0)
        assert not waiter.done()
        async with store.hold("other") as slot:  # which nobody holds
            assert await slot.load() is None
        owner.kill()
        async with asyncio.timeout(30):
            await waiter
    assert await get(store) == make_token()


class PromptDismissed(Exception):
    """What a backend lets through from the library under it."""


FAILURES = {
    "locked": (KeyringLocked("planted"), "is locked.*Unlock it"),
    "no session bus": (InitError("planted"), "no keychain.*FileTokenStore"),
    "not written": (PasswordSetError("planted"), r"could not be used \(PasswordSetError\)"),
    "of another library": (PromptDismissed("planted"), r"could not be used \(PromptDismissed\)"),
    "of the system": (OSError(8, "planted"), r"could not be used \(OSError\)"),
}


@pytest.mark.parametrize("name", FAILURES)
@pytest.mark.parametrize("call", ["get", "set"])
async def test_a_keychain_that_fails(vault, store, name, call):
    """What a keychain raises is a `TokenStoreError` that says what to do and shows no text of it; the token stays."""
    await put(store)
    entries = dict(vault.entries)
    error, said = FAILURES[name]
    vault.failing = {call: error}
    with pytest.raises(TokenStoreError, match=said) as caught:
        await put(store, 2)

    assert "Nothing was changed" in str(caught.value)
    assert "planted" not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert vault.entries == entries


async def test_failing_at_any_change(vault, store):
    """Whichever change fails, a save that raises has left the old token, and one that does not has written the new."""

    @attrs.define
    class Failing:
        left: int

        def __getattr__(self, name):
            def call(*arguments):
                self.left -= name != "get_password"
                if name != "get_password" and self.left == 0:
                    raise PasswordSetError
                return getattr(vault, name)(*arguments)

            return call

    for number in range(1, 9):
        await put(store, 10 * number)
        broken = KeyringTokenStore(lock_folder=store._folder, backend=Failing(number))
        try:
            await put(broken, 10 * number + 1)
        except TokenStoreError:
            assert await get(store) == make_token(10 * number)
        else:
            assert await get(store) == make_token(10 * number + 1)
        assert len({name.split(".")[1] for _, name in vault.entries}) <= 2


async def test_a_keychain_that_cannot_delete(vault, store):
    """Where nothing can be deleted tokens are written all the same; only forgetting one is a `TokenStoreError`."""
    vault.failing = {"delete": PasswordDeleteError("no")}
    for generation, size in enumerate((100, 6000, 3000, 100, 6000), 1):
        await put(store, generation, size)
        assert await get(store) == make_token(generation, size)
    with pytest.raises(TokenStoreError, match="may be left"):
        await clear(store)


DAMAGES = {
    "garbage": lambda _: "garbage",
    "empty": lambda _: "",
    "another version": lambda text: "2" + text[1:],
    "no number": lambda text: "1:x" + text[3:],
    "cut off": lambda text: text[:-1],
    "one character": lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
    "endless": lambda text: text.replace(":3:", ":999999999:", 1),
}


async def check_damaged(vault, store):
    """It is reported and kept whatever one does; and it can be cleared."""
    entries = dict(vault.entries)
    async with store.hold("app") as slot:
        for work in (slot.load, slot.noted, lambda: slot.save(make_token(2)), lambda: slot.note(1.0)):
            with pytest.raises(TokenStoreError, match=r"damaged. Nothing was changed. Delete it") as caught:
                await work()
            assert "planted" not in str(caught.value)
            assert vault.entries == entries
        await slot.clear()
    assert vault.entries == {}
    await put(store, 2)
    assert await get(store) == make_token(2)


@pytest.mark.parametrize("name", DAMAGES)
async def test_a_damaged_head(vault, store, name):
    """A first entry that is none of ours, or no longer whole, is reported and not written over."""
    await put(store)
    (key,) = (key for key in vault.entries if key[1].endswith(".0"))
    vault.entries[key] = DAMAGES[name](vault.entries[key])

    await check_damaged(vault, store)


@pytest.mark.parametrize("how", ["changed", "gone"])
async def test_a_damaged_part(vault, store, how):
    """A part that was changed, or is missing, is reported and not written over."""
    await put(store)
    key = max(vault.entries)
    if how == "gone":
        del vault.entries[key]
    else:
        vault.entries[key] = "garbage"

    await check_damaged(vault, store)


@pytest.mark.parametrize("cut", [0, 100])
async def test_a_keychain_that_does_not_keep_what_it_is_given(vault, store, cut):
    """Texts that are dropped or cut off without an error are noticed, and the old token stays."""
    await put(store, size=100)
    whole = vault.set_password

    class Forgetful:
        get_password = vault.get_password
        delete_password = vault.delete_password

        def set_password(self, service, username, password):
            if cut:
                whole(service, username, password[:cut])

    with pytest.raises(TokenStoreError, match="did not keep"):
        await put(KeyringTokenStore(lock_folder=store._folder, backend=Forgetful()), 2)
    assert await get(store) == make_token(size=100)


def choose(monkeypatch, backend):
    """Let `keyring` choose that backend."""
    monkeypatch.setattr(keyring.core, "_keyring_backend", backend)


@pytest.mark.parametrize("kind", ["none", "disabled", "plain file", "chain of plain files"])
async def test_no_keychain(monkeypatch, tmp_path, kind):
    """Without a keychain, or with only a file of plain texts, nothing is kept, and the error says what to use."""
    plain = open_file_store(tmp_path)._backend
    chain = chainer.ChainerBackend()
    monkeypatch.setattr(chainer.ChainerBackend, "backends", [plain, plain])
    backends = {"none": fail.Keyring(), "disabled": null.Keyring(), "plain file": plain, "chain of plain files": chain}
    choose(monkeypatch, backends[kind])
    with pytest.raises(TokenStoreError, match=r"no keychain for this process.*use FileTokenStore with a key"):
        await put(KeyringTokenStore(lock_folder=tmp_path / "locks"))
    assert not (tmp_path / "ring.cfg").exists()


async def test_the_keychain_that_is_chosen(monkeypatch, tmp_path):
    """Without a backend, the one that `keyring` chooses when the token is used holds it."""
    store = KeyringTokenStore("billing", lock_folder=tmp_path / "locks")
    chosen = open_file_store(tmp_path)._backend
    monkeypatch.setattr(type(chosen), "priority", 5)
    choose(monkeypatch, chosen)
    await put(store)

    assert await get(KeyringTokenStore("billing", lock_folder=tmp_path / "locks", backend=chosen)) == make_token()
    assert await get(KeyringTokenStore("other", lock_folder=tmp_path / "locks", backend=chosen)) is None


@pytest.mark.parametrize("name", ["keyring", "filelock", "platformdirs"])
def test_without_the_extra(monkeypatch, name):
    """Where a library of the extra is missing, making a store says how to get it."""
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=r"print-async\[keyring\]"):
        KeyringTokenStore()


def test_importing_the_store_loads_no_keychain():
    """The store's module loads neither `keyring` nor the other libraries of its extra."""
    code = (
        "import sys, print_async.auth.stores.keyring; print({'keyring', 'filelock', 'platformdirs'} & {*sys.modules})"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "set()"


def test_a_service_has_a_name():
    """An empty service, which some keychains take for any, is refused."""
    with pytest.raises(ValueError, match="not empty"):
        KeyringTokenStore("")


@pytest.mark.skipif(sys.platform == "win32", reason="modes are not like that on Windows")
async def test_the_lock_folder(monkeypatch, vault, tmp_path):
    """By default the locks are in a folder of the user's own, which no one else can look into."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    await put(KeyringTokenStore(backend=vault))

    (folder,) = tmp_path.rglob("locks")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}


async def test_a_lock_folder_that_cannot_be_made(vault, tmp_path):
    """Where there can be no lock, that is a `TokenStoreError`."""
    (tmp_path / "file").touch()
    with pytest.raises(TokenStoreError, match="the keychain cannot be locked"):
        await put(KeyringTokenStore(lock_folder=tmp_path / "file" / "locks", backend=vault))


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_dialog(vault, store, tmp_path, *, cancelled):
    """While a keychain waits for its user the event loop turns, and one who is cancelled still writes to the end."""
    asked, answered = threading.Event(), threading.Event()

    class Asking(Vault):
        def set_password(self, *arguments):
            asked.set()
            assert answered.wait(30)
            super().set_password(*arguments)

    asking = Asking(vault.entries)
    writing = asyncio.create_task(put(KeyringTokenStore(lock_folder=tmp_path / "locks", backend=asking)))
    while not asked.is_set():  # noqa: ASYNC110 - an event of another thread's
        await asyncio.sleep(0)
    if cancelled:
        writing.cancel()
    for _ in range(100):
        await asyncio.sleep(0)
    assert not writing.done()
    answered.set()
    done = await asyncio.gather(writing, return_exceptions=True)
    assert isinstance(done[0], asyncio.CancelledError) == cancelled
    assert await get(store) == make_token()
