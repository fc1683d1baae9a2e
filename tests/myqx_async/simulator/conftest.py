"""A visitor to the simulator: plain aiohttp, no client of ours."""

import base64
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import attrs
import pytest

from myqx_async.simulator import MyQXSimulator


@attrs.define
class HandClock:
    """A clock that goes only when told."""

    time: float = 1_700_000_000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.time


@attrs.frozen
class Answer:
    """What came back; `body` is the decoded JSON, `None` if there was none."""

    status: int
    body: Any
    headers: Any


@attrs.define
class Visitor:
    """Somebody who talks to one simulator over one session."""

    sim: MyQXSimulator
    clock: HandClock
    session: aiohttp.ClientSession

    async def call(self, method: str, path: str, token: str | None = None, **options: Any) -> Answer:
        """Make one request and read all of the answer."""
        headers = options.pop("headers", {}) | ({"Authorization": f"Bearer {token}"} if token else {})
        url = path if path.startswith("http") else self.sim.url + path
        async with self.session.request(method, url, headers=headers, allow_redirects=False, **options) as response:
            data = await response.read()
            return Answer(response.status, json.loads(data) if data else None, response.headers)

    async def get(self, path: str, token: str | None = None, **params: Any) -> Answer:
        """GET a path below /api/v3."""
        return await self.call("GET", f"/api/v3/{path}", token, params=params)

    async def ask(self, **fields: Any) -> Answer:
        """Ask the token endpoint as the registered application; a field that is `None` is left out."""
        body = {"client_id": self.sim.client_id, "client_secret": self.sim.client_secret} | fields
        return await self.call(
            "POST", "/api/auth/token", json={name: value for name, value in body.items() if value is not None}
        )

    async def sign_in(self, scope: str = "users printers queues") -> str:
        """Return a client token."""
        answer = await self.ask(grant_type="client_credentials", scope=scope)
        return answer.body["access_token"]

    async def log_in(self, index: int = 0, scope: str = "users") -> str:
        """Return a user token."""
        login = {"type": 1, "card": self.sim.credentials(index).card}
        answer = await self.ask(grant_type="login_info", scope=scope, login_info=login)
        return answer.body["access_token"]


Visit = Callable[..., Awaitable[Visitor]]


@pytest.fixture
async def visit() -> AsyncIterator[Visit]:
    """Start a simulator with the given settings and visit it."""
    async with AsyncExitStack() as stack:

        async def start(*sizes: int, **settings: Any) -> Visitor:
            clock = HandClock()
            sim = await stack.enter_async_context(MyQXSimulator(*sizes, now=clock, **settings))
            context = ssl.create_default_context(cafile=sim.ca_file) if sim.tls else True
            connector = aiohttp.TCPConnector(ssl=context)
            session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
            return Visitor(sim, clock, session)

        yield start


@pytest.fixture
def claims() -> Callable[[str], dict[str, Any]]:
    """Decode the claims of a token."""

    def decode(token: str) -> dict[str, Any]:
        part = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))

    return decode
