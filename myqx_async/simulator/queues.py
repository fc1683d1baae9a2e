"""The operations on queues, below `/api/v3/queues`.

Source: `en/rad/v4/queues`. Made up are the values, that a filter's value that does not exist finds nothing, and who may
print to a queue: the first five users, to a private one only the first two.
"""

from typing import Final

import attrs
import msgspec
from aiohttp import web

from myqx_async.simulator.access import CLIENT, Gate
from myqx_async.simulator.answers import Refusal, answer, read, written
from myqx_async.simulator.directory import Directory
from myqx_async.simulator.paging import includes
from myqx_async.simulator.printers import Fleet
from myqx_async.simulator.settings import Settings
from print_async.testing.simulator import Statistics

FIRST_ID: Final = 1
IPPS_PORT: Final = 8631
AIRPRINT_PORT: Final = 8632
_SCOPE: Final = "queues"
_NAMES: Final = ("Follow me", "A3/A4 colour", "Übergröße & Plot", "Reception", "50% toner")
_PROTOCOLS: Final = (("air", "ipps", "lpr"), ("ipps", "raw"), ("lpr",), ("air", "ipps", "lpr", "raw"))


class Queue(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A queue as the API answers it."""

    id: int
    name: str
    type: str
    private: bool
    available_protocols: tuple[str, ...]
    printer_id: int
    client: dict[str, dict[str, bool]] | msgspec.UnsetType = msgspec.UNSET
    """Only with `include=client`."""


class Assignment(msgspec.Struct):
    """The body that gives a queue a printer."""

    printer: int


@attrs.define
class Spool:
    """A queue, and what the API does not show of it."""

    queue: Queue
    online: bool
    interaction: dict[str, bool]

    def show(self, parts: frozenset[str]) -> Queue:
        """Return the queue with the parts that were asked for."""
        if "client" not in parts:
            return self.queue
        return msgspec.structs.replace(self.queue, client={"interaction": self.interaction})


def make_spools(count: int, printers: int) -> list[Spool]:
    """Make the queues; every fourth is offline. Their names need percent-encoding in a path."""
    return [_make_spool(index, printers) for index in range(count)]


def _make_spool(index: int, printers: int) -> Spool:
    name, again = _NAMES[index % len(_NAMES)], index // len(_NAMES)
    queue = Queue(
        id=FIRST_ID + index,
        name=f"{name} {again + 1}" if again else name,
        type="follow",
        private=index % 3 == 2,
        available_protocols=_PROTOCOLS[index % len(_PROTOCOLS)],
        printer_id=index % printers + 1 if printers else 0,
    )
    return Spool(queue, index % 4 != 3, {"project": index % 2 == 0, "paymentAccount": index % 3 == 0})


@attrs.frozen
class QueueRoutes:
    """The routes on queues."""

    settings: Settings
    stats: Statistics
    gate: Gate
    directory: Directory
    fleet: Fleet
    spools: list[Spool]

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, for an application."""
        return [
            web.get("/api/v3/queues", self.list),
            web.get("/api/v3/queues/name:{name}", self.by_name),
            web.get("/api/v3/queues/name:{name}/users", self.users),
            web.get("/api/v3/queues/{id:[0-9]{1,18}}/users", self.users),
            web.post("/api/v3/queues/{id:[0-9]{1,18}}/printers", self.assign),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """Answer the queues that pass the filters; those offline are hidden unless asked for."""
        self.gate.admit(request, kinds=CLIENT, scope=_SCOPE)
        state, protocol = request.query.get("state", "online"), request.query.get("protocol")
        states = {"online": {True}, "offline": {False}, "all": {True, False}}.get(state, set[bool]())
        found = [
            spool.show(includes(request))
            for spool in self.spools
            if spool.online in states and (protocol is None or protocol in spool.queue.available_protocols)
        ]
        return answer({"queues": found, "count": len(found), "ippsPort": IPPS_PORT, "airPrintPort": AIRPRINT_PORT})

    async def by_name(self, request: web.Request) -> web.Response:
        """Answer the queue of that name, online or not."""
        self.gate.admit(request, kinds=CLIENT, scope=_SCOPE)
        return answer(self._spool(request).show(includes(request)))

    async def users(self, request: web.Request) -> web.Response:
        """Answer who may print to a queue, as a bare array."""
        self.gate.admit(request, kinds=CLIENT, scope=_SCOPE)
        allowed = range(2 if self._spool(request).queue.private else 5)
        users = [self.directory.user(index) for index in allowed if self.directory.lives(index)]
        return answer([{"id": user.id, "username": user.username, "fullname": user.fullname} for user in users])

    async def assign(self, request: web.Request) -> web.Response:
        """Give a queue a printer."""
        self.gate.admit(request, kinds=CLIENT, scope=_SCOPE)
        spool, printer_id = self._spool(request), (await read(request, Assignment)).printer
        self.fleet.device(printer_id)
        spool.queue = msgspec.structs.replace(spool.queue, printer_id=printer_id)
        self.stats.mutations[f"queue-assigned:{spool.queue.id}"] += 1
        return written({}, self.settings)

    def _spool(self, request: web.Request) -> Spool:
        wanted = request.match_info
        for spool in self.spools:
            if spool.queue.name == wanted.get("name") or str(spool.queue.id) == wanted.get("id"):
                return spool
        raise Refusal(404, "Queue not found")
