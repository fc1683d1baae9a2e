"""What ezeep calls: a receiver for its webhooks.

from ezeep_async.inbound import BasicCredentials, aiohttp_app, webhook_receiver

app.add_subapp("/ezeep", aiohttp_app(webhook_receiver(on_event, BasicCredentials("ezeep", password))))
"""

from ezeep_async.inbound.events import PrintJobReport, WebhookEvent
from ezeep_async.inbound.receiver import webhook_receiver
from print_async.inbound import Api, BasicCredentials, aiohttp_app, asgi_app

__all__ = [
    "Api",
    "BasicCredentials",
    "PrintJobReport",
    "WebhookEvent",
    "aiohttp_app",
    "asgi_app",
    "webhook_receiver",
]
