"""What somebody would write instead of `ezeep mirror`: aiohttp and sqlite3, one page at a time or sixteen.

No resuming, no retries, no refresh, no look at what the answer holds: the least that can be done for the same rows.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

_BEARER = {"Authorization": "Bearer " + "x" * 600}
_SIZE = 100
_WINDOW = 16
_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE groups (
    id TEXT, name TEXT, description TEXT, local_printing_enabled INTEGER, myprinters_enabled INTEGER, provider TEXT,
    foreign_id TEXT, organization_id TEXT, num_members INTEGER, num_printers INTEGER, PRIMARY KEY (id)
) WITHOUT ROWID;
CREATE TABLE users (
    id TEXT, local_printing_enabled INTEGER, self_service_enabled INTEGER, myprinters_enabled INTEGER, PRIMARY KEY (id)
) WITHOUT ROWID;
CREATE TABLE memberships (user_id TEXT, group_id TEXT, PRIMARY KEY (user_id, group_id)) WITHOUT ROWID;
CREATE TABLE account_users (
    id TEXT, email TEXT, first_name TEXT, last_name TEXT, display_name TEXT, date_joined TEXT, roles TEXT,
    is_verified INTEGER, PRIMARY KEY (id)
) WITHOUT ROWID;
"""

Items = list[dict[str, Any]]


def _save_groups(db: sqlite3.Connection, items: Items) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO groups VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(item["id"], item["name"], item["description"]),
                *(item["local_printing_enabled"], item["myprinters_enabled"]),
                *(item["origin"]["provider"], item["origin"].get("foreign_id")),
                *(item["organization_id"], item["num_members"], item["num_printers"]),
            )
            for item in items
        ],
    )


def _save_users(db: sqlite3.Connection, items: Items) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO users VALUES (?, ?, ?, ?)",
        [
            (item["id"], item["local_printing_enabled"], item["self_service_enabled"], item["myprinters_enabled"])
            for item in items
        ],
    )
    db.executemany(
        "INSERT OR REPLACE INTO memberships VALUES (?, ?)",
        [(item["id"], group["group_id"]) for item in items for group in item["groups"]],
    )


def _save_account_users(db: sqlite3.Connection, items: Items) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO account_users VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(item["id"], item["email"], item["first_name"], item["last_name"], item["display_name"]),
                *(item["date_joined"], " ".join(item["roles"]), item["is_verified"]),
            )
            for item in items
        ],
    )


_LISTS: tuple[tuple[str, Callable[[sqlite3.Connection, Items], None]], ...] = (
    ("/printing/v1/groups/", _save_groups),
    ("/printing/v1/users/", _save_users),
    ("/v1/users/", _save_account_users),
)


async def _get(session: aiohttp.ClientSession, url: str) -> Any:
    async with session.get(url) as response:
        response.raise_for_status()
        return await response.json()


async def sequential(url: str, file: Path) -> None:
    """Follow the links."""
    db = sqlite3.connect(file)
    db.executescript(_SCHEMA)
    async with aiohttp.ClientSession(headers=_BEARER) as session:
        for path, save in _LISTS:
            link = f"{url}{path}?limit={_SIZE}&offset=0"
            while link:
                page = await _get(session, link)
                with db:
                    save(db, page["results"])
                link = page["next"]
    db.close()


async def concurrent(url: str, file: Path) -> None:
    """Get sixteen pages at a time, by their offsets, and write them in one transaction."""
    db = sqlite3.connect(file)
    db.executescript(_SCHEMA)
    async with aiohttp.ClientSession(headers=_BEARER) as session:
        for path, save in _LISTS:
            count = (await _get(session, f"{url}{path}?limit={_SIZE}&offset=0"))["count"]
            for start in range(0, count, _SIZE * _WINDOW):
                offsets = range(start, min(start + _SIZE * _WINDOW, count), _SIZE)
                links = [f"{url}{path}?limit={_SIZE}&offset={offset}" for offset in offsets]
                pages = await asyncio.gather(*(_get(session, link) for link in links))
                with db:
                    for page in pages:
                        save(db, page["results"])
    db.close()
