"""`ezeep jobs`."""

from typing import Annotated

import typer

from ezeep_async.cli.connection import Server
from ezeep_async.models import PrintJobStatus
from print_async.console.options import Json, with_options
from print_async.console.run import run
from print_async.console.tables import show_json, show_records

_LARGEST_PAGE = 100


@with_options
def jobs(
    status: Annotated[PrintJobStatus | None, typer.Option(case_sensitive=False, help="Only those.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20,
    as_json: Json = False,
    *,
    server: Server,
) -> None:
    """List print jobs, the newest first. ezeep does not document their fields: they are shown as they come."""

    async def command() -> None:
        async with server.connect() as connection:
            walk = connection.ezeep.printjobs.list(
                status=status, newest_first=True, page_size=min(limit, _LARGEST_PAGE), prefetch=0
            )
            found = await walk.collect(limit=limit)
        if as_json:
            show_json(found)
        elif found:
            show_records(found)
        else:
            typer.echo("there are no such print jobs", err=True)

    run(command)
