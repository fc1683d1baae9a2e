"""What our own code takes of a call, in a process of its own with no network: the transport answers at once.

Ours is all of it, session, limiter, retries, paging and decoding; beside it the decoding alone of the same answer.
"""

import asyncio
import time
from collections.abc import Iterator
from functools import partial

from benchmarks.result import Result
from benchmarks.rounds import Work, by_turns
from benchmarks.site import GROUP, GROUP_ID, PAGE, TOKEN
from ezeep_async import Ezeep
from ezeep_async.auth import RefreshToken
from ezeep_async.models import Group, User
from print_async.codec import decode
from print_async.envelope import envelope_decoder
from print_async.wire import Request, Response

_URL = "https://api.example"


class _Answering:
    """A transport that has all answers."""

    async def send(self, request: Request) -> Response:
        """Answer it."""
        if request.method == "POST":
            return Response(200, body=TOKEN)
        return Response(200, body=GROUP if GROUP_ID in request.url else PAGE)

    async def aclose(self) -> None:
        """Close nothing."""


def measure(*, quick: bool) -> Iterator[Result]:
    """Call, and decode, in turns."""
    spent = asyncio.run(_spent(rounds=11 if quick else 101, calls=500 if quick else 2_000))
    for what in ("a page of 20 users", "a group"):
        yield Result(what, "us", spent[f"{what}, ours"], spent[what], "decoding alone")


async def _spent(*, rounds: int, calls: int) -> dict[str, list[float]]:
    read = envelope_decoder(User, "results")
    grant, urls = RefreshToken("client", "token"), dict.fromkeys(("account_url", "management_url", "print_url"), _URL)
    async with Ezeep(grant, transport=_Answering(), **urls) as ezeep:

        async def page() -> None:
            await ezeep.users.list(page_size=20, prefetch=0).collect()

        async def decode_page() -> None:
            read(PAGE)

        async def group() -> None:
            await ezeep.groups.get(GROUP_ID)

        async def decode_group() -> None:
            decode(GROUP, Group)

        works: dict[str, Work] = {
            "a page of 20 users, ours": page,
            "a page of 20 users": decode_page,
            "a group, ours": group,
            "a group": decode_group,
        }
        timed = {name: partial(_time, work, calls) for name, work in works.items()}
        return await by_turns(timed, rounds=rounds)


async def _time(work: Work, calls: int) -> float:
    """Return the CPU time per call, in microseconds."""
    started = time.process_time()
    for _ in range(calls):
        await work()
    return (time.process_time() - started) / calls * 1e6
