"""Walking 20,000 users in pages of 20, 100 and 500: CPU time per user, beside pages of 100, which is what is asked for
by default.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

from benchmarks.result import Result
from benchmarks.rounds import by_turns
from benchmarks.serving import serving
from benchmarks.site import write_directory
from ezeep_async import Ezeep
from ezeep_async.auth import RefreshToken

_DEFAULT = 100
_SIZES = (20, _DEFAULT, 500)


def measure(*, quick: bool) -> Iterator[Result]:
    """Walk lists of each page size, in turns."""
    users, rounds = (2_000, 2) if quick else (20_000, 7)
    with ExitStack() as stack:
        urls = {
            size: stack.enter_context(serving(partial(write_directory, users=users, page_size=size))).url
            for size in _SIZES
        }
        timed = {str(size): partial(_walk, url, size, users) for size, url in urls.items()}
        spent = asyncio.run(by_turns(timed, rounds=rounds))
    for size in _SIZES:
        if size != _DEFAULT:
            yield Result(
                f"a user, of pages of {size}", "us", spent[str(size)], spent[str(_DEFAULT)], f"of pages of {_DEFAULT}"
            )


async def _walk(url: str, size: int, users: int) -> float:
    """Return the CPU time per user in microseconds."""
    grant = RefreshToken("client", "token")
    async with Ezeep(grant, account_url=url, management_url=url, print_url=url) as ezeep:
        await ezeep.session.ensure_token()
        started = time.process_time()
        found = 0
        async for page in ezeep.users.list(page_size=size).pages():
            found += len(page.items)
        assert found == users
        return (time.process_time() - started) / users * 1e6
