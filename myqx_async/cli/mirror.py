"""`myqx mirror`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import attrs
import typer

from myqx_async import mirror as fleet
from myqx_async.auth import server_url
from myqx_async.cli.connection import Connection, Server
from myqx_async.client import MyQX
from myqx_async.environment import myqx_from_environment
from print_async.cluster import Workers, mirror_on
from print_async.console.cluster import Cluster, Environment
from print_async.console.options import with_options
from print_async.console.parquet import Parquet, check_parquet, write_parquet
from print_async.console.progress import ProgressDisplay
from print_async.console.run import run, summarize_mirror
from print_async.cost import Cost
from print_async.mirror import MirrorReport, mirror


@with_options
def mirror_command(
    out: Annotated[Path, typer.Option(help="The SQLite file.")] = Path("fleet.sqlite"),
    page_size: Annotated[int, typer.Option(min=1, help="Users to ask for in each page.")] = 100,
    concurrency: Annotated[int, typer.Option(min=1, help="Pages of users to fetch at a time; not for --dask.")] = 4,
    parquet: Parquet = None,
    *,
    server: Server,
    cluster: Cluster,
) -> None:
    """Copy users, printers and queues into a SQLite file.

    Interrupted in any way, the next run goes on from where it was.
    """

    async def command() -> None:
        cluster.check(simulated=server.simulate)
        check_parquet(parquet)
        job = _Job(out, page_size, concurrency)
        opener = partial(myqx_from_environment, per_second=cluster.per_second)
        if cluster.address is not None:
            source = _source(server)
            async with Workers(cluster.address, partial(opener, source)) as workers:
                await job.on(workers, source)
        else:
            async with server.connect() as opened:
                if cluster.dask:
                    async with cluster.here(opener, _environment(opened)) as workers:
                        await job.on(workers, opened.source)
                else:
                    await job.here(opened)
        await write_parquet(out, parquet)

    run(command)


@attrs.frozen
class _Job:
    """A mirror to make."""

    out: Path
    page_size: int
    concurrency: int

    async def here(self, opened: Connection) -> None:
        """Make it from this process."""
        stages = fleet.stages(opened.myqx, page_size=self.page_size, concurrency=self.concurrency)
        with ProgressDisplay() as display:
            report = await mirror(self.out, stages, source=opened.source, progress=display.show)
        _summarize(report, self.out, Cost.of(opened.myqx))

    async def on(self, workers: Workers[MyQX], source: str) -> None:
        """Make it with the workers of a cluster."""
        stages = partial(fleet.stages, page_size=self.page_size)
        with ProgressDisplay() as display:
            report = await mirror_on(workers, self.out, stages, source=source, progress=display.show)
        _summarize(report, self.out, Cost.total(await workers.each(Cost.of)))


def _summarize(report: MirrorReport, out: Path, cost: Cost) -> None:
    # An application has no refresh tokens: it signs in again.
    summarize_mirror(report, out=str(out), refreshes=max(0, cost.sign_ins + cost.refreshes - 1), cost=cost)


def _source(server: Server) -> str:
    if server.url is None:
        raise ValueError("which server is it about? Set MYQX_URL or --url, as in the environment of the workers")
    return server_url(server.url)


def _environment(opened: Connection) -> Environment:
    if opened.environment is None:
        raise ValueError(
            "over a cluster the application itself has to be signed in: run `myqx login` with --client-credentials"
        )
    return opened.environment
