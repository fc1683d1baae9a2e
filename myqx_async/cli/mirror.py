"""`myqx mirror`."""

from pathlib import Path
from typing import Annotated

import typer

from myqx_async import mirror as fleet
from myqx_async.cli.connection import Server
from print_async.console.options import with_options
from print_async.console.progress import ProgressDisplay
from print_async.console.run import run, summarize_mirror
from print_async.mirror import mirror


@with_options
def mirror_command(
    out: Annotated[Path, typer.Option(help="The SQLite file.")] = Path("fleet.sqlite"),
    page_size: Annotated[int, typer.Option(min=1, help="Users to ask for in each page.")] = 100,
    *,
    server: Server,
) -> None:
    """Copy users, printers and queues into a SQLite file.

    Interrupted in any way, the next run goes on from where it was.
    """

    async def command() -> None:
        async with server.connect() as opened:
            myqx = opened.myqx
            with ProgressDisplay() as display:
                report = await mirror(
                    out, fleet.stages(myqx, page_size=page_size), source=opened.source, progress=display.show
                )
            session = myqx.session.statistics
            summarize_mirror(
                report,
                out=str(out),
                refreshes=max(0, session.sign_ins + session.refreshes - 1),
                unauthorized=session.unauthorized,
                retries=myqx.statistics.retries,
            )

    run(command)
