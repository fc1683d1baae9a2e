"""`await session.token()` on a fresh token, beside a plain attribute check in a coroutine of the same kind."""

import asyncio
import time
from collections.abc import Iterator
from functools import partial
from typing import Protocol

from benchmarks.result import Result
from benchmarks.rounds import by_turns
from ezeep_async.auth import RefreshToken
from print_async import AuthSession
from print_async.testing import StubTransport, token_response


class _HasToken(Protocol):
    async def token(self) -> object: ...


class _Plain:
    """The least that could tell whether its token is still good."""

    def __init__(self) -> None:
        self._token = "x" * 600
        self._expires = time.monotonic() + 3600

    async def token(self) -> str | None:
        if self._expires > time.monotonic():
            return self._token
        return None


def measure(*, quick: bool) -> Iterator[Result]:
    """Ask both for their token."""
    spent = asyncio.run(_interleaved(rounds=11 if quick else 101, calls=5_000 if quick else 20_000))
    yield Result("token() of a session, fresh", "ns", spent["ours"], spent["theirs"], "attribute check", 3.0)


async def _interleaved(*, rounds: int, calls: int) -> dict[str, list[float]]:
    transport = StubTransport(token_response("x" * 600, expires_in=3600))
    async with AuthSession(
        RefreshToken("client", "token"), origins=("https://account.example",), transport=transport
    ) as session:
        await session.ensure_token()
        asked: dict[str, _HasToken] = {"ours": session, "theirs": _Plain()}
        return await by_turns({name: partial(_time, each, calls) for name, each in asked.items()}, rounds=rounds)


async def _time(asked: _HasToken, calls: int) -> float:
    """Return the CPU time per call, in nanoseconds, the loop around it included."""
    started = time.process_time()
    for _ in range(calls):
        await asked.token()
    return (time.process_time() - started) / calls * 1e9
