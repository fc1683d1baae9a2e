"""A sync job: put many users into a group, twenty at a time, and say what failed."""

import asyncio
import os
from collections.abc import Iterator

from ezeep_async import Ezeep
from ezeep_async.auth import RefreshToken
from ezeep_async.models import User
from print_async import run_batch


def user_ids() -> Iterator[str]:
    with open("users.txt") as lines:  # read as the job takes them: a million lines need no memory
        yield from map(str.strip, lines)


async def main() -> None:
    async with Ezeep(RefreshToken("client-id", os.environ["EZEEP_REFRESH_TOKEN"])) as ezeep:

        async def add(user_id: str) -> User:
            return await ezeep.users.add_to_group(user_id, os.environ["GROUP_ID"])

        report = await run_batch(add, user_ids(), concurrency=20, on_error="collect")
    print(f"{report.succeeded} done, {report.failed} failed")
    for outcome in report.failures:
        print(outcome.item, outcome.error)


asyncio.run(main())
