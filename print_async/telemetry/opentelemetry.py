"""A span of OpenTelemetry for each request, by its HTTP semantic conventions, and metrics. Extra: `opentelemetry`.

A span is a child of the one that is current where the call is made. It begins when the request is sent, after the waits
for its turn and for a token, and ends with the answer's last byte; where the body is left on the wire, with its head.
Each sending of a call has a span of its own, with `http.request.resend_count` from the second one on; there is none for
the call as a whole.

    http.client.request.duration  histogram, seconds
    http.client.active_requests   requests in flight
    print_async.retries           calls made again, by what went wrong
    print_async.refreshes         tokens, and attempts to get one, by outcome
    print_async.limit             how many requests a server gets at a time

`error.type` is the status of the answer from 400 on, else the class of the error in `print_async.errors`;
`CancelledError` is a call that was cancelled, or met its deadline. Queries, headers and bodies are in no span.
"""

from importlib.metadata import version
from typing import TYPE_CHECKING

from print_async.telemetry.hooks import Hooks

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider


def opentelemetry_hooks(
    tracer_provider: "TracerProvider | None" = None, meter_provider: "MeterProvider | None" = None
) -> Hooks:
    """Return hooks that tell OpenTelemetry what happens: `Ezeep(grant, hooks=[opentelemetry_hooks()])`.

    Args:
        tracer_provider, meter_provider: Where spans and metrics go; the global ones by default, also those that are set
            later.

    Raises:
        ImportError: The extra `opentelemetry` is not installed.
    """
    try:
        from opentelemetry import metrics, trace

        from print_async.telemetry._recorder import Recorder
    except ImportError as error:
        text = "opentelemetry_hooks needs opentelemetry-api: install print-async[opentelemetry]"
        raise ImportError(text, name="opentelemetry") from error
    ours = version("print-async")
    recorder = Recorder(
        trace.get_tracer("print_async", ours, tracer_provider), metrics.get_meter("print_async", ours, meter_provider)
    )
    return Hooks(
        on_request=recorder.on_request,
        on_response=recorder.on_response,
        on_retry=recorder.on_retry,
        on_refresh=recorder.on_refresh,
        on_limit=recorder.on_limit,
    )
