"""Functions of yours that are told what happens."""

import inspect
from collections.abc import Callable
from typing import Any

import attrs

from print_async.telemetry.events import LimitChange, RefreshEvent, RequestEvent, ResponseEvent, RetryEvent


def _check(_: object, field: "attrs.Attribute[Any]", hook: Any) -> None:
    if hook is None:
        return
    if not callable(hook):
        raise TypeError(f"{field.name} is a function that takes an event, not a {type(hook).__name__}")
    if inspect.iscoroutinefunction(hook) or inspect.iscoroutinefunction(type(hook).__call__):
        raise TypeError(f"{field.name} must be a plain function: it is not awaited. Put the event into a queue there")


@attrs.frozen(kw_only=True)
class Hooks:
    """What to call, each with one event: `Hooks(on_retry=print)`.

    They run where the thing happens, in its task and its context, so they must be quick, and must not block. What they
    return is not looked at. One that raises changes nothing: its first error is in the log, an ERROR of
    `print_async.telemetry`, and further ones are at DEBUG.

    Raises:
        TypeError: One is no function, or a coroutine function.
    """

    on_request: Callable[[RequestEvent], object] | None = attrs.field(default=None, validator=_check)
    """A request is sent to an API, with a token."""
    on_response: Callable[[ResponseEvent], object] | None = attrs.field(default=None, validator=_check)
    """Its answer has come, or will not; called once for every `on_request`."""
    on_retry: Callable[[RetryEvent], object] | None = attrs.field(default=None, validator=_check)
    """A call is going to be made again."""
    on_refresh: Callable[[RefreshEvent], object] | None = attrs.field(default=None, validator=_check)
    """The session has got another token, or its attempt to get one has failed."""
    on_limit: Callable[[LimitChange], object] | None = attrs.field(default=None, validator=_check)
    """A server is sent more, or fewer, requests at a time."""
