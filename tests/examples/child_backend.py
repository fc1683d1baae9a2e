"""Runs the example as it stands, and tells in the end which of its requests were refused: no test, but run by some."""

import json
import time
from pathlib import Path
from runpy import run_path

from print_async.transports.aiohttp import AiohttpTransport
from print_async.wire import Request, Response

EXAMPLE = Path(__file__).parents[2] / "examples/web_backend.py"
SEEN = {"sent": 0, "refused": []}
"""Of the refused, the seconds under way: a machine that stands still makes good tokens old on their way."""

send = AiohttpTransport.send


async def observed(transport: AiohttpTransport, request: Request) -> Response:
    """Send, and look at the answer."""
    began = time.monotonic()
    response = await send(transport, request)
    SEEN["sent"] += 1
    if response.status == 401:
        SEEN["refused"].append(time.monotonic() - began)
    return response


AiohttpTransport.send = observed
try:
    run_path(str(EXAMPLE), run_name="__main__")
finally:
    print(json.dumps(SEEN), flush=True)
