"""The stores of this package keep the contract of all stores."""

import configparser

import pytest
from cryptography.fernet import Fernet
from keyrings.alt.file import PlaintextKeyring

from print_async.auth.stores.file import FileTokenStore
from print_async.auth.stores.keyring import KeyringTokenStore
from print_async.auth.stores.memory import MemoryTokenStore
from print_async.testing.stores import TokenStoreContract


class TestMemoryTokenStore(TokenStoreContract):
    """Memory lasts as long as the store object: there is only one."""

    @pytest.fixture
    def make_store(self):
        """Open the same one again."""
        store = MemoryTokenStore()
        return lambda: store


class _OfFiles(TokenStoreContract):
    @pytest.fixture
    def backing_names(self, tmp_path):
        """List all files."""
        return lambda: [str(path) for path in tmp_path.rglob("*")]


class TestFileTokenStore(_OfFiles):
    """A file as it is."""

    @pytest.fixture
    def make_store(self, tmp_path):
        """Open the file again."""
        return lambda: FileTokenStore(tmp_path / "folder" / "tokens.json")


class TestEncryptedFileTokenStore(_OfFiles):
    """An encrypted file."""

    @pytest.fixture
    def make_store(self, tmp_path):
        """Open the file again, with the same key."""
        key = Fernet.generate_key()
        return lambda: FileTokenStore(tmp_path / "folder" / "tokens.json", key=lambda: key)

    @pytest.fixture
    def backing_names(self, tmp_path):
        """List all files, and all that is in them."""
        return lambda: [f"{path} {path.read_bytes()!r}" for path in tmp_path.rglob("*") if path.is_file()]


class TestKeyringTokenStore(TokenStoreContract):
    """A keychain in a file."""

    @pytest.fixture
    def make_store(self, tmp_path):
        """Open the keychain again."""

        def open_store():
            backend = PlaintextKeyring()
            backend.file_path = str(tmp_path / "ring.cfg")
            return KeyringTokenStore(lock_folder=tmp_path / "locks", backend=backend)

        return open_store

    @pytest.fixture
    def backing_names(self, tmp_path):
        """List all lock files, and the names of all entries."""

        def names():
            ring = configparser.RawConfigParser()
            ring.read(tmp_path / "ring.cfg", encoding="utf-8")
            entries = [f"{service} {name}" for service in ring.sections() for name in ring.options(service)]
            assert entries
            return [*map(str, tmp_path.rglob("*")), *entries]

        return names
