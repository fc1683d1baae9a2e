"""The command lines tell nobody a secret: not on the terminal, nor in the list of processes, whatever happens."""

import asyncio
import json
import signal
import ssl
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import trustme

from ezeep_async.simulator import EzeepSimulator
from myqx_async.simulator import MyQXSimulator
from print_async.testing.simulator import Server
from tests.canary.estate import Estate
from tests.canary.finding import CANARY, found_in

CLI = Path(__file__).parents[1] / "cli"
BROWSER = f"{sys.executable} {CLI / 'follow.py'} %s"
SECRETS = {
    "EZEEP_CLIENT_SECRET": CANARY["client"],
    "EZEEP_CLIENT_ID": "app",
    "MYQX_CLIENT_SECRET": CANARY["client"],
    "MYQX_CLIENT_ID": "app",
    "MYQX_PIN": CANARY["pin"],
    "MYQX_CARD": CANARY["card"],
    "MYQX_PASSWORD": CANARY["password"],
    "PYTHONASYNCIODEBUG": "1",
}
REFRESH = {"EZEEP_REFRESH_TOKEN": CANARY["refresh"]}


def arguments_of(pid):
    """Return the command lines of a process and of its children, as everybody on the machine can read them."""
    shown = Path(f"/proc/{pid}/cmdline").read_bytes().decode()
    children = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return " ".join([shown, *(arguments_of(child) for each in children for child in each)])


@pytest.fixture
def watched(start):
    """Run a command to its end, and return how it ended, and the arguments that could be seen meanwhile."""

    async def watch(*arguments, interrupt=None, **environment):
        command = await start(*arguments, **environment)
        ended, seen = asyncio.create_task(_end(command, interrupt)), []
        while not ended.done():
            with suppress(FileNotFoundError, ProcessLookupError):  # it, or a child, is just ending
                seen.append(arguments_of(command.process.pid))
            await asyncio.wait({ended}, timeout=0.02)
        return await ended, " ".join(seen)

    return watch


async def _end(command, estate):
    if estate is not None:
        await estate.asked.wait()
        command.process.send_signal(signal.SIGINT)
        estate.released.set()  # what may spend a credential is not left halfway, however hard one presses
    return await command.end()


def kept_in(folder):
    """Return every secret that the command line keeps."""
    credentials = json.loads((folder / "tokens" / "tokens.json").read_text())["credentials"]
    fields = [field for record in credentials.values() for field in ((record.get("token") or {}) | record).items()]
    return {value for name, value in fields if name in ("access_token", "refresh_token", "client_secret") and value}


VENDORS = {
    "ezeep": (EzeepSimulator, ["--confidential", "--redirect-uri", "http://127.0.0.1:0/callback"]),
    "myqx": (MyQXSimulator, ["--client-credentials"]),
}


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
@pytest.mark.parametrize("vendor", ["ezeep", pytest.param("myqx", marks=pytest.mark.slow)])
async def test_from_login_to_logout(watched, tmp_path, vendor):
    """Of all that is kept and sent, no command shows anything, nor do its arguments or those of what it starts."""
    kind, options = VENDORS[vendor]
    async with kind(users=2, client_secret="s3cret-of-the-client") as simulator:
        if vendor == "ezeep":
            urls = {name: getattr(simulator, name) for name in ("account_url", "management_url", "print_url")}
            environment = {f"EZEEP_{name.upper()}": url for name, url in urls.items()}
            environment["EZEEP_CLIENT_SECRET"] = simulator.client_secret
        else:
            environment = {"MYQX_URL": simulator.url, "MYQX_CA_FILE": str(simulator.ca_file)}
            environment["MYQX_CLIENT_SECRET"] = simulator.client_secret
        environment |= {"BROWSER": BROWSER, "PYTHONASYNCIODEBUG": "1"}
        later = {name: value for name, value in environment.items() if "SECRET" not in name}
        seen = [await watched(f"{vendor}_async", "login", "--client-id", simulator.client_id, *options, **environment)]
        secrets = kept_in(tmp_path) | {value for name, value in environment.items() if name.endswith("SECRET")}
        seen.append(await watched(f"{vendor}_async", "status", "--json", **later))
        seen.append(await watched(f"{vendor}_async", "mirror", **later))
        secrets |= kept_in(tmp_path)
        seen.append(await watched(f"{vendor}_async", "logout", **later))

    assert [result.code for result, _ in seen] == [0] * 4, [result.err for result, _ in seen]
    assert len(secrets) >= 2
    shown = "\n".join(f"{result.out} {result.err} {arguments}" for result, arguments in seen)
    assert "login" in shown
    assert (vendor != "ezeep") or "follow.py" in shown
    assert [secret for secret in secrets if secret in shown] == []


LOGINS = {
    "ezeep login": ("ezeep_async", "login", "--pair", "--confidential", "--timeout", 20),
    "ezeep mirror": ("ezeep_async", "mirror"),
    "ezeep status": ("ezeep_async", "status", "--json"),
    "myqx login": ("myqx_async", "login", "--card", "--pin"),
    "myqx password": ("myqx_async", "login", "--card", "--password"),
    "myqx mirror": ("myqx_async", "mirror"),
}
QUICK = ["ezeep login", "ezeep mirror", "myqx login"]
FAULTS = ["dumps_header", "garbles", "contradicts", "resets"]
FAILING = [
    *((name, "dumps_form") for name in QUICK),
    *(pytest.param(name, "dumps_form", marks=pytest.mark.slow) for name in LOGINS if name not in QUICK),
    *(pytest.param("myqx login", fault, marks=pytest.mark.slow) for fault in FAULTS),
]
EITHER = [pytest.param("ezeep mirror", marks=pytest.mark.slow), "myqx login"]


def at(url):
    """Return the environment that leads both command lines to a server."""
    return {"EZEEP_ACCOUNT_URL": url, "EZEEP_MANAGEMENT_URL": url, "MYQX_URL": url, **SECRETS, **REFRESH}


@pytest.mark.parametrize(("name", "fault"), FAILING)
async def test_a_server_that_quotes(watched, name, fault):
    """A server that refuses and quotes what it was sent, or breaks off, makes no command repeat it."""
    async with Server(Estate("sign_in", fault).app) as server:
        result, arguments = await watched(*LOGINS[name], **at(server.url))
    assert (result.code, "error: " in result.err) == (1, True)
    assert found_in(f"{result.out} {result.err} {arguments}") == []


@pytest.mark.parametrize("name", EITHER)
async def test_nobody_there(watched, name):
    """Nor does a server that cannot be reached."""
    result, arguments = await watched(*LOGINS[name], **at("http://127.0.0.1:9"))
    assert (result.code, "127.0.0.1:9" in result.err) == (1, True)
    assert found_in(f"{result.out} {result.err} {arguments}") == []


async def test_a_wrong_certificate(watched):
    """Nor does a server whose certificate is not trusted."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    async with Server(Estate("sign_in", "dumps_form").app, ssl_context=context) as server:
        result, arguments = await watched(*LOGINS["myqx login"], **at(server.url))
    assert (result.code, "--ca-file" in result.err) == (1, True)
    assert found_in(f"{result.out} {result.err} {arguments}") == []


@pytest.mark.parametrize("name", EITHER)
async def test_interrupted(watched, name):
    """Nor does Ctrl-C in the middle of a sign-in."""
    estate = Estate("sign_in", "hangs")
    async with Server(estate.app) as server:
        result, arguments = await watched(*LOGINS[name], interrupt=estate, **at(server.url))
    assert (result.code, "interrupted" in result.err) == (130, True)
    assert found_in(f"{result.out} {result.err} {arguments}") == []


async def test_a_bug(tmp_path):
    """A mistake of ours ends a command with a traceback that shows where it was, and no values."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, Path(__file__).with_name("child_command.py"), *LOGINS["myqx login"]),
        env=at("http://127.0.0.1:9") | {"PRINT_ASYNC_TOKENS": str(tmp_path / "tokens.json")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = (part.decode() for part in await process.communicate())
    assert (process.returncode, "ZeroDivisionError" in err) == (1, True)
    assert found_in(out + err) == []
