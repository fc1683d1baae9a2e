"""What the example backend answers when something of ours fails."""

import asyncio
import logging
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request

from print_async import errors

SAID = "what the server said"


@pytest.fixture
def backend():
    """The example, as a module."""
    spec = spec_from_file_location("web_backend", Path(__file__).parents[2] / "examples/web_backend.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def failing(error: Exception):
    """Make a handler that fails."""

    async def handler(_: object) -> None:
        raise error

    return handler


@pytest.mark.parametrize(
    ("error", "status", "pause"),
    [
        (errors.NotFound(SAID), 404, None),
        (errors.LoginRequired(SAID), 503, None),
        (errors.TokenStoreError(SAID), 503, None),
        (errors.TokenRequestFailed(SAID, retry_after=1.5), 503, "2"),
        (errors.RateLimited(SAID, retry_after=30.0), 503, "30"),
        (errors.TransportTimeout(SAID), 504, None),
        (errors.ConnectFailed(SAID), 502, None),
        (errors.ServerError(SAID, retry_after=3.0), 502, None),
        (errors.DecodeError(SAID), 502, None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
async def test_an_error_becomes_a_status(backend, caplog, error, status, pause):
    """The caller gets a status, and a pause where there is one; what exactly went wrong is for the log."""
    answer = await backend.explain_errors(make_mocked_request("GET", "/groups"), failing(error))
    assert (answer.status, answer.headers.get("Retry-After")) == (status, pause)
    assert SAID not in answer.text
    (record,) = caplog.records
    assert f"{type(error).__name__}: {SAID}" in record.getMessage()
    assert (record.levelno == logging.ERROR) == isinstance(error, errors.LoginRequired)


async def test_nobody_waits_for_ever(backend, monkeypatch):
    """A handler that does not come to its end is given up, with 504."""
    monkeypatch.setattr(backend, "SECONDS", 0.001)
    answer = await backend.explain_errors(make_mocked_request("GET", "/groups"), lambda _: asyncio.Event().wait())
    assert answer.status == 504


async def test_a_mistake_of_ours_is_not_hidden(backend):
    """An error that is none of the library's is left to the server, which answers 500 and logs where it came from."""
    with pytest.raises(KeyError):
        await backend.explain_errors(make_mocked_request("GET", "/groups"), failing(KeyError("a bug")))
