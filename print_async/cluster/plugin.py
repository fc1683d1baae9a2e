"""What is put into each worker of a `distributed` cluster: one client that lives as long as the worker, or we, want it.

The only module that needs `distributed` to be imported.
"""

import asyncio
import pickle
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, Generic, TypeVar

from distributed import Worker, WorkerPlugin, get_worker

from print_async.cluster.work import Run, packed
from print_async.errors import ClusterError

C = TypeVar("C")
R = TypeVar("R")


class WorkerClient(WorkerPlugin, Generic[C]):
    """Opens a client on a worker's own event loop, runs partitions with it, and closes it with the worker.

    Args:
        open_client: Returns the client as an async context manager.
        lease: Seconds after which it stops and closes by itself, unless `renew` was called meanwhile: whoever wanted it
            may have died.
    """

    def __init__(self, open_client: Callable[[], AbstractAsyncContextManager[C]], lease: float) -> None:
        self._open = open_client
        self._lease = lease
        self._runs: dict[str, Run[C]] = {}
        self._over: set[str] = set()

    async def setup(self, worker: Worker) -> None:
        """Open the client; what that raises is raised where the plugin is registered, and by every use later on."""
        self._address = worker.address
        self._closing = asyncio.Event()
        self._renewed = asyncio.Event()
        self._opened: asyncio.Future[C] = asyncio.get_running_loop().create_future()
        self._holder = asyncio.create_task(self._hold())
        await self._opened

    async def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - the plugin's signature
        """Stop what runs, and close the client."""
        self._closing.set()
        await self._holder

    def renew(self) -> None:
        """Go on for another lease."""
        self._renewed.set()

    def client(self) -> C:
        """Return the client.

        Raises:
            ClusterError: It could not be opened on this worker, or is closed.
        """
        if self._closing.is_set():
            raise ClusterError(f"the worker {self._address} has closed its client: nobody has asked for it in time")
        failure = self._opened.exception()
        if failure is not None:
            text = f"{type(failure).__name__}: {failure}"
            raise ClusterError(f"the client could not be opened on the worker {self._address}: {text}") from None
        return self._opened.result()

    async def partition(self, run: str, job: bytes, first: int, items: bytes) -> bytes:
        """Work through a partition of a run, and return packed results."""
        if run in self._over:
            return packed([])  # it was on its way when the run ended
        if run not in self._runs:
            self._runs[run] = Run(pickle.loads(job), self.client())  # noqa: S301 - workers run whatever they are sent
        return await self._runs[run].partition(first, pickle.loads(items))  # noqa: S301 - see above

    async def stop(self, run: str) -> bytes:
        """End a run, and return the packed results of the partitions that will never return theirs."""
        self._over.add(run)
        return await self._runs.pop(run).stop() if run in self._runs else packed([])

    async def _hold(self) -> None:
        # A task of its own, for a context manager may want to be left by the task that entered it.
        try:
            async with self._open() as client:
                self._opened.set_result(client)
                keeper = asyncio.create_task(self._keep())
                await self._closing.wait()
                for name in list(self._runs):
                    await self.stop(name)
                keeper.cancel()
        except Exception as error:
            if self._opened.done():
                raise
            self._opened.set_exception(error)

    async def _keep(self) -> None:
        with suppress(TimeoutError):
            while True:
                self._renewed.clear()
                await asyncio.wait_for(self._renewed.wait(), self._lease)
        self._closing.set()


async def renew(plugin: str, dask_worker: Worker) -> None:
    """Let a worker's client go on; see `WorkerClient.renew`."""
    _plugin(dask_worker, plugin).renew()


async def partition(plugin: str, run: str, job: bytes, first: int, items: bytes) -> bytes:
    """Work through a partition of a run, on the worker that this is sent to."""
    return await _plugin(get_worker(), plugin).partition(run, job, first, items)


async def stop(plugin: str, run: str, dask_worker: Worker) -> bytes:
    """End a run on a worker; see `WorkerClient.stop`."""
    return await _plugin(dask_worker, plugin).stop(run)


async def ask(plugin: str, question: bytes, dask_worker: Worker) -> bytes:
    """Call a function with a worker's client, and return what it returns, pickled."""
    return pickle.dumps(pickle.loads(question)(_plugin(dask_worker, plugin).client()))  # noqa: S301 - see above


def _plugin(worker: Worker, name: str) -> WorkerClient[Any]:
    found = worker.plugins.get(name)
    if not isinstance(found, WorkerClient):
        raise ClusterError(f"the worker {worker.address} has no client of ours; were the workers closed meanwhile?")
    return found
