"""One process of many with one credential: no test, but run by one.

Its input is a line of JSON. When all of its tasks are ready it prints a line, and begins when its input ends; then its
tasks send requests, one after the other, until the time is over, and it tells as JSON how that went.
"""

import asyncio
import json
import sys
import time
from collections import Counter

from store_of import store_of

from ezeep_async.auth import RefreshToken
from print_async.auth.session import AuthSession
from print_async.errors import PrintAsyncError
from print_async.limits import LimitPolicy
from print_async.transports.aiohttp import AiohttpTransport
from print_async.wire import Request, Response


class Observed(AiohttpTransport):
    """Remembers how long those requests were under way whose token was refused, and may be slow to give a token."""

    def __init__(self, token_url: str, token_delay: float) -> None:
        super().__init__()
        self.token_url, self.token_delay = token_url, token_delay
        self.refused: list[float] = []

    async def send(self, request: Request) -> Response:
        """Send, and look at the answer."""
        began = time.monotonic()
        response = await super().send(request)
        if response.status == 401:
            self.refused.append(round(time.monotonic() - began, 4))
        if self.token_delay and request.url.startswith(self.token_url):
            await asyncio.sleep(self.token_delay)
        return response


async def work(told: dict) -> dict:
    """Send requests until the time is over."""
    sent, statuses, errors, slowest = 0, Counter(), Counter(), (0.0, 0.0)
    transport = Observed(told["account_url"], told["token_delay"])
    session = AuthSession(
        RefreshToken(told["client_id"], told["token"]),
        origins=[told["account_url"], told["management_url"]],
        transport=transport,
        store=store_of(told["store"]),
        limits=LimitPolicy(max_in_flight=told["in_flight"]),
    )
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    until = time.monotonic() + told["seconds"]

    async def send_on() -> None:
        nonlocal sent, slowest
        while time.monotonic() < until:
            sent += 1
            began = time.monotonic()
            try:
                response = await session.send(Request("GET", told["management_url"] + "/printing/v1/users/?limit=1"))
                statuses[response.status] += 1
                await response.aclose()
            except PrintAsyncError as error:
                errors[f"{type(error).__name__}: {error}"] += 1
            slowest = max(slowest, (time.monotonic() - began, began + told["seconds"] - until))

    async with session:
        await asyncio.gather(*(send_on() for _ in range(told["tasks"])))
        seen = session.statistics
    return {
        "sent": sent,
        "statuses": statuses,
        "errors": errors,
        "unauthorized": seen.unauthorized,
        "exchanges": seen.refreshes + seen.sign_ins,
        "slowest": slowest,
        "refused": transport.refused,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(work(json.loads(sys.stdin.readline())))), flush=True)
