"""What a command line remembers between two commands: tokens, and whose they are.

Both are in one file, which only its owner can read. PRINT_ASYNC_TOKENS says where; PRINT_ASYNC_TOKENS_KEY, a Fernet
key, has it encrypted. With PRINT_ASYNC_REDIS_URL the tokens are on that server instead, for many machines.
"""

import os
from pathlib import Path
from typing import TypeVar

import attrs
import typer

from print_async import environment
from print_async.auth.stores.base import TokenStore
from print_async.auth.stores.file import FileTokenStore
from print_async.auth.stores.token_file import TokenFile

T = TypeVar("T", bound=attrs.AttrsInstance)


def token_file() -> Path:
    """Return where the file is: PRINT_ASYNC_TOKENS, or in the user's configuration folder."""
    configured = os.environ.get(environment.TOKENS)
    return Path(configured) if configured else Path(typer.get_app_dir("print-async")) / "tokens.json"


def token_store() -> TokenStore:
    """Return the store of tokens."""
    return environment.token_store() or FileTokenStore(token_file(), key=environment.token_file_key())


def remember(vendor: str, profile: attrs.AttrsInstance) -> None:
    """Keep whose credential a vendor's commands are to use."""
    _file().update(_name(vendor), type(profile), lambda _: profile)


def recall(vendor: str, kind: type[T]) -> T | None:
    """Return whose credential a vendor's commands are to use; `None` if nobody is signed in.

    Raises:
        TokenStoreError: The file cannot be read.
    """
    return _file().read(_name(vendor), kind)


def forget(vendor: str, kind: type[T]) -> None:
    """Remember nothing of a vendor."""
    _file().update(_name(vendor), kind, lambda _: None)


def _file() -> TokenFile:
    return TokenFile(token_file().expanduser(), environment.token_file_key())


def _name(vendor: str) -> str:
    return f"profile:{vendor}"
