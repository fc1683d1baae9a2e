"""A world of one credential: its grant, a token endpoint and an API that are functions, a clock, a store, sessions."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl

import attrs
import pytest

from print_async.auth.grant import OAuthError, rfc6749_error
from print_async.auth.session import AuthSession
from print_async.auth.stores.memory import MemoryTokenStore
from print_async.auth.token import Token, TokenKind
from print_async.errors import DecodeError
from print_async.secret import Secret
from print_async.testing import StubTransport, VirtualClock, json_response, token_response
from print_async.wire import Body, Request, Response

BASE = "https://print.example"


@attrs.frozen
class FakeGrant:
    """Signs in with a password, as often as it likes if `unattended`."""

    unattended: bool = True
    kind: TokenKind | None = TokenKind.USER
    requested_scope: frozenset[str] = frozenset()
    identity: str = "fake:app"
    password: Secret = Secret("planted-password")
    revokes: bool = False

    @property
    def secrets(self):
        """What must never be shown."""
        return (self.password,)

    def sign_in(self, base: str) -> Request:
        """Ask with the password."""
        form = Body.form({"grant_type": "password", "password": self.password})
        return Request("POST", f"{base}/token?key=planted-key", body=form)

    def refresh(self, base: str, refresh_token: Secret) -> Request:
        """Ask with a refresh token."""
        form = Body.form({"grant_type": "refresh_token", "refresh_token": refresh_token})
        return Request("POST", f"{base}/token", body=form)

    def revocation(self, base: str, refresh_token: Secret) -> Request | None:
        """Revoke where refresh tokens are given."""
        return Request("POST", f"{base}/revoke", body=Body.form({"token": refresh_token})) if self.revokes else None

    def read_refusal(self, response: Response) -> OAuthError | None:
        """Read RFC 6749 errors, and the `{"code": ..., "message": ...}` of a vendor of its own mind."""
        try:
            answer = response.json()
        except DecodeError:
            return None
        if isinstance(answer, dict) and "code" in answer:
            return OAuthError(str(answer["code"]), str(answer.get("message")))
        return rfc6749_error(answer)


@attrs.define
class Server:
    """Numbers its tokens `token-1`, `token-2`... unless `script` has another answer; the API says 200."""

    clock: VirtualClock
    lifetime: object = 3600
    rotating: bool = True
    script: list[Response | Exception] = attrs.field(factory=list)
    otherwise: Response | Exception | None = None
    """What the token endpoint says for good, once the script is through."""
    api: Callable[[Request], Response | Awaitable[Response]] = lambda _: json_response({})
    token_requests: list[Mapping[str, str]] = attrs.field(factory=list)
    asked_at: list[float] = attrs.field(factory=list)
    api_requests: list[Request] = attrs.field(factory=list)
    gate: asyncio.Event | None = None
    """While it is there and not set, the token endpoint hangs."""
    latency: float = 0.0

    @property
    def asked(self) -> int:
        """How many token requests came."""
        return len(self.token_requests)

    @property
    def shown(self) -> list[str]:
        """The tokens that the API saw."""
        return [request.headers["Authorization"].reveal().removeprefix("Bearer ") for request in self.api_requests]

    def hang(self) -> asyncio.Event:
        """Let the token endpoint hang from here on, until the event is set."""
        self.gate = asyncio.Event()
        return self.gate

    async def __call__(self, request: Request) -> Response:
        """Answer."""
        if not request.url.startswith(f"{BASE}/token"):
            self.api_requests.append(request)
            answer = self.api(request)
            return await answer if inspect.isawaitable(answer) else answer
        self.token_requests.append(dict(parse_qsl(request.body.content.decode())))
        self.asked_at.append(self.clock.monotonic())
        number = self.asked
        if self.gate is not None:
            await self.gate.wait()
        if self.latency:
            await self.clock.sleep(self.latency)
        answer = self.script.pop(0) if self.script else self.otherwise
        if isinstance(answer, Exception):
            raise answer
        refresh_token = f"refresh-{number}" if self.rotating else None
        return answer or token_response(f"token-{number}", expires_in=self.lifetime, refresh_token=refresh_token)


class World:
    """Everything around a session. `session()` makes one; `aclose` closes all that were made."""

    def __init__(self, **server) -> None:
        self.clock = VirtualClock()
        self.server = Server(self.clock, **server)
        self.store = MemoryTokenStore()
        self.sessions: list[AuthSession] = []

    def session(self, *, grant: FakeGrant | None = None, **overrides) -> AuthSession:
        """Make a session without jitter, so that a token of an hour is stale after 2700 s and expired after 3590."""
        defaults = {
            "origins": [BASE],
            "transport": StubTransport(otherwise=self.server),
            "store": self.store,
            "clock": self.clock,
            "draw": lambda: 0.5,
        }
        session = AuthSession(grant or FakeGrant(), **{**defaults, **overrides})
        self.sessions.append(session)
        return session

    def token(self, name: str = "stored", *, age: float = 0.0, generation: int = 1, **fields) -> Token:
        """Make a token of an hour, requested `age` seconds ago."""
        if refresh := fields.pop("refresh", None):
            fields["refresh_token"] = Secret(refresh)
        fields = {"expires_in": 3600.0, **fields}
        return Token(Secret(name), issued_at=self.clock.time() - age, generation=generation, **fields)

    async def put(self, token: Token, grant: FakeGrant | None = None) -> None:
        """Leave a token in the store, as a sibling would."""
        async with self.store.hold(f"{(grant or FakeGrant()).identity}@{BASE}") as slot:
            await slot.save(token)

    async def stored(self, grant: FakeGrant | None = None) -> Token | None:
        """Return what is in the store."""
        async with self.store.hold(f"{(grant or FakeGrant()).identity}@{BASE}") as slot:
            return await slot.load()

    async def aclose(self) -> None:
        """Close all sessions, and let a token endpoint that hangs go on."""
        if self.server.gate is not None:
            self.server.gate.set()
        self.server.latency = 0.0
        for session in self.sessions:
            await session.aclose()


@pytest.fixture(scope="session")
def base():
    """The base URL of the server."""
    return BASE


@pytest.fixture(scope="session")
def fake_grant():
    """The class of the grants."""
    return FakeGrant


@pytest.fixture(scope="session")
def new_world():
    """Make a world; for tests that run loops of their own."""
    return World


@pytest.fixture
async def world():
    """A world for this test, tidied up behind it."""
    made = World()
    yield made
    await made.aclose()


@pytest.fixture
def server(world):
    """The token endpoint and the API."""
    return world.server


@pytest.fixture
def clock(world):
    """The time."""
    return world.clock


@pytest.fixture(scope="session")
def invalid_grant():
    """The refusal of RFC 6749 section 5.2."""
    return json_response({"error": "invalid_grant", "error_description": "revoked"}, 400)
