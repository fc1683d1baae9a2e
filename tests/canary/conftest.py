"""A log of everything."""

import asyncio
import logging

import pytest

from tests.cli.conftest import run, start

__all__ = ["logs", "run", "start"]

LOGGERS = ["aiohttp.client", "aiohttp.server", "aiohttp.access", "print_async.auth", "print_async.transport"]
LOGGERS += ["print_async", "print_async.inbound", "asyncio", "aiohttp", "redis", "filelock", "keyring", "backend"]


@pytest.fixture
async def logs(caplog):
    """Collect every log record of every logger, the event loop's own in debug mode included."""
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0.0
    caplog.set_level(logging.DEBUG)
    for name in LOGGERS:
        caplog.set_level(logging.DEBUG, name)
    return caplog
