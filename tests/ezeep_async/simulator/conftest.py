"""A plain HTTP client for the simulator: nothing of the SDK's own client is in it."""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import attrs
import msgspec
import pytest
from aiohttp import ClientSession

from ezeep_async.simulator import EzeepSimulator


@attrs.define
class Clock:
    """A clock that stands still until it is told."""

    time: float = 1_700_000_000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.time


@attrs.frozen
class Answer:
    status: int
    raw: bytes
    headers: dict[str, str]

    @property
    def body(self):
        """The JSON of the body."""
        return msgspec.json.decode(self.raw)


@attrs.define
class Visitor:
    """Talks to one simulator, with an access token of its own unless told otherwise."""

    simulator: EzeepSimulator
    clock: Clock
    session: ClientSession
    token: str = ""

    async def send(self, method, path, *, base=None, token=None, **options) -> Answer:
        """Send a request to the management API, or to `base`."""
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        url = path if path.startswith("http") else (base or self.simulator.management_url) + path
        options.setdefault("headers", headers)
        async with self.session.request(method, url, allow_redirects=False, **options) as response:
            return Answer(response.status, await response.read(), dict(response.headers))

    async def get(self, path, **options) -> Answer:
        """Read from the management API, or any URL."""
        return await self.send("GET", path, **options)

    async def account(self, path, **options) -> Answer:
        """Read from the account API."""
        return await self.send("GET", path, base=self.simulator.account_url, **options)

    async def token_call(self, path="/oauth/access_token/", client=None, **form) -> Answer:
        """Call the token endpoint, or another that takes the same client authentication."""
        client = client or f"{self.simulator.client_id}:{self.simulator.client_secret}"
        headers = {"Authorization": f"Basic {base64.b64encode(client.encode()).decode()}"}
        return await self.send("POST", path, base=self.simulator.account_url, data=form, headers=headers)

    async def refresh(self, token) -> Answer:
        """Spend a refresh token."""
        return await self.token_call(grant_type="refresh_token", refresh_token=token)

    async def walk(self, first, base=None, **options) -> list[dict[str, object]]:
        """Follow the links from a first page to the last."""
        items, link = [], (base or self.simulator.management_url) + first
        while link:
            page = (await self.get(link, **options)).body
            items += page["results"]
            link = page["next"]
        return items


@pytest.fixture
async def visit() -> AsyncIterator[Callable[..., Awaitable[Visitor]]]:
    """Start simulators with given options, each with a visitor."""
    async with AsyncExitStack() as stack:

        async def start(users: int = 200, groups: int | None = None, **options) -> Visitor:
            clock = Clock()
            simulator = await stack.enter_async_context(EzeepSimulator(users, groups, now=clock, **options))
            session = await stack.enter_async_context(ClientSession())
            return Visitor(simulator, clock, session, simulator.issue_access_token())

        yield start


@pytest.fixture
def claims_of() -> Callable[[str], dict[str, object]]:
    """Read the claims of an access token."""

    def read(token: str) -> dict[str, object]:
        payload = token.split(".")[1]
        return msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))

    return read
