"""The operations on queues, below `/api/v3/queues`.

Source: `en/rad/v4/queues`. Made up are the values, and that a filter's value that does not exist finds nothing.
"""

from typing import Final

import attrs
import msgspec
from aiohttp import web

from myqx_async.simulator.access import CLIENT, Gate
from myqx_async.simulator.answers import Refusal, answer
from myqx_async.simulator.paging import includes

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


@attrs.frozen
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

    gate: Gate
    spools: list[Spool]

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, for an application."""
        return [
            web.get("/api/v3/queues", self.list),
            web.get("/api/v3/queues/name:{name}", self.by_name),
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
        for spool in self.spools:
            if spool.queue.name == request.match_info["name"]:
                return answer(spool.show(includes(request)))
        raise Refusal(404, "Queue not found")
