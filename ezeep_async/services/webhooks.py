"""Webhook endpoints (source: rest_api/webhooks). What arrives there is for `ezeep_async.inbound`."""

from ezeep_async.models.webhooks import NewWebhookEndpoint, WebhookEndpoint
from print_async.service import Call, Service, operation


class Webhooks(Service):
    """Where ezeep reports print jobs to. Of the documented calls only the creation has a known path."""

    @operation("POST", "/webhooks/endpoints", scopes=("webhooks",), source="rest_api/webhooks")
    async def create_endpoint(self, call: Call, endpoint: NewWebhookEndpoint) -> WebhookEndpoint:
        """Create an endpoint. Not repeated after a failure: it could be created twice, and each report come twice."""
        return await call.fetch(WebhookEndpoint, json=endpoint)
