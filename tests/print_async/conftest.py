"""A client's call path without a network: a grant, a clock that jumps, and a server that answers from a script."""

import asyncio
import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest
from hypothesis import settings

from print_async.auth.refresh import RefreshPolicy
from print_async.auth.session import AuthSession
from print_async.auth.token import TokenKind
from print_async.caller import Caller, ErrorBody
from print_async.envelope import Envelope
from print_async.errors import ConnectionLost
from print_async.options import CallOptions
from print_async.paging import LinkPages, OffsetPages
from print_async.retry import RetryPolicy
from print_async.testing import StubTransport, token_response
from print_async.testing.transport import Answer
from print_async.wire import Body, Request, Response

# No deadline: how long an example takes says more about the machine than about the code.
settings.register_profile("print_async", deadline=None, max_examples=50)
settings.load_profile("print_async")

BASE = "https://print.example/api"


class JumpClock:
    """A clock on which every sleep is over at once, and remembered."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def time(self) -> float:
        """Return the wall clock."""
        return 1_750_000_000.0 + self.now

    def monotonic(self) -> float:
        """Return the seconds slept so far."""
        return self.now

    def call_later(self, seconds: float, callback: Callable[[], object]) -> asyncio.TimerHandle:
        """Call it never: on this clock nobody waits."""
        return asyncio.get_running_loop().call_later(3600, callback)

    async def sleep(self, seconds: float) -> None:
        """Jump ahead."""
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@attrs.frozen
class StubGrant:
    """Signs in with nothing."""

    identity: str = "stub"
    kind: TokenKind | None = TokenKind.CLIENT
    requested_scope: frozenset[str] = frozenset()
    unattended: bool = True
    secrets: tuple[str, ...] = ()

    def sign_in(self, base: str) -> Request:
        """Make a token request."""
        return Request("POST", f"{base}/token", body=Body.form({"grant_type": "client_credentials"}))

    refresh = sign_in

    def read_refusal(self, response: Response) -> None:
        """Know of no refusals."""


@attrs.define
class Rig:
    """A caller and all that is beneath it."""

    caller: Caller
    session: AuthSession
    transport: StubTransport
    clock: JumpClock

    @property
    def calls(self) -> list[Request]:
        """What the API was asked, without the token requests."""
        return [request for request in self.transport.requests if not request.url.endswith("/token")]

    def tokens(self) -> list[str]:
        """Return the Authorization of every call."""
        return [request.headers["Authorization"].reveal() for request in self.calls]


def read_error(said: object) -> ErrorBody:
    """Read an error body of the form `{"code", "message", ...}`."""
    if not isinstance(said, dict):
        return ErrorBody()
    return ErrorBody(said.get("code"), said.get("message"), said.get("data"))


@attrs.define
class Numbers:
    """A server of lists of numbers: by offset, as many as it likes, or from a script of linked pages."""

    total: int = 0
    cap: int = 1_000
    count: bool = False
    fail_at: object = None
    served: int = 0
    asked: list[object] = attrs.field(factory=list)

    @staticmethod
    def decode(raw: bytes) -> Envelope[int]:
        """Read a page, bare or in an object."""
        page = json.loads(raw)
        page = {"items": page} if isinstance(page, list) else page
        return Envelope(page["items"], page.get("count"), page.get("next"))

    def offset_pages(self, limit: int | None = 3) -> OffsetPages[int]:
        """List the numbers below `total`."""

        async def get(start: int) -> bytes:
            items = list(range(self.total))[start : start + min(limit or self.total, self.cap)]
            return await self.answer(start, {"items": items, "count": self.total} if self.count else items)

        return OffsetPages("GET /users", get, self.decode, limit)

    def link_pages(self, *pages: list[int], links: list[str | None] | None = None, first: str = "") -> LinkPages[int]:
        """Page n is asked for with `?p=n`, and the first one also without a query."""
        links = links or [*(f"?p={n}" for n in range(1, len(pages))), None]

        async def get(url: str) -> bytes:
            parts = urlsplit(url)
            assert url.startswith(BASE + "/users")
            assert parts.path == "/api/users"
            number = int(parse_qs(parts.query).get("p", ["0"])[0])
            return await self.answer(number, {"items": pages[number], "next": links[number]})

        return LinkPages("GET /users", get, self.decode, BASE, "/users", first)

    async def answer(self, name: object, page: object) -> bytes:
        """Serve a page, a turn of the loop later."""
        self.asked.append(name)
        await asyncio.sleep(0)
        if name == self.fail_at:
            raise ConnectionLost("reset")
        self.served += 1
        return json.dumps(page).encode()


@pytest.fixture(scope="session")
def numbers() -> type[Numbers]:
    """Serve lists of numbers."""
    return Numbers


@pytest.fixture(scope="session")
def rig() -> Callable[..., Rig]:
    """Make callers whose API answers from a script and whose token endpoint gives token-1, token-2 and so on."""

    def make(
        *answers: Answer, expires_in: float = 3600, retry: RetryPolicy | None = None, clock=None, hooks=(), **grant
    ) -> Rig:
        clock = clock or JumpClock()
        api, issued = StubTransport(*answers), iter(range(1, 10_000))

        async def route(request: Request) -> Response:
            if request.url.endswith("/token"):
                return token_response(f"token-{next(issued)}", expires_in=expires_in)
            return await api.send(request)

        transport = StubTransport(otherwise=route)
        session = AuthSession(
            StubGrant(**grant),
            origins=[BASE],
            transport=transport,
            clock=clock,
            refresh=RefreshPolicy(keep_alive=False),
            hooks=hooks,
            draw=lambda: 0.5,
        )
        caller = Caller(
            session,
            BASE,
            read_error=read_error,
            options=CallOptions() if retry is None else CallOptions(retry=retry),
            clock=clock,
            draw=lambda: 1.0,
        )
        return Rig(caller, session, transport, clock)

    return make
