"""The command line of MyQ X. Needs the extra `cli`.

The server and the credential come from options and the environment: MYQX_URL, MYQX_CA_FILE, MYQX_CLIENT_ID and
MYQX_CLIENT_SECRET. `--simulate` needs none: it starts the built-in simulator for the time of the command.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import attrs
import typer

from myqx_async import mirror as fleet
from myqx_async.auth import ClientCredentials
from myqx_async.client import MyQX
from print_async.console import ProgressDisplay, run, summarize_mirror, summarize_simulator
from print_async.mirror import mirror
from print_async.transports.aiohttp import AiohttpTransport

app: typer.Typer = typer.Typer(
    help="MyQ X from the command line.", no_args_is_help=True, pretty_exceptions_show_locals=False
)

_SCOPE = "users printers queues"


@app.callback()
def main() -> None:
    """MyQ X from the command line."""


@attrs.frozen
class _Connection:
    """A client, and what it is connected to."""

    myqx: MyQX
    source: str


@asynccontextmanager
async def _connected(url: str | None, ca_file: Path | None) -> AsyncIterator[_Connection]:
    missing = [name for name in ("MYQX_CLIENT_ID", "MYQX_CLIENT_SECRET") if not os.environ.get(name)]
    if url is None or missing:
        wanted = [*(["MYQX_URL (or --url)"] if url is None else []), *missing]
        raise ValueError(f"set {' and '.join(wanted)} in the environment, or try --simulate")
    grant = ClientCredentials(os.environ["MYQX_CLIENT_ID"], os.environ["MYQX_CLIENT_SECRET"], scope=_SCOPE)
    async with MyQX(url, grant, transport=AiohttpTransport(ca_file=ca_file)) as myqx:
        yield _Connection(myqx, url)


@asynccontextmanager
async def _simulated(users: int, token_seconds: float, latency: float) -> AsyncIterator[_Connection]:
    from myqx_async.simulator import MyQXSimulator

    async with MyQXSimulator(users, token_seconds=token_seconds, latency=latency) as simulator:
        transport = AiohttpTransport(ca_file=simulator.ca_file)
        async with MyQX(simulator.url, simulator.grant(_SCOPE), transport=transport) as myqx:
            yield _Connection(myqx, f"simulator with {users} users")
        summarize_simulator(simulator.stats)


@app.command("mirror")
def mirror_command(
    out: Annotated[Path, typer.Option(help="The SQLite file.")] = Path("fleet.sqlite"),
    url: Annotated[str | None, typer.Option(envvar="MYQX_URL", help="Of the server, without /api.")] = None,
    ca_file: Annotated[
        Path | None, typer.Option(envvar="MYQX_CA_FILE", help="PEM file of the server's certificate authority.")
    ] = None,
    page_size: Annotated[int, typer.Option(min=1, help="Users to ask for in each page.")] = 100,
    simulate: Annotated[bool, typer.Option("--simulate", help="Use the built-in simulator instead.")] = False,
    users: Annotated[int, typer.Option(min=0, help="With --simulate: how many users it has.")] = 2_000,
    token_seconds: Annotated[float, typer.Option(help="With --simulate: how long its tokens live.")] = 1800.0,
    latency: Annotated[float, typer.Option(min=0, help="With --simulate: seconds before each answer.")] = 0.01,
) -> None:
    """Copy users, printers and queues into a SQLite file.

    Interrupted in any way, the next run goes on from where it was.
    """

    async def command() -> None:
        connection = _simulated(users, token_seconds, latency) if simulate else _connected(url, ca_file)
        async with connection as connected:
            myqx = connected.myqx
            with ProgressDisplay() as display:
                report = await mirror(
                    out, fleet.stages(myqx, page_size=page_size), source=connected.source, progress=display.show
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
