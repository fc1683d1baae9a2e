"""The file of tokens: who can read it, what becomes of it when somebody dies, and when it is damaged."""

import asyncio
import json
import random
import stat
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from print_async.auth.stores.file import FileTokenStore
from print_async.auth.stores.record import Record
from print_async.auth.stores.token_file import TokenFile
from print_async.auth.token import Token
from print_async.errors import TokenStoreError
from print_async.secret import Secret

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="neither modes nor signals are like that on Windows")

CHILD = Path(__file__).with_name("child_store.py")


@contextmanager
def child(what, path):
    """Let another process do something with the file; in the end it is gone."""
    command = [sys.executable, "-W", "error", str(CHILD), what, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def path(tmp_path):
    """The file, in a folder that is not there yet."""
    return tmp_path / "folder" / "tokens.json"


def make_token(generation=1, name="planted-access"):
    """Make a token."""
    return Token(Secret(name), 1.0, refresh_token=Secret("planted-refresh"), generation=generation)


async def put(path, generation=1, identity="app", **options):
    """Save a token."""
    async with FileTokenStore(path, **options).hold(identity) as slot:
        await slot.save(make_token(generation))


async def get(path, identity="app", **options):
    """Load a token."""
    async with FileTokenStore(path, **options).hold(identity) as slot:
        return await slot.load()


async def test_modes(path):
    """The folder is for its owner, as is every file in it: the tokens and the locks, after each kind of writing."""
    await put(path)
    async with FileTokenStore(path).hold("app") as slot:
        await slot.note(1.0)
        await slot.clear()
    await put(path)

    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    assert len(modes) == 3
    assert set(modes.values()) == {0o600}


async def test_a_loose_file_is_tightened(path):
    """A file that others could read is not readable by them after the next write."""
    await put(path)
    path.chmod(0o644)
    await put(path, 2)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_folder_that_is_there_is_left_alone(tmp_path):
    """The mode of a folder that was there is not touched."""
    tmp_path.chmod(0o755)
    await put(tmp_path / "tokens.json")

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


async def test_encrypted(path):
    """With a key, nothing of a token is in the file; without one, it is JSON."""
    key = Fernet.generate_key().decode()
    await put(path, key=lambda: key)
    assert b"planted" not in path.read_bytes()
    assert await get(path, key=lambda: key) == make_token()

    path.unlink()
    await put(path)
    assert json.loads(path.read_bytes())["credentials"]["app"]["token"]["access_token"] == "planted-access"


def whole(content):
    """Tell whether that is a whole file."""
    return json.loads(content)["credentials"]["app"]["token"]["generation"] > 0


async def test_killed_while_writing(path):
    """Writers are killed at any moment, and a reader that reads all the time sees whole files; the last one is good."""
    await put(path)
    chance = random.Random("killed while writing")
    for _ in range(6):
        with child("write", path) as writer:
            before, left = path.read_bytes(), chance.randint(1, 12)
            for _ in range(chance.randint(0, 30)):
                assert whole(path.read_bytes())
            while left:
                assert writer.poll() is None
                now = path.read_bytes()
                assert whole(now)
                left -= now != before
                before = now
            writer.kill()
        stored = await get(path)
        async with asyncio.timeout(30):
            await put(path, stored.generation + 1)
    assert (await get(path)).generation > 12
    assert list(path.parent.glob("*damaged*")) == []
    assert {stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()} == {0o600}


async def test_owner_killed(path):
    """Waiting for another process lets the event loop turn, and once that process is killed, we go on."""
    with child("hold", path) as owner:
        assert (await asyncio.to_thread(owner.stdout.readline)).strip() == "held"
        waiter = asyncio.create_task(put(path))
        for _ in range(1000):
            await asyncio.sleep(0)
        assert not path.exists()
        assert not waiter.done()
        await put(path, identity="other")  # which nobody holds
        owner.kill()
        async with asyncio.timeout(30):
            await waiter
    assert await get(path) == make_token()
    assert await get(path, "other") == make_token()


async def test_credentials_do_not_block_each_other(path):
    """All credentials of a file can be held at once and written at once, and none of the writes is lost."""
    everyone = [f"app-{number}" for number in range(8)]
    inside = asyncio.Barrier(len(everyone))

    async def use(identity):
        async with FileTokenStore(path).hold(identity) as slot:
            await inside.wait()
            for generation in range(1, 6):
                await slot.save(make_token(generation, identity))

    async with asyncio.timeout(30):
        await asyncio.gather(*map(use, everyone))
    for identity in everyone:
        assert await get(path, identity) == make_token(5, identity)


DAMAGED = {
    "empty": b"",
    "garbage": b"\x00\xff garbage",
    "not UTF-8": b'{"version": 1, "credentials": {"\xff": "\xff"}}',
    "a list": b"[]",
    "other JSON": b'{"name": "somebody else\'s"}',
    "wrong version": b'{"version": 2, "credentials": {}}',
    "no version": b'{"credentials": {}}',
    "credentials that are none": b'{"version": 1, "credentials": []}',
    "endless": b'{"a":' * 100_000,
}


def check_set_aside(path, content, error):
    """The file was set aside as it was, and the error says where."""
    (aside,) = path.parent.glob("*damaged*")
    assert aside.read_bytes() == content
    assert not path.exists()
    assert str(aside) in str(error)
    assert str(path) in str(error)
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600


@pytest.mark.parametrize("how", ["load", "noted", "save", "note", "clear"])
async def test_truncated(path, how):
    """A file that was cut off is set aside and reported whatever one does first; then a new one is begun."""
    await put(path)
    content = path.read_bytes()[:-20]
    path.write_bytes(content)
    arguments = {"save": [make_token()], "note": [1.0]}.get(how, [])
    async with FileTokenStore(path).hold("app") as slot:
        with pytest.raises(TokenStoreError, match="damaged") as caught:
            await getattr(slot, how)(*arguments)
    check_set_aside(path, content, caught.value)

    assert await get(path) is None
    await put(path, 2)
    assert await get(path) == make_token(2)


@pytest.mark.parametrize("name", DAMAGED)
async def test_damaged(path, name):
    """What is no file of ours is set aside as it is, and reported."""
    await put(path)
    path.write_bytes(DAMAGED[name])
    with pytest.raises(TokenStoreError, match="damaged") as caught:
        await get(path)

    check_set_aside(path, DAMAGED[name], caught.value)


@pytest.mark.parametrize("token", ["planted", {"access_token": 5, "issued_at": 1}])
async def test_one_damaged_record(path, token):
    """A record that is none is reported and not written over; the other credentials of the file can be used."""
    await put(path, identity="other")
    plain = json.loads(path.read_bytes())
    plain["credentials"]["app"] = {"token": token}
    path.write_text(json.dumps(plain))
    async with FileTokenStore(path).hold("app") as slot:
        with pytest.raises(TokenStoreError):
            await slot.load()
        with pytest.raises(TokenStoreError):
            await slot.save(make_token())
    assert json.loads(path.read_bytes()) == plain
    await put(path, 2, "other")
    assert json.loads(path.read_bytes())["credentials"]["app"] == {"token": token}


WRONG_KEYS = {"other key": Fernet.generate_key(), "no Fernet key": "planted-key", "empty key": ""}


@pytest.mark.parametrize("name", WRONG_KEYS)
@pytest.mark.parametrize("use", [get, put])
async def test_wrong_key(path, name, use):
    """With another key than it was written with the file is kept, and the error is a `TokenStoreError`."""
    key = Fernet.generate_key()
    await put(path, key=lambda: key)
    content = path.read_bytes()
    with pytest.raises(TokenStoreError) as caught:
        await use(path, key=lambda: WRONG_KEYS[name])

    assert "planted" not in str(caught.value)
    assert path.read_bytes() == content


@pytest.mark.parametrize("encrypted", [True, False])
async def test_key_on_one_side_only(path, encrypted):
    """What is encrypted and read without a key, or the reverse, is a `TokenStoreError`, and is kept here or aside."""
    options = {"key": Fernet.generate_key}
    await put(path, **(options if encrypted else {}))
    content = path.read_bytes()
    with pytest.raises(TokenStoreError):
        await put(path, **({} if encrypted else options))

    assert content in [each.read_bytes() for each in path.parent.iterdir()]


def test_set_aside_takes_only_what_is_damaged(path):
    """A good file that another process has begun meanwhile is not set aside for the damage of the one before."""
    key, begun = Fernet.generate_key(), []

    def key_meanwhile():
        if not begun:
            begun.append(True)
            other = TokenFile(path, lambda: key)
            with pytest.raises(TokenStoreError, match="damaged"):
                other.read("other", Record)
            other.update("other", Record, lambda _: Record(make_token()))
        return key

    path.parent.mkdir()
    path.write_bytes(Fernet(key).encrypt(b"garbage"))
    with suppress(TokenStoreError):
        TokenFile(path, key_meanwhile).read("app", Record)

    assert TokenFile(path, lambda: key).read("other", Record).token == make_token()


def test_two_find_the_damage(path):
    """Of two who find the same damage, the second gets a `TokenStoreError` or an empty record, and no other error."""
    key, found = Fernet.generate_key(), []

    def key_meanwhile():
        if not found:
            found.append(True)
            with pytest.raises(TokenStoreError, match="damaged"):
                TokenFile(path, lambda: key).read("app", Record)
        return key

    path.parent.mkdir()
    path.write_bytes(Fernet(key).encrypt(b"garbage"))
    with suppress(TokenStoreError):
        assert TokenFile(path, key_meanwhile).read("app", Record) is None


def test_folder_that_cannot_be_written(path):
    """Where neither a lock nor a folder can be made, that is a `TokenStoreError` that names the file."""
    with child("folder", path) as process:
        said, complaints = process.communicate(timeout=60)

    assert complaints == ""
    assert ["tokens.json" in line for line in said.splitlines()] == [True, True]


async def test_disk_full(path):
    """Where there is no room the error says so, the file stays as it was, and nothing is left beside it."""
    await put(path)
    content, beside = path.read_bytes(), set(path.parent.iterdir())
    with child("disk", path) as process:
        said, complaints = await asyncio.to_thread(process.communicate, timeout=60)

    assert complaints == ""
    assert "cannot be written" in said
    assert str(path) in said
    assert "planted" not in said
    assert path.read_bytes() == content
    assert set(path.parent.iterdir()) == beside


async def test_two_stores_with_paths_that_differ_in_spelling(path, monkeypatch):
    """A relative path and one with `~` lead to the same file."""
    monkeypatch.setenv("HOME", str(path.parent.parent))
    monkeypatch.chdir(path.parent.parent)
    await put(path)

    assert await get("folder/tokens.json") == make_token()
    assert await get("~/folder/tokens.json") == make_token()


async def test_cancelled_while_a_write_fails(path, caplog):
    """A holder that is cancelled while its write fails leaves no error behind that nobody looks at."""
    async with FileTokenStore(path).hold("app") as slot:
        path.mkdir()
        for turns in range(6):
            writing = asyncio.create_task(slot.save(make_token()))
            for _ in range(turns):
                await asyncio.sleep(0)
            writing.cancel()
            with pytest.raises((asyncio.CancelledError, TokenStoreError)):
                await writing
            del writing
    assert "never retrieved" not in caplog.text


def test_nothing_is_left_open(path):
    """Many holds, one after the other, leave no file open and no lock file for each."""
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        pytest.skip("there is no /proc here")

    async def use():
        for generation in range(1, 30):
            await put(path, generation)

    asyncio.run(use())
    before = len(list(descriptors.iterdir()))
    asyncio.run(use())
    assert len(list(descriptors.iterdir())) <= before
    assert len(list(path.parent.iterdir())) == 3


async def test_an_encrypted_file_without_its_key(tmp_path):
    """An encrypted file that is opened without a key is left where it is, and the error says what is missing."""
    path, key = tmp_path / "tokens.json", Fernet.generate_key()
    async with FileTokenStore(path, key=lambda: key).hold("app") as slot:
        await slot.note(5.0)
    with pytest.raises(TokenStoreError, match="Give its key"):
        async with FileTokenStore(path).hold("app") as slot:
            await slot.noted()
    async with FileTokenStore(path, key=lambda: key).hold("app") as slot:
        assert await slot.noted() == 5.0


async def test_remains_of_a_killed_writer_are_removed(tmp_path):
    """What a process left that was killed while it wrote, secrets in it, is gone after the next write."""
    remains = tmp_path / ".tokens.json.abcdefgh"
    remains.write_text("secret")
    async with FileTokenStore(tmp_path / "tokens.json").hold("app") as slot:
        await slot.note(5.0)
    assert not remains.exists()
