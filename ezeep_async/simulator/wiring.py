"""The three web applications and what stands before each of them: counting, faults, latency, refusals, the token."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

import attrs
from aiohttp import web

from ezeep_async.simulator.account import AccountUsers
from ezeep_async.simulator.answers import refusals
from ezeep_async.simulator.bearer import Guard
from ezeep_async.simulator.blob_storage import BlobStorage
from ezeep_async.simulator.directory import Directory
from ezeep_async.simulator.management import Groups, PrintingUsers
from ezeep_async.simulator.oauth import OAuth
from ezeep_async.simulator.paging import Lists
from ezeep_async.simulator.print_jobs import PrintJobs
from ezeep_async.simulator.printing import PrintApi
from ezeep_async.simulator.tokens import Tokens
from print_async.testing.faults import Faults
from print_async.testing.simulator import Handler, Middleware, Statistics, observe


class Routes(Protocol):
    """What answers under some paths."""

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        ...


@attrs.frozen(kw_only=True)
class Wiring:
    """The state that the three applications share."""

    directory: Directory
    tokens: Tokens
    statistics: Statistics
    faults: Faults
    lists: Lists
    latency: Callable[[], float]
    """Returns the seconds an answer takes at least, asked for each request."""

    def account(self, oauth: OAuth, more: Iterable[Routes] = ()) -> web.Application:
        """Make the application of the account host: OAuth, the account API, and what else is there."""
        app = self._application()
        users = AccountUsers(directory=self.directory, statistics=self.statistics, lists=self.lists)
        return _with(app, oauth, users, *more)

    def management(self, *, create_status: int, delete_status: int, more: Iterable[Routes] = ()) -> web.Application:
        """Make the application of the management host: groups, users, and what else is there."""
        app = self._application()
        groups = Groups(
            directory=self.directory,
            statistics=self.statistics,
            lists=self.lists,
            create_status=create_status,
            delete_status=delete_status,
        )
        users = PrintingUsers(directory=self.directory, statistics=self.statistics, lists=self.lists)
        return _with(app, groups, users, *more)

    def printing(self, jobs: PrintJobs, blobs: BlobStorage, blob_url: Callable[[], str]) -> web.Application:
        """Make the application of the print host."""
        app = self._application()
        PrintApi(jobs=jobs, blobs=blobs, blob_url=blob_url).register(app)
        return app

    def _application(self) -> web.Application:
        gates = [observe(self.statistics, self.faults), _delay(self.latency), refusals, Guard(self.tokens).middleware()]
        return web.Application(middlewares=gates)


def _with(app: web.Application, *all_routes: Routes) -> web.Application:
    for routes in all_routes:
        routes.register(app)
    return app


def _delay(latency: Callable[[], float]) -> Middleware:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if (seconds := latency()) > 0:
            await asyncio.sleep(seconds)
        return await handler(request)

    return middleware
