"""The log: the same events, on loggers of `logging`, with their facts as extras.

    print_async.call    DEBUG a request, its answer; INFO a retry
    print_async.auth    DEBUG a new token; WARNING a refresh that failed while there is still a token to go on with
    print_async.limits  DEBUG more requests at a time; INFO fewer

What ends in an error that somebody gets is no warning as well, nor is what comes right by itself: in a batch of a
million calls that would be a flood.

A record's `print_async` attribute is a dict with the event's name and what it has, for a formatter that writes JSON:
texts, numbers, booleans and `None`; of an error, the class. No record has a secret in it.
"""

import logging
from collections.abc import Iterator

import attrs

from print_async.telemetry.events import LimitChange, RefreshEvent, RequestEvent, ResponseEvent, RetryEvent
from print_async.telemetry.hooks import Hooks

CALLS = logging.getLogger("print_async.call")
TOKENS = logging.getLogger("print_async.auth")
LIMITS = logging.getLogger("print_async.limits")


def _on_request(event: RequestEvent) -> None:
    _log(CALLS, logging.DEBUG, "request", event, "%s %s", event.method, event.url)


def _on_response(event: ResponseEvent) -> None:
    request, ended = event.request, event.failure or event.status
    text = "%s %s: %s after %.3f s"
    _log(CALLS, logging.DEBUG, "response", event, text, request.method, request.url, ended, event.seconds)


def _on_retry(event: RetryEvent) -> None:
    text = "%s %s is tried again in %.3f s: %s"
    _log(CALLS, logging.INFO, "retry", event, text, event.method, event.url, event.pause, event.error)


def _on_refresh(event: RefreshEvent) -> None:
    if event.error is None:
        text = "token of generation %s, by %s, after %.3f s"
        _log(TOKENS, logging.DEBUG, "refresh", event, text, event.generation, event.outcome, event.seconds)
    else:
        # Where no token is left somebody waits for it, and gets the error.
        level = logging.WARNING if event.usable else logging.DEBUG
        _log(TOKENS, level, "refresh", event, "no new token after %.3f s: %s", event.seconds, event.error)


def _on_limit(event: LimitChange) -> None:
    level = logging.INFO if event.limit < event.previous else logging.DEBUG
    text = "%s gets %d requests at a time, %d before: %s"
    _log(LIMITS, level, "limit", event, text, event.origin, event.limit, event.previous, event.reason)


LOG = Hooks(
    on_request=_on_request, on_response=_on_response, on_retry=_on_retry, on_refresh=_on_refresh, on_limit=_on_limit
)


def _log(
    logger: logging.Logger, level: int, name: str, event: attrs.AttrsInstance, text: str, *arguments: object
) -> None:
    if logger.isEnabledFor(level):
        logger.log(level, text, *arguments, extra={"print_async": {"event": name, **dict(_facts(event))}})


def _facts(event: attrs.AttrsInstance) -> Iterator[tuple[str, object]]:
    for field in attrs.fields(type(event)):
        value = getattr(event, field.name)
        if isinstance(value, RequestEvent):
            yield from _facts(value)
        else:
            yield field.name, type(value).__name__ if isinstance(value, BaseException) else value
