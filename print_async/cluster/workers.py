"""The workers of a `distributed` cluster, each with one client of a vendor. Needs the extra `dask`."""

import asyncio
import pickle
import uuid
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from print_async.errors import ClusterError, PrintAsyncError, WorkersLost

if TYPE_CHECKING:
    from distributed.deploy.cluster import Cluster

C = TypeVar("C")
R = TypeVar("R")

Dask = Any
"""A `distributed.Client`, most of whose methods have no types."""

_FAREWELL = 10.0
"""Seconds to wait for workers that are told to stop, some of which may be gone."""


class Workers(Generic[C]):
    """The workers of a cluster, each with one client, open as long as this is.

        def open_ezeep() -> Ezeep:
            return Ezeep(StoredCredential("client-id"), store=RedisTokenStore(os.environ["REDIS_URL"]))

        async with Workers("tcp://scheduler.acme.com:8786", open_ezeep) as workers:
            report = await run_batch_on(workers, add_to_group, rows, concurrency=20, once=None)

    Workers that join later, or take the place of one that died, get a client as well. Each runs the calls on its event
    loop, so a function that computes for long holds up that worker.

    Args:
        cluster: The scheduler's address, such as `tcp://host:8786`, or a cluster object of `distributed`.
        open_client: Called on each worker without arguments; returns the client, to be entered with `async with`. It is
            sent there by pickle: a function of a module that the workers can import, or a `functools.partial` of one
            with plain settings. Secrets are not pickled: let it read them where the worker runs, and let all workers
            share one token through a `RedisTokenStore`.
        timeout: Seconds to wait for the scheduler, and for the first worker.
        lease: Seconds after which workers stop, and close their clients, if this process has died, or has not let its
            event loop turn.

    Raises:
        ValueError: `timeout` or `lease` is not above 0.
        TypeError: On entering: `open_client` cannot be sent to the workers.
        ClusterError: On entering: there is no scheduler, or no worker in time.
        Exception: On entering: what `open_client` raised on a worker.
    """

    def __init__(
        self,
        cluster: "str | Cluster",
        open_client: Callable[[], AbstractAsyncContextManager[C]],
        *,
        timeout: float = 30.0,
        lease: float = 120.0,
    ) -> None:
        if timeout <= 0 or lease <= 0:
            raise ValueError("timeout and lease are seconds, and more than none")
        self._cluster = cluster
        self._open_client = open_client
        self._timeout = timeout
        self._lease = lease
        self._name = f"print-async-{uuid.uuid4().hex}"
        self._stack = AsyncExitStack()
        self._dask: Dask | None = None

    async def __aenter__(self) -> Self:
        sendable(self._open_client, "open_client")
        async with AsyncExitStack() as stack:
            self._dask = await stack.enter_async_context(_connected(self._cluster, self._timeout))
            await stack.enter_async_context(self._clients(self._dask))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._dask = None
        await self._stack.aclose()

    async def each(self, ask: Callable[[C], R]) -> list[R]:
        """Call a function with the client of every worker, such as to add up statistics; it is sent there by pickle.

        Raises:
            TypeError: It cannot be sent to the workers, or what it returns cannot be sent back.
            ClusterError: There is no client on a worker, or the workers are not open.
        """
        from print_async.cluster.plugin import ask as ask_worker

        with explained():
            answers = await self._client.run(ask_worker, self._name, sendable(ask, "the function"))
        return [pickle.loads(answer) for answer in answers.values()]  # noqa: S301 - from workers of our own

    async def threads(self) -> list[int]:
        """Return how many partitions each worker runs at a time: what `distributed` calls its threads."""
        with explained():
            return list((await self._client.nthreads()).values())

    async def partition(self, run: str, job: bytes, first: int, items: bytes) -> bytes:
        """Have a partition of a run worked through by any worker, and by another one if that dies.

        Args:
            run: The name of the run.
            job: What to do: a pickled `Job`.
            first: The place of its first item in the input.
            items: The items, pickled.

        Raises:
            WorkersLost: Workers died over it again and again.
            ClusterError: The cluster has lost it.
        """
        from print_async.cluster.plugin import partition

        key = f"{run}-{first}"
        future = self._client.submit(partition, self._name, run, job, first, items, key=key, pure=False)
        # Shielded: all results come by one exchange at a time, and to cancel one who waits for it breaks it for all.
        result: asyncio.Future[bytes] = asyncio.ensure_future(_awaited(future))
        try:
            with explained():
                return await asyncio.shield(result)
        finally:
            future.release()  # which ends the wait
            await asyncio.wait({result})
            if not result.cancelled():
                result.exception()

    async def stop(self, run: str) -> list[bytes]:
        """End a run on all workers, and return the packed results of the partitions that will never return theirs."""
        from print_async.cluster.plugin import stop

        try:
            async with asyncio.timeout(_FAREWELL):
                with explained():
                    found = await self._client.run(stop, self._name, run, on_error="ignore")
        except (TimeoutError, PrintAsyncError):
            return []  # whoever does not answer has lost its results as well
        return [each for each in found.values() if isinstance(each, bytes)]

    @property
    def _client(self) -> Dask:
        if self._dask is None:
            raise ClusterError("the workers are not open: enter `Workers` with `async with` first")
        return self._dask

    @asynccontextmanager
    async def _clients(self, dask: Dask) -> AsyncGenerator[None, None]:
        from print_async.cluster.plugin import WorkerClient

        keeper = asyncio.create_task(self._keep(dask))
        try:
            await dask.register_plugin(WorkerClient(self._open_client, self._lease), name=self._name)
            yield
        finally:
            keeper.cancel()
            await asyncio.wait({keeper})
            await _farewell(dask, self._name)

    async def _keep(self, dask: Dask) -> None:
        from print_async.cluster.plugin import renew

        while True:
            await asyncio.sleep(self._lease / 4)
            with suppress(PrintAsyncError), explained():  # tried again soon; whatever needs the workers says so
                await dask.run(renew, self._name, on_error="ignore")


def sendable(value: object, what: str) -> bytes:
    """Pickle something for the workers, functions of the main module and lambdas included.

    Raises:
        TypeError: It cannot be.
    """
    from distributed.protocol import pickle as with_main

    dumps: Callable[[object], bytes] = with_main.dumps
    try:
        return dumps(value)
    except Exception as error:
        raise TypeError(
            f"{what} cannot be sent to the workers ({error}). Have it hold plain values only, and get secrets and "
            "connections where it runs"
        ) from error


@contextmanager
def explained() -> Iterator[None]:
    """Turn what `distributed` raises, where it has lost something, into errors of ours."""
    from distributed import CancelledError, KilledWorker
    from distributed.comm.core import CommClosedError

    failure: ClusterError
    try:
        yield
    except KilledWorker as error:
        failure = WorkersLost(
            f"{error.allowed_failures + 1} workers in a row died while they had one partition (the last of them: "
            f"{error.last_worker.address}). Over that one, or one that they had at the same time: their logs tell why. "
            "Memory is the usual reason, and smaller partitions the remedy. What was reported is done; of that "
            "partition some items may be done as well"
        )
    except (CancelledError, CommClosedError, OSError) as error:
        failure = ClusterError(
            f"the cluster has lost the work ({type(error).__name__}: {error}): its scheduler ended, or cannot be "
            "reached any more. What was reported is done"
        )
    else:
        return
    raise failure


@asynccontextmanager
async def _connected(cluster: "str | Cluster", timeout: float) -> AsyncGenerator[Dask, None]:  # noqa: ASYNC109 - distributed's own
    import distributed

    client: Dask = distributed.Client
    address = cluster if isinstance(cluster, str) else cluster.scheduler_address
    security = getattr(cluster, "security", None)
    dask = client(address, asynchronous=True, set_as_default=False, timeout=timeout, security=security)
    try:
        await _reach(dask, address, timeout)
        yield dask
    finally:
        await dask.close()


async def _reach(dask: Dask, address: str, seconds: float) -> None:
    try:
        await dask
    except (OSError, ValueError) as error:
        raise ClusterError(f"there is no scheduler at {address} ({type(error).__name__}: {error})") from None
    try:
        await dask.wait_for_workers(1, timeout=seconds)
    except TimeoutError:
        raise ClusterError(f"the cluster has no worker, and none came in {seconds:g} s; nothing was begun") from None


async def _awaited(future: Any) -> bytes:
    content: bytes = await future
    return content


async def _farewell(dask: Dask, name: str) -> None:
    try:
        async with asyncio.timeout(_FAREWELL):
            with explained():
                await dask.unregister_worker_plugin(name)
    except (TimeoutError, PrintAsyncError):
        pass  # the workers are gone, and their clients with them
