"""The options of a command that can be run on the workers of a cluster, and the workers."""

import importlib.util
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, TypeVar

import attrs
import typer

from print_async.cluster import Workers, local_cluster
from print_async.environment import TOKENS
from print_async.secret import Secret

C = TypeVar("C")

Environment = Mapping[str, str]
"""Variables for the workers on this machine. Those that are a `Secret` are handed over in files of theirs."""


@attrs.frozen(kw_only=True)
class Cluster:
    """Where a command is to run, as its options say."""

    dask: Annotated[bool, typer.Option("--dask", help="Read with the workers of a Dask cluster.")] = False
    address: Annotated[
        str | None,
        typer.Argument(
            metavar="ADDRESS",
            help="With --dask: of the cluster's scheduler, tcp://...; without it, workers are started on this machine.",
            show_default=False,
        ),
    ] = None
    workers: Annotated[int, typer.Option("--workers", min=1, help="With --dask and no address: how many.")] = 4
    per_second: Annotated[
        float | None,
        typer.Option(
            "--per-second",
            help="With --dask: the most requests in a second, of all workers together; over Redis, so "
            "PRINT_ASYNC_REDIS_URL has to be set where they run.",
            show_default=False,
        ),
    ] = None

    def check(self, *, simulated: bool) -> None:
        """Raise `ValueError` for options that do not fit together, or lack what they need.

        Args:
            simulated: Whether it is about the simulator of this very command.
        """
        if self.address is not None and not self.dask:
            raise ValueError(f"{self.address}: the address of a scheduler goes with --dask")
        if self.address is not None and simulated:
            raise ValueError("--simulate is for workers on this machine: leave out the address")
        if self.per_second is not None and not (self.dask and self.per_second > 0):
            raise ValueError("--per-second is a number above 0, and goes with --dask")
        if self.dask and importlib.util.find_spec("distributed") is None:
            raise ValueError("--dask needs an extra: python -m pip install 'print-async[dask]'")

    @asynccontextmanager
    async def here(
        self, open_client: Callable[[], AbstractAsyncContextManager[C]], environment: Environment
    ) -> AsyncIterator[Workers[C]]:
        """Open workers on this machine.

        Args:
            open_client: See `print_async.cluster.Workers`.
            environment: What they find their credential by. If it names no token file, there is one for as long.
        """
        with TemporaryDirectory(prefix="print-async-") as folder:
            told = _plain({TOKENS: str(Path(folder, "tokens.json")), **environment}, Path(folder))
            async with (
                local_cluster(self.workers, environment=told) as cluster,
                Workers(cluster, open_client) as opened,
            ):
                yield opened


def _plain(environment: Environment, folder: Path) -> dict[str, str]:
    plain = {name: value for name, value in environment.items() if not isinstance(value, Secret)}
    for name, value in environment.items():
        if isinstance(value, Secret):
            path = folder / name
            path.touch(0o600)
            path.write_text(value.reveal(), encoding="utf-8")
            plain |= {name: "", f"{name}_FILE": str(path)}
    return plain
