"""`GET /api/v3/server/config`: the server's general settings (`en/rad/v4/rest-api-basic-guide`).

The documents say what is in it (language, currency, printing methods, accepted formats, accounting mode) and show the
field names nowhere: every name here is made up. Any token may read it.
"""

from typing import Final

import attrs
from aiohttp import web

from myqx_async.simulator.access import ANY, Gate
from myqx_async.simulator.answers import answer

CONFIG: Final[dict[str, object]] = {
    "version": "10.2.0",
    "language": "en",
    "currency": "EUR",
    "printMethods": ["ipps", "lpr", "raw", "airPrint"],
    "jobFormats": ["pdf", "ps", "pcl"],
    "accountingMode": "accountingGroup",
}


@attrs.frozen
class ServerRoutes:
    """The routes on the server itself."""

    gate: Gate

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, for an application."""
        return [web.get("/api/v3/server/config", self.config)]

    async def config(self, request: web.Request) -> web.Response:
        """Answer the general settings."""
        self.gate.admit(request, kinds=ANY)
        return answer(CONFIG)
