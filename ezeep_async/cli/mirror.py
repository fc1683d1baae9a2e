"""`ezeep mirror`."""

from pathlib import Path
from typing import Annotated

import typer

from ezeep_async import mirror as directory
from ezeep_async.cli.connection import Server
from print_async.console.options import with_options
from print_async.console.progress import ProgressDisplay
from print_async.console.run import run, summarize_mirror
from print_async.mirror import mirror


@with_options
def mirror_command(
    out: Annotated[Path, typer.Option(help="The SQLite file.")] = Path("directory.sqlite"),
    page_size: Annotated[int, typer.Option(min=1, help="Items to ask for in each page.")] = 100,
    *,
    server: Server,
) -> None:
    """Copy the whole directory (groups, users, memberships, names and e-mail addresses) into a SQLite file.

    Interrupted in any way, the next run goes on from where it was.
    """

    async def command() -> None:
        async with server.connect() as connection:
            ezeep = connection.ezeep
            with ProgressDisplay() as display:
                report = await mirror(
                    out,
                    directory.stages(ezeep, page_size=page_size),
                    source=connection.source,
                    views=directory.VIEWS,
                    progress=display.show,
                )
            session = ezeep.session.statistics
            summarize_mirror(
                report,
                out=str(out),
                refreshes=session.refreshes,
                unauthorized=session.unauthorized,
                retries=ezeep.statistics.retries,
            )

    run(command)
