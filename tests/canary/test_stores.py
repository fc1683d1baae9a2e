"""A store's secrets are in what it keeps, and nowhere else: whatever fails, and whoever looks."""

import asyncio
import configparser
import errno
import os
import socket
from contextlib import suppress

import attrs
import pytest
from cryptography.fernet import Fernet
from keyrings.alt.file import PlaintextKeyring

from print_async.auth.stores.file import FileTokenStore
from print_async.auth.stores.keyring import KeyringTokenStore
from print_async.auth.stores.memory import MemoryTokenStore
from print_async.auth.stores.redis import RedisTokenStore
from print_async.auth.token import Token
from print_async.console.profiles import recall, remember
from print_async.errors import PrintAsyncError
from print_async.secret import Secret
from tests.canary.finding import CANARY, everything_of, found_in, said_in

TOKEN = Token(Secret(CANARY["access"]), 1.0, refresh_token=Secret(CANARY["refresh"]), generation=3)
NEWER = attrs.evolve(TOKEN, generation=4)
KEY = Fernet.generate_key().decode()
OPERATIONS = {
    "load": lambda slot: slot.load(),
    "save": lambda slot: slot.save(NEWER),
    "note": lambda slot: slot.note(5.0),
    "noted": lambda slot: slot.noted(),
    "clear": lambda slot: slot.clear(),
}


async def use(store, name):
    """Do something in a store; return what it raised, and what its objects look like."""
    shown = [repr(store)]
    try:
        async with store.hold("app") as slot:
            shown.append(repr(slot))
            await OPERATIONS[name](slot)
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not show a secret
        return error, "\n".join(shown)
    return None, "\n".join(shown)


async def failures(store):
    """Do everything in a store that is broken, and return what was raised."""
    used = [await use(store, name) for name in OPERATIONS]
    assert found_in("\n".join(shown for _, shown in used)) == []
    return [error for error, _ in used if error is not None]


def names_below(folder):
    """List all that is there."""
    return [path for path in folder.rglob("*") if not path.is_dir()]


def spoil(path):
    """Cut off the end of a file."""
    path.write_bytes(path.read_bytes()[:-3])


def misshape(path):
    """Make a record something that is none of ours, its tokens still in it."""
    content = path.read_bytes()
    encrypted = content.startswith(b"gAAAA")
    content = (Fernet(KEY).decrypt(content) if encrypted else content).replace(b'"generation":3', b'"generation":"3"')
    path.write_bytes(Fernet(KEY).encrypt(content) if encrypted else content)


def no_space(monkeypatch, name):
    """Let a call of the system fail as on a full disk."""

    def fail(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(f"print_async.auth.stores.token_file.{name}", fail)


def blocked(path):
    """Put a folder where a file is to be."""
    path.unlink(missing_ok=True)
    path.mkdir()


FILE_FAULTS = {
    "unreadable": lambda path, _: blocked(path),
    "damaged": lambda path, _: spoil(path),
    "misshapen": lambda path, _: misshape(path),
    "key": lambda *_: None,
    "no key": lambda *_: None,
    "broken key": lambda *_: None,
    "lock": lambda path, _: blocked(path.with_name(f"{path.name}.lock")),
    "credential lock": lambda path, _: [blocked(each) for each in path.parent.glob("*.*.lock") if each != path],
    "full": lambda _, monkeypatch: no_space(monkeypatch, "os.fsync"),
    "no rename": lambda _, monkeypatch: no_space(monkeypatch, "Path.replace"),
    "no new file": lambda _, monkeypatch: no_space(monkeypatch, "tempfile.mkstemp"),
}
OTHER_KEYS = {"key": Fernet.generate_key, "no key": lambda: "canary-password", "broken key": lambda: 1 / 0}


@pytest.mark.parametrize("fault", FILE_FAULTS)
@pytest.mark.parametrize("key", [None, KEY], ids=["plain", "encrypted"])
async def test_a_file(tmp_path, logs, monkeypatch, key, fault):
    """Of a file store that fails, errors, logs and names show no secret, and no file but the store's own holds one."""
    path = tmp_path / "folder" / "tokens.json"
    async with FileTokenStore(path, key=key and (lambda: key)).hold("app") as slot:
        await slot.save(TOKEN)
    assert bool(found_in(path.read_bytes().decode("latin-1"))) == (key is None)
    FILE_FAULTS[fault](path, monkeypatch)

    other = OTHER_KEYS.get(fault, key and (lambda: key))
    raised = await failures(FileTokenStore(path, key=other))

    shown = everything_of(*raised) + said_in(logs) + " ".join(map(str, names_below(tmp_path)))
    assert raised
    assert found_in(shown) == []
    assert KEY not in shown
    holding = [each.name for each in names_below(tmp_path) if found_in(each.read_bytes().decode("latin-1"))]
    assert [name for name in holding if key or not name.startswith("tokens.json")] == []


def test_a_profile(tmp_path, monkeypatch):
    """What a command line remembers shows in no error, whether it is written or read."""

    @attrs.frozen
    class Profile:
        client_secret: Secret

    monkeypatch.setenv("PRINT_ASYNC_TOKENS", str(tmp_path / "tokens.json"))
    remember("vendor", Profile(Secret(CANARY["client"])))
    raised = []
    for fault in ("full", "damaged"):
        FILE_FAULTS[fault](tmp_path / "tokens.json", monkeypatch)
        for work in (lambda: remember("vendor", Profile(Secret(CANARY["pin"]))), lambda: recall("vendor", Profile)):
            try:
                work()
            except PrintAsyncError as error:
                raised.append(error)
    assert len(raised) == 2
    assert found_in(everything_of(*raised)) == []


@pytest.fixture
def open_redis(monkeypatch):
    """Let the oldest redis-py there may be, whose pools show the password they were given."""
    from redis.asyncio.connection import ConnectionPool

    monkeypatch.setattr(ConnectionPool, "__repr__", lambda pool: f"<ConnectionPool {pool.connection_kwargs}>")


def impatient(monkeypatch):
    """Have nobody wait for a Redis that is down."""

    async def at_once(_, do, fail, *__, **___):
        try:
            return await do()
        except Exception as error:
            await fail(error)
            raise

    monkeypatch.setattr("redis.asyncio.retry.Retry.call_with_retry", at_once)


@pytest.fixture
def url_with_password(redis_server):
    """Have Redis ask for a password, and give the URL with it."""
    port = redis_server.port
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(b"ACL SETUSER canary-user on >canary-password-7f3a ~* +@all\r\n")
        assert connection.recv(3) == b"+OK"
    yield f"redis://canary-user:canary-password-7f3a@127.0.0.1:{port}/0"
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(b"ACL DELUSER canary-user\r\n")
        assert connection.recv(2) == b":1"


async def at_redis(url, *command):
    """Run one command."""
    from redis.asyncio import Redis

    async with Redis.from_url(url) as client:
        return await client.execute_command(*command)


REDIS_FAULTS = {
    "down": lambda url: f"{url.rpartition(':')[0]}:1/0",
    "refused": lambda url: url.replace("canary-password-7f3a", "canary-password-other"),
    "damaged": ("HSET", "record", '{"token": {"access_token": "canary-access-7f3a", '),
    "misshapen": ("HSET", "record", '{"token": {"access_token": "canary-access-7f3a"}, "noted_at": "canary-pin-1"}'),
    "read-only": ("HSET", "generation", "canary-pin-2"),
}


@pytest.mark.parametrize("fault", REDIS_FAULTS)
async def test_redis(url_with_password, open_redis, logs, monkeypatch, fault):
    """Of a Redis store that fails, errors and logs show no secret, its password included, and no key holds one."""
    async with RedisTokenStore(url_with_password).hold("app") as slot:
        await slot.save(TOKEN)
    keys = [key.decode() for key in await at_redis(url_with_password, "KEYS", "*")]
    (record,) = [key for key in keys if key.endswith("record")]
    assert found_in(" ".join(keys)) == []
    assert found_in((await at_redis(url_with_password, "HGET", record, "record")).decode())
    impatient(monkeypatch)
    broken = REDIS_FAULTS[fault]
    url = broken(url_with_password) if callable(broken) else url_with_password
    if not callable(broken):
        await at_redis(url_with_password, broken[0], record, *broken[1:])

    raised = await failures(RedisTokenStore(url))

    assert raised
    assert found_in(everything_of(*raised)) == []
    assert found_in(said_in(logs)) == []


@pytest.mark.parametrize("url", ["redis://:{}@127.0.0.1/0", "redis://u:{}", "http://u:{}@127.0.0.1/", "{}"])
async def test_a_url_of_no_redis(url, logs):
    """A URL that leads to no Redis, often for a password that is not percent-encoded, is refused without it."""
    with pytest.raises(ValueError, match="percent-encoded") as caught:
        RedisTokenStore(url.format(CANARY["password"]))
    assert found_in(everything_of(caught.value)) == []


class Keychain(PlaintextKeyring):
    """A keychain that can fail, and says all that it knows."""

    def __init__(self, path, fault=None):
        super().__init__()
        self.file_path = str(path)
        self.fault = fault

    def get_password(self, service, username):
        """Return an entry, or less of it."""
        self._fail("get", service, username, CANARY["access"])
        found = super().get_password(service, username)
        return found[:-8] if found and self.fault == "damaged" else found

    def set_password(self, service, username, password):
        """Keep an entry, or not."""
        self._fail("set", service, username, password)
        if self.fault != "forgetful":
            super().set_password(service, username, password)

    def delete_password(self, service, username):
        """Delete an entry."""
        self._fail("delete", service, username)
        super().delete_password(service, username)

    def _fail(self, what, *about):
        if self.fault == what:
            raise RuntimeError(f"no {what} of {about}")


@pytest.mark.parametrize("fault", ["get", "set", "delete", "damaged", "forgetful", "lock"])
async def test_a_keychain(tmp_path, logs, fault):
    """Of a keychain that fails, errors, logs, entries' names and lock files show no secret, nor what was kept."""
    ring = tmp_path / "ring.cfg"
    async with KeyringTokenStore(lock_folder=tmp_path / "locks", backend=Keychain(ring)).hold("app") as slot:
        await slot.save(TOKEN)
    entries = configparser.RawConfigParser()
    entries.read(ring, encoding="utf-8")
    ((_, kept),) = [(name, value) for part in entries.sections() for name, value in entries.items(part)]
    if fault == "lock":
        blocked(tmp_path / "locks" / "keychain.lock")

    store = KeyringTokenStore(lock_folder=tmp_path / "locks", backend=Keychain(ring, fault))
    raised = await failures(store)

    shown = everything_of(*raised) + said_in(logs) + " ".join(map(str, names_below(tmp_path)))
    assert raised
    assert found_in(shown) == []
    assert kept.strip()[:40] not in shown
    assert [each for each in names_below(tmp_path / "locks") if each.read_bytes()] == []


def test_a_keychain_without_a_service(tmp_path):
    """A store that cannot be made can be shown all the same: by a traceback with locals, which has it as `self`."""
    with pytest.raises(ValueError, match="not empty") as caught:
        KeyringTokenStore("", lock_folder=tmp_path)
    assert "self = KeyringTokenStore('')" in everything_of(caught.value)


async def test_memory(logs):
    """The store in memory shows none in its own repr, its slot's, the logs, or what a holder raises."""
    store = MemoryTokenStore()
    shown = [(await use(store, name))[1] for name in OPERATIONS]
    with suppress(asyncio.CancelledError):
        async with store.hold("app") as slot:
            await slot.save(TOKEN)
            shown.append(repr(vars(store)) + repr(slot))
            raise asyncio.CancelledError
    assert found_in("\n".join(shown) + said_in(logs)) == []
