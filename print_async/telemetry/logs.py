"""The log: the same events, on the loggers `print_async.call` and `print_async.auth`, with their facts as extras.

A record's `print_async` attribute is a dict of what the event has, for a formatter that writes JSON. Requests, answers
and new tokens are logged at DEBUG, retries at INFO, a refresh that failed at WARNING. No record has a secret in it.
"""

import logging

import attrs

from print_async.telemetry.events import RefreshEvent, RequestEvent, ResponseEvent, RetryEvent
from print_async.telemetry.hooks import Hooks

CALLS = logging.getLogger("print_async.call")
TOKENS = logging.getLogger("print_async.auth")


def _on_request(event: RequestEvent) -> None:
    CALLS.debug("%s %s", event.method, event.url, extra=_facts(event))


def _on_response(event: ResponseEvent) -> None:
    request = event.request
    facts = {**_facts(request)["print_async"], **_facts(event)["print_async"]}
    answer = event.status if event.error is None else type(event.error).__name__
    CALLS.debug(
        "%s %s: %s after %.3f s", request.method, request.url, answer, event.seconds, extra={"print_async": facts}
    )


def _on_retry(event: RetryEvent) -> None:
    text = "%s %s is sent again in %.3f s, after attempt %d: %s"
    CALLS.info(text, event.method, event.url, event.pause, event.attempt, event.error, extra=_facts(event))


def _on_refresh(event: RefreshEvent) -> None:
    if event.error is None:
        text = "token of generation %s, by %s, after %.3f s"
        TOKENS.debug(text, event.generation, event.outcome, event.seconds, extra=_facts(event))
    else:
        # Where no token is left somebody waits for it, and gets the error.
        level = logging.WARNING if event.usable else logging.DEBUG
        TOKENS.log(level, "no new token after %.3f s: %s", event.seconds, event.error, extra=_facts(event))


LOG = Hooks(on_request=_on_request, on_response=_on_response, on_retry=_on_retry, on_refresh=_on_refresh)


def _facts(event: attrs.AttrsInstance) -> dict[str, dict[str, object]]:
    facts = {field.name: getattr(event, field.name) for field in attrs.fields(type(event))}
    error = facts.get("error")
    facts = {name: value for name, value in facts.items() if name != "request"}
    return {"print_async": {**facts, "error": None if error is None else type(error).__name__}}
