"""`python -m myqx_async.simulator`."""

import asyncio
import shlex
import signal
import ssl
import sys
from pathlib import Path

import aiohttp
import pytest

from myqx_async.simulator.__main__ import make_parser, serve, summarise
from myqx_async.simulator.simulator import MyQXSimulator
from print_async.testing.simulator import Statistics


async def _environment(stream: asyncio.StreamReader) -> dict[str, str]:
    found: dict[str, str] = {}
    while "MYQX_CLIENT_SECRET" not in found:
        line = (await stream.readline()).decode()
        assert line
        if line.startswith("export "):
            name, _, value = shlex.split(line)[1].partition("=")
            found[name] = value
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="a process is not signalled so on Windows")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_serves_until_it_is_stopped(tmp_path: Path, number: int) -> None:
    """It prints an environment by which it is reached, and when signalled ends well with its statistics."""
    ca_file = tmp_path / "ca.pem"
    command = ["-m", "myqx_async.simulator", "--users", "3", "--token-seconds", "5", "--ca-out", str(ca_file)]
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    async with asyncio.timeout(60):
        found = await _environment(process.stdout)
        assert found["MYQX_CA_FILE"] == str(ca_file)
        body = {"grant_type": "client_credentials", "scope": "users"}
        body |= {"client_id": found["MYQX_CLIENT_ID"], "client_secret": found["MYQX_CLIENT_SECRET"]}
        connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=ca_file))
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.post(found["MYQX_URL"] + "/api/auth/token", json=body) as response,
        ):
            assert (await response.json())["expires_in"] == 5
        process.send_signal(number)
        report = (await process.stdout.read()).decode()
        assert await process.wait() == 0
    assert "1  requests" in report
    assert "1  token requests, client_credentials" in report


async def test_the_printed_authority_is_the_simulator_s_own(capsys: pytest.CaptureFixture[str]) -> None:
    """Without --ca-out the file named is the one that goes with the simulator, and without TLS none is."""
    stop = asyncio.Event()
    stop.set()
    await serve(MyQXSimulator(), None, stop)
    assert "export MYQX_CA_FILE='" in capsys.readouterr().out
    await serve(MyQXSimulator(tls=False), None, stop)
    assert "MYQX_CA_FILE" not in capsys.readouterr().out


def test_every_option_is_a_setting() -> None:
    """The options but --ca-out are settings of the simulator, with the same defaults."""
    options = vars(make_parser().parse_args([]))
    assert options.pop("ca_out") is None
    plain = MyQXSimulator()
    assert {name: getattr(plain, name) for name in options} == options
    MyQXSimulator(**options)


def test_a_summary_has_what_happened() -> None:
    """Statuses and grants appear one a line, those that did not happen not at all."""
    stats = Statistics(requests=3)
    stats.statuses[503] = 2
    stats.token_requests[""] = 1
    lines = [line.split(maxsplit=1) for line in summarise(stats).splitlines() if line]
    assert ["2", "status 503"] in lines
    assert ["1", "token requests, (none)"] in lines
    assert ["3", "requests"] in lines
