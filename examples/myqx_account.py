"""Accounts for MyQ X in a FastAPI application: a SQLite table of balances.

MYQ_PASSWORD is what MyQ X has as Password beside the URL of this server, and `myq` the User. Put TLS in front of it.
Run it with `uvicorn --factory myqx_account:create_app`.
"""

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from typing import TypeVar

from fastapi import FastAPI

from myqx_async.inbound import (
    AccountHolder,
    BasicCredentials,
    Conflict,
    NotFound,
    Release,
    asgi_app,
    external_account,
)

T = TypeVar("T")
CENTS = Decimal("0.01")
TABLES = """
CREATE TABLE IF NOT EXISTS accounts (username TEXT PRIMARY KEY, cents INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT NOT NULL, blocked INTEGER NOT NULL DEFAULT 0
);
"""
AVAILABLE = """
SELECT cents - (SELECT sum(blocked) FROM sessions WHERE sessions.username = accounts.username)
FROM accounts JOIN sessions USING (username) WHERE sessions.id = ?
"""


class SqliteAccounts:
    """Balances in cents. What a session has blocked is not available to any session of the same user."""

    def __init__(self, path: str) -> None:
        self.path = path
        with closing(sqlite3.connect(path)) as database:
            database.executescript(TABLES)

    async def start(self, holder: AccountHolder) -> int:
        """Start a session for a user who has an account."""
        return await self._transaction(lambda database: start(database, holder.username))

    async def balance(self, session_id: int) -> Decimal:
        """Return what no session has blocked."""
        return await self._transaction(lambda database: available(database, session_id)) * CENTS

    async def block(self, session_id: int, amount: Decimal) -> None:
        """Block an amount, rounded up to whole cents."""
        cents = int((amount / CENTS).to_integral_value("ROUND_CEILING"))
        await self._transaction(lambda database: block(database, session_id, cents))

    async def end(self, session_id: int) -> Release:
        """End a session, and with it what it has blocked."""
        await self._transaction(lambda database: end(database, session_id))
        return Release.NOW

    async def _transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.to_thread(self._run, work)

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with closing(sqlite3.connect(self.path, isolation_level="IMMEDIATE")) as database, database:
            database.execute("BEGIN IMMEDIATE")  # two blocks at the same time must not spend the same money
            return work(database)


def start(database: sqlite3.Connection, username: str) -> int:
    if not database.execute("SELECT 1 FROM accounts WHERE username = ?", (username,)).fetchone():
        raise NotFound("this user has no account")
    return database.execute("INSERT INTO sessions (username) VALUES (?) RETURNING id", (username,)).fetchone()[0]


def available(database: sqlite3.Connection, session_id: int) -> int:
    row = database.execute(AVAILABLE, (session_id,)).fetchone()
    if row is None:
        raise NotFound("there is no such session")
    return row[0]


def block(database: sqlite3.Connection, session_id: int, cents: int) -> None:
    if cents > available(database, session_id):
        raise Conflict("the balance is too small")
    database.execute("UPDATE sessions SET blocked = blocked + ? WHERE id = ?", (cents, session_id))


def end(database: sqlite3.Connection, session_id: int) -> None:
    if not database.execute("DELETE FROM sessions WHERE id = ?", (session_id,)).rowcount:
        raise NotFound("there is no such session")


def create_app() -> FastAPI:
    credentials = BasicCredentials("myq", os.environ["MYQ_PASSWORD"])
    app = FastAPI()
    app.mount("/myq-account", asgi_app(external_account(SqliteAccounts(os.environ["ACCOUNTS"]), credentials)))
    return app
