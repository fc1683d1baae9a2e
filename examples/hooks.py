"""Hooks: what a job has cost, by operation, and what went wrong on its way."""

import asyncio
import os
from collections import Counter

from ezeep_async import Ezeep
from ezeep_async.auth import RefreshToken
from print_async import Hooks
from print_async.telemetry import ResponseEvent, RetryEvent

costs: Counter[str] = Counter()


def count(event: ResponseEvent) -> None:
    costs[f"{event.request.operation}: {event.status or event.failure}"] += 1


def complain(event: RetryEvent) -> None:
    print(f"{event.operation} again in {event.pause:.1f} s: {event.error}")


async def main() -> None:
    hooks = [Hooks(on_response=count, on_retry=complain)]
    async with Ezeep(RefreshToken("client-id", os.environ["EZEEP_REFRESH_TOKEN"]), hooks=hooks) as ezeep:
        users = await ezeep.users.list(page_size=100).collect()
    print(len(users), "users")
    for what, times in costs.most_common():
        print(times, what)


asyncio.run(main())
