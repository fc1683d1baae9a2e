"""Print a file with ezeep, and wait for the end of the job."""

import asyncio
import os
import sys

from ezeep_async import Ezeep
from ezeep_async.auth import RefreshToken
from ezeep_async.printing import Duplex, PrintOptions


async def main(path: str, printer: str) -> None:
    async with Ezeep(RefreshToken("client-id", os.environ["EZEEP_REFRESH_TOKEN"])) as ezeep:
        job = await ezeep.printing.print_file(path, printer, options=PrintOptions(copies=1, duplex=Duplex.LONG_EDGE))
        print(await job.wait(timeout=120))


asyncio.run(main(*sys.argv[1:]))
