"""The storage example in a process of its own, whose memory can be measured. Arguments: the server, the folder."""

import asyncio
import re
import sys
from pathlib import Path
from runpy import run_path

from myqx_async.inbound import external_storage
from tests.print_async.inbound.serving import CREDENTIALS, serve

EXAMPLE = Path(__file__).parents[3] / "examples" / "myqx_storage.py"


async def main(kind: str, folder: str) -> None:
    """Serve until the input ends; print the port first, and the peak of memory in KiB at the start and at the end."""
    storage = run_path(str(EXAMPLE), run_name="example")["FolderStorage"](Path(folder))
    async with serve(kind, external_storage(storage, CREDENTIALS)) as server:
        print(server.port, peak(), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        print(peak(), flush=True)


def peak() -> int:
    """Return the most memory that this program has had, in KiB."""
    # Not getrusage: that counts from before the program was loaded, when the process was a copy of its parent.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)[0])


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
