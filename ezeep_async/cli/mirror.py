"""`ezeep mirror`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import attrs
import typer

from ezeep_async import mirror as directory
from ezeep_async.cli.connection import Connection, Server
from ezeep_async.client import Ezeep
from ezeep_async.environment import ezeep_from_environment, server_urls
from print_async.cluster import Workers, mirror_on
from print_async.console.cluster import Cluster
from print_async.console.options import with_options
from print_async.console.parquet import Parquet, check_parquet, write_parquet
from print_async.console.progress import ProgressDisplay
from print_async.console.run import run, summarize_mirror
from print_async.cost import Cost
from print_async.mirror import MirrorReport, mirror


@with_options
def mirror_command(
    out: Annotated[Path, typer.Option(help="The SQLite file.")] = Path("directory.sqlite"),
    page_size: Annotated[int, typer.Option(min=1, help="Items to ask for in each page.")] = 100,
    concurrency: Annotated[int, typer.Option(min=1, help="Pages to fetch at a time; not for --dask.")] = 16,
    parquet: Parquet = None,
    *,
    server: Server,
    cluster: Cluster,
) -> None:
    """Copy the whole directory (groups, users, memberships, names and e-mail addresses) into a SQLite file.

    Interrupted in any way, the next run goes on from where it was.
    """

    async def command() -> None:
        cluster.check(simulated=server.simulate)
        check_parquet(parquet)
        job = _Job(out, page_size, concurrency)
        opener = partial(ezeep_from_environment, per_second=cluster.per_second)
        if cluster.address is not None:
            source = server_urls()[0]
            async with Workers(cluster.address, partial(opener, source)) as workers:
                await job.on(workers, source)
        else:
            async with server.connect() as connection:
                if cluster.dask:
                    async with cluster.here(opener, connection.environment) as workers:
                        await job.on(workers, connection.source)
                else:
                    await job.here(connection)
        await write_parquet(out, parquet)

    run(command)


@attrs.frozen
class _Job:
    """A mirror to make."""

    out: Path
    page_size: int
    concurrency: int

    async def here(self, connection: Connection) -> None:
        """Make it from this process."""
        stages = directory.stages(connection.ezeep, page_size=self.page_size, concurrency=self.concurrency)
        with ProgressDisplay() as display:
            report = await mirror(
                self.out, stages, source=connection.source, views=directory.VIEWS, progress=display.show
            )
        _summarize(report, self.out, Cost.of(connection.ezeep))

    async def on(self, workers: Workers[Ezeep], source: str) -> None:
        """Make it with the workers of a cluster."""
        # The stretches that a worker reads side by side leave nothing to be fetched ahead.
        stages = partial(directory.stages, page_size=self.page_size, prefetch=0)
        with ProgressDisplay() as display:
            report = await mirror_on(
                workers, self.out, stages, source=source, views=directory.VIEWS, progress=display.show
            )
        _summarize(report, self.out, Cost.total(await workers.each(Cost.of)))


def _summarize(report: MirrorReport, out: Path, cost: Cost) -> None:
    summarize_mirror(report, out=str(out), refreshes=cost.refreshes, cost=cost)
