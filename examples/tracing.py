"""OpenTelemetry: a span for each request, beneath one of your own; printed here, sent to wherever yours go."""

import asyncio
import os

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

from ezeep_async import Ezeep
from ezeep_async.auth import RefreshToken
from print_async import opentelemetry_hooks

tracers = TracerProvider()
tracers.add_span_processor(BatchSpanProcessor(ConsoleSpanExporter()))
trace.set_tracer_provider(tracers)


async def main() -> None:
    hooks = [opentelemetry_hooks()]
    async with Ezeep(RefreshToken("client-id", os.environ["EZEEP_REFRESH_TOKEN"]), hooks=hooks) as ezeep:
        with trace.get_tracer("directory").start_as_current_span("walk the users"):
            await ezeep.users.list().collect()


asyncio.run(main())
