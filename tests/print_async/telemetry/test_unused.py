"""What nobody listens to costs nothing."""

import logging
import subprocess
import sys

import pytest

from print_async.telemetry import Hooks, teller
from print_async.testing import json_response
from print_async.wire import Request, Response

GET = Request("GET", "https://print.example/api/users")
OK = json_response({})


@pytest.fixture
def made(monkeypatch) -> list[str]:
    """The names of the events of requests and answers that are made."""
    names: list[str] = []
    for kind in (teller.RequestEvent, teller.ResponseEvent):

        def count(*facts, kind=kind):
            names.append(kind.__name__)
            return kind(*facts)

        monkeypatch.setattr(teller, kind.__name__, count)
    return names


async def call(rig, hooks) -> None:
    """Make calls: one that is answered, one that is sent again after a 401, one that is retried."""
    caller = rig(OK, Response(401), OK, Response(503), OK, hooks=hooks).caller
    for _ in range(3):
        await caller.send(GET, idempotent=True)


@pytest.mark.parametrize("hooks", [[], [Hooks()], [Hooks(on_retry=id, on_refresh=id, on_limit=id)]])
async def test_no_event_is_made(rig, made, caplog, hooks):
    """Without a hook for requests or answers, and without DEBUG, requests and answers are no events."""
    caplog.set_level(logging.INFO, "print_async")
    await call(rig, hooks)

    assert made == []


@pytest.mark.parametrize("hooks", [[Hooks(on_request=id)], [Hooks(), Hooks(on_response=id)]])
async def test_events_are_made_for_a_hook(rig, made, caplog, hooks):
    """One hook is enough for each request and each answer to be one."""
    caplog.set_level(logging.INFO, "print_async")
    await call(rig, hooks)

    assert made == ["RequestEvent", "ResponseEvent"] * 5


async def test_events_are_made_for_the_log(rig, made, caplog):
    """So is DEBUG, also if it is switched on while the session is in use."""
    caplog.set_level(logging.INFO, "print_async")
    caller = rig(OK, OK).caller
    await caller.send(GET, idempotent=True)
    caplog.set_level(logging.DEBUG, "print_async.call")
    await caller.send(GET, idempotent=True)

    assert made == ["RequestEvent", "ResponseEvent"]


def test_opentelemetry_is_not_loaded():
    """Neither the packages, nor a session, nor a look at what can be imported loads OpenTelemetry; the hooks do."""
    code = (
        "import sys, print_async, ezeep_async, myqx_async, print_async.auth.session, print_async.caller\n"
        "from print_async import Hooks, opentelemetry_hooks\n"
        "print('opentelemetry' in sys.modules)\n"
        "opentelemetry_hooks()\n"
        "print('opentelemetry' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "True"]
