"""The stores of this package keep the contract of all stores."""

import pytest
from cryptography.fernet import Fernet

from print_async.auth.stores.file import FileTokenStore
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
