"""A receiver for ezeep's webhooks. HTTP Basic is documented (rest_api/webhooks); the payload was seen in a client."""

import logging
from collections.abc import Awaitable, Callable

from ezeep_async.inbound.events import PrintJobReport, WebhookEvent
from print_async.codec import decode, decode_plain
from print_async.errors import DecodeError
from print_async.inbound.api import Api
from print_async.inbound.basic import BasicCredentials
from print_async.inbound.errors import BadRequest
from print_async.inbound.exchange import Answer, Call
from print_async.inbound.routes import Route
from print_async.model import model

MAX_EVENT = 1024**2
"""Bytes in a delivery, unless said otherwise: one MiB."""
_log = logging.getLogger("print_async.inbound")


def webhook_receiver(
    handler: Callable[[WebhookEvent], Awaitable[None]], credentials: BasicCredentials, *, max_event: int = MAX_EVENT
) -> Api:
    """Return the API, to be mounted, to which ezeep delivers its webhooks: the `url` of the endpoint is where it is.

    ezeep documents no signature: `credentials`, the endpoint's `basic_username` and `basic_password`, are all that
    tells its deliveries from others, so take a password that nobody can guess.

    Args:
        handler: Called for each delivery; when it returns, ezeep gets 204. If it raises, that is logged and ezeep gets
            500, and may deliver again; whether and how often it does is not documented. So do in it what can be done
            twice (by `printjob_id`), and keep it short: how long ezeep waits is not documented either.
        credentials: What ezeep must send.
        max_event: Bytes in a delivery; more gets 413.
    """

    async def receive(call: Call) -> Answer:
        await handler(_event(await call.body.read()))
        return Answer(204)

    return Api("ezeep webhooks", credentials, (Route("POST", "/", receive, max_event),))


@model
class _Content:
    printjob: PrintJobReport | None = None


@model
class _Delivery:
    content: _Content | None = None


def _event(body: bytes) -> WebhookEvent:
    try:
        raw = decode_plain(body)
    except DecodeError:
        raise BadRequest("the body is not JSON") from None
    if not isinstance(raw, dict):
        raise BadRequest("the body is not a JSON object")
    try:
        content = decode(body, _Delivery).content
    except DecodeError as error:
        fault = str(error).partition(": ")[2]
        _log.warning("ezeep webhooks: a delivery is not as it was seen to be, so only `raw` has it: %s", fault)
        content = None
    return WebhookEvent(content.printjob if content else None, raw)
