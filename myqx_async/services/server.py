"""The server itself (source: rad/v4/rest-api-basic-guide)."""

from collections.abc import Mapping
from typing import Any

from print_async.service import Call, Service, operation


class Server(Service):
    """The server's own settings."""

    @operation("GET", "/v3/server/config", source="rad/v4/rest-api-basic-guide")
    async def config(self, call: Call) -> Mapping[str, Any]:
        """Return the general settings: language, currency, printing methods, job formats, accounting mode and more.

        MyQ does not document the names of the fields, so this is what the server sent.
        """
        return await call.fetch(dict[str, Any])
