"""`/webhooks/endpoints`, without a slash at the end. Only the creation is documented with its path.

Source: apidocs.ezeep.com, rest_api/webhooks.
"""

from uuid import uuid4

import attrs
from aiohttp import web

from ezeep_async.simulator.answers import answer, invalid, read_object
from ezeep_async.simulator.bearer import require_scope
from ezeep_async.simulator.fields import Check, checked, flag, one_of, some_of, text, url
from print_async.testing.simulator import Statistics

_NEW: dict[str, Check] = {
    "name": text(least=1),
    "url": url,
    "topics": some_of("printjob_succeeded", "printjob_failed"),
    "disabled": flag,
    "authentication_scheme": one_of("basic"),
    "basic_username": text(),
    "basic_password": text(),
}


@attrs.frozen(kw_only=True)
class Webhooks:
    """The route, and the endpoints."""

    statistics: Statistics
    create_status: int
    endpoints: list[dict[str, object]] = attrs.field(factory=list)

    def register(self, app: web.Application) -> None:
        """Add the route."""
        app.router.add_route("POST", "/webhooks/endpoints", self.create)

    async def create(self, request: web.Request) -> web.StreamResponse:
        """Create an endpoint, and answer it with its password."""
        require_scope(request, "webhooks")
        fields = checked(await read_object(request), _NEW, ("name", "url"))
        if "authentication_scheme" in fields and not {"basic_username", "basic_password"} <= fields.keys():
            raise invalid("authentication_scheme", "basic needs basic_username and basic_password.")
        endpoint: dict[str, object] = {"endpoint_id": str(uuid4()), "topics": [], "disabled": False, **fields}
        self.endpoints.append(endpoint)
        self.statistics.mutations[f"endpoint-created:{endpoint['endpoint_id']}"] += 1
        return answer(endpoint, self.create_status)
