"""The example backend tells nobody a secret, whatever ezeep answers."""

from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import aiohttp
import pytest

from print_async.errors import PrintAsyncError
from print_async.retry import RetryPolicy
from print_async.testing.simulator import Server
from tests.canary.estate import ANSWERS, Estate
from tests.canary.finding import CANARY, everything_of, found_in, said_in

EXAMPLE = Path(__file__).parents[2] / "examples/web_backend.py"
FAULTS = [
    *(("refresh", how) for how in [*ANSWERS][:8]),
    *(("api", how) for how in ("forbids", "mumbles")),
    *((part, how) for part in ("refresh", "api") for how in ("truncates", "resets")),
]


@pytest.fixture
def backend(monkeypatch, tmp_path):
    """The example, as a module, and a function that sets where ezeep is."""
    spec = spec_from_file_location("web_backend", EXAMPLE)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.Ezeep = partial(module.Ezeep, retry=RetryPolicy(attempts=1))
    monkeypatch.setenv("EZEEP_REFRESH_TOKEN", CANARY["refresh"])
    monkeypatch.setenv("EZEEP_TOKENS", str(tmp_path / "tokens.json"))

    def at(url):
        for name in ("EZEEP_ACCOUNT_URL", "EZEEP_MANAGEMENT_URL"):
            monkeypatch.setenv(name, url)
        return module

    return at


@pytest.mark.parametrize(("part", "how"), FAULTS)
async def test_a_fault_of_ezeep(backend, logs, part, how):
    """Where ezeep refuses, quotes the token or breaks off, neither the logs nor the answers show a secret."""
    async with Server(Estate(part, how).app) as ezeep:
        module = backend(ezeep.url)
        app = module.create_app()
        async with Server(app) as server, aiohttp.ClientSession() as session:
            if part == "refresh":
                client = app[module.EZEEP].session
                client.invalidate((await client.token()).generation)
            answers = []
            for path in ("/groups", "/groups/0a1b"):
                async with session.get(server.url + path, params={"card": "1"}) as answer:
                    answers.append((answer.status, await answer.text()))
    assert [status for status, _ in answers if status < 501] == []
    assert found_in(str(answers) + said_in(logs)) == []
    assert "backend" in {record.name for record in logs.records}


@pytest.mark.parametrize("how", [*ANSWERS][:8])
async def test_a_start_that_fails(backend, logs, how):
    """A credential that is refused at the start shows neither in what ends the backend, nor in its logs."""
    async with Server(Estate("sign_in", how).app) as ezeep:
        with pytest.raises(PrintAsyncError) as caught:
            async with Server(backend(ezeep.url).create_app()):
                pass
    assert found_in(everything_of(caught.value) + said_in(logs)) == []
