"""Prints a large document, for the test beside it: no test, but run by it.

Its arguments are `disk` or `stream`, the megabytes of the document, a file to write it to, and the URLs and the refresh
token of a simulator. It tells, as a line of JSON, by how many bytes its memory grew at most.
"""

import asyncio
import json
import resource
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from ezeep_async import Ezeep
from ezeep_async.auth import RefreshToken

MEGABYTE = bytes(range(256)) * 4096


async def pieces(count: int) -> AsyncIterator[bytes]:
    """Yield a document piece by piece."""
    for _ in range(count):
        yield MEGABYTE


def peak() -> int:
    """Return the most memory this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def write(path: Path, count: int) -> None:
    """Write a document to a file."""
    with path.open("wb") as file:
        for _ in range(count):
            file.write(MEGABYTE)


async def run(kind: str, megabytes: int, path: Path, told: dict[str, str]) -> None:
    """Print it."""
    write(path, megabytes if kind == "disk" else 0)
    urls = {name: told[name] for name in ("account_url", "management_url", "print_url")}
    async with Ezeep(RefreshToken(told["client_id"], told["token"]), **urls) as ezeep:
        printer = (await ezeep.print_api.printers())[0]
        await ezeep.printing.print_file(b"warm", printer, file_type="txt")
        before = peak()
        done: list[int] = []
        await ezeep.printing.print_file(
            path if kind == "disk" else pieces(megabytes),
            printer,
            file_type="pdf",
            progress=lambda progress: done.append(progress.done),
        )
        print(json.dumps({"grown": peak() - before, "done": done[-1], "steps": len(done)}), flush=True)


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), json.loads(sys.argv[4])))
