"""What hooks may be, and what they may do."""

import functools
import logging
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from print_async.errors import ConnectionLost
from print_async.telemetry import Hooks, LimitChange, RequestEvent
from print_async.testing import json_response
from print_async.wire import Request, Response

GET = Request("GET", "https://print.example/api/users")
OK = json_response({})
NAMES = [field.name for field in attrs.fields(Hooks)]


class Asynchronous:
    """Callable, and not to be called."""

    async def __call__(self, event: object) -> None:
        """Never run."""


async def later(event: object) -> None:
    """Never run."""


@pytest.mark.parametrize("name", NAMES)
def test_any_function_is_a_hook(name):
    """A function, a method, a class and whatever else can be called with an event is a hook."""
    for hook in (print, [].append, lambda _: None, functools.partial(print, "x"), str, None):
        assert getattr(Hooks(**{name: hook}), name) is hook


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("hook", [later, Asynchronous(), functools.partial(later)])
def test_a_coroutine_function_is_none(name, hook):
    """What would have to be awaited is refused: nobody does."""
    with pytest.raises(TypeError, match=f"{name} must be a plain function"):
        Hooks(**{name: hook})


@pytest.mark.parametrize("name", NAMES)
def test_what_cannot_be_called_is_none(name):
    """What is no function is refused, and not shown."""
    with pytest.raises(TypeError, match=f"^{name} is a function that takes an event, not a str$"):
        Hooks(**{name: "planted"})


@pytest.mark.parametrize("hooks", [Hooks(on_retry=print), [print], [None]])
def test_a_session_takes_a_list(rig, hooks):
    """One `Hooks` by itself, and what is no `Hooks`, is refused when the session is made."""
    with pytest.raises(TypeError, match="hooks are a list of Hooks"):
        rig(hooks=hooks)


def fail(event: object) -> None:
    """Fail."""
    raise KeyError(f"broken by a {type(event).__name__}")


FAILING = Hooks(**dict.fromkeys(NAMES, fail))


async def test_a_hook_that_raises_changes_nothing(rig, heard):
    """Calls, their retries and their errors are the same beside hooks that raise, and other hooks hear everything."""
    outcomes, told = [], []
    for hooks in ([heard.hooks], [FAILING, heard.hooks, FAILING]):
        heard.events.clear()
        made = rig(Response(401), Response(503), OK, ConnectionLost("cut"), hooks=hooks)
        outcomes.append((await made.caller.send(GET, idempotent=True)).status)
        with pytest.raises(ConnectionLost, match=r"^cut$"):
            await made.caller.send(GET, idempotent=False)
        made.session.teller.limit(LimitChange("https://print.example", 1, 2, 1, "429"))
        outcomes.append((made.tokens(), made.clock.slept, made.caller.statistics))
        told.append([type(event) for event in heard.events])

    assert outcomes[:2] == outcomes[2:]
    assert told[0] == told[1]
    assert {kind.__name__ for kind in told[1]} >= {"RequestEvent", "ResponseEvent", "RetryEvent", "LimitChange"}


async def test_a_hook_that_raises_is_reported_once(rig, caplog):
    """The first error of a hook is in the log with its place; the others do not flood it."""
    caplog.set_level(logging.DEBUG, "print_async.telemetry")
    made = rig(*[OK] * 100, hooks=[Hooks(on_request=fail)])
    for _ in range(100):
        await made.caller.send(GET, idempotent=True)

    reports = [record for record in caplog.records if record.name == "print_async.telemetry"]
    assert [record.levelno for record in reports] == [logging.ERROR] + [logging.DEBUG] * 99
    assert "a hook failed on a RequestEvent; the call goes on" in reports[0].getMessage()
    assert "KeyError: 'broken by a RequestEvent'" in reports[0].getMessage()
    assert Path(__file__).name in reports[0].getMessage()


async def test_the_report_shows_nothing_of_the_call(rig, caplog):
    """The report of a hook that fails on a failed request does not quote what the request failed with."""
    made = rig(ValueError("planted"), hooks=[Hooks(on_response=fail)])
    with pytest.raises(ValueError, match="planted"):
        await made.session.send(GET)

    (report,) = [record for record in caplog.records if record.name == "print_async.telemetry"]
    assert report.exc_info is None
    assert "planted" not in caplog.text


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
async def test_a_hook_may_end_the_program(rig, heard, stop):
    """What is no error, such as Ctrl-C in a hook, is not held back; the request has its second event all the same."""

    def end(event: RequestEvent) -> None:
        raise stop

    made = rig(OK, hooks=[heard.hooks, Hooks(on_request=end)])
    await made.session.token()
    call = made.session.send(GET)
    with pytest.raises(stop):
        call.send(None)

    assert [type(event).__name__ for event in heard.events][1:] == ["RequestEvent", "ResponseEvent"]
    assert made.calls == []


USE = """
from print_async import Hooks, opentelemetry_hooks
from print_async.telemetry import LimitChange, RequestEvent, RetryEvent

seen: list[RequestEvent] = []
def late(event: RetryEvent) -> None: ...
def other(event: LimitChange) -> int: return event.limit

Hooks(on_retry=print)
Hooks(on_request=seen.append, on_retry=late, on_response=lambda event: event.request.url, on_limit=other)
hooks = [Hooks(on_refresh=None), opentelemetry_hooks()]
"""
MISUSE = "Hooks(on_retry=other)", "Hooks(late)", "Hooks(on_response=lambda event: event.secret)"


@pytest.mark.slow
def test_types(tmp_path):
    """mypy --strict has nothing against plain functions as hooks, and finds one that takes another event."""
    (tmp_path / "use.py").write_text(USE + "\n".join(MISUSE))
    command = [sys.executable, "-m", "mypy", "--strict", "use.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=250, check=False)

    found = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line}
    first = USE.count("\n") + 1
    assert found == set(range(first, first + len(MISUSE))), done.stdout
