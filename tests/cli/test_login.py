"""Signing in and out from the command line: what is kept, what other commands do with it, what is never shown."""

import asyncio
import json
import os
import pty
import stat
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from ezeep_async.simulator import EzeepSimulator
from myqx_async.simulator import MyQXSimulator

BROWSER = f"{sys.executable} {Path(__file__).with_name('follow.py')} %s"
ANY_PORT = "http://127.0.0.1:0/callback"


@pytest.fixture
async def ezeep():
    """Run an ezeep simulator."""
    async with EzeepSimulator(users=5) as simulator:
        yield simulator


@pytest.fixture
async def myqx():
    """Run a MyQ X simulator."""
    async with MyQXSimulator(users=5) as simulator:
        yield simulator


def at_ezeep(simulator, **more):
    """Return the environment of a command that has signed nobody in yet."""
    urls = {name.upper(): getattr(simulator, name) for name in ("account_url", "management_url", "print_url")}
    return {f"EZEEP_{name}": url for name, url in urls.items()} | more


def at_myqx(simulator, **more):
    """Return the environment of a command that has signed nobody in yet."""
    return {"MYQX_URL": simulator.url, "MYQX_CA_FILE": str(simulator.ca_file), **more}


async def login_ezeep(run, simulator, *arguments, **environment):
    """Sign in through the stand-in for a browser."""
    options = ("--client-id", simulator.client_id, "--redirect-uri", ANY_PORT, *arguments)
    return await run("ezeep_async", "login", *options, **at_ezeep(simulator, BROWSER=BROWSER, **environment))


async def login_myqx(run, simulator, *ways, **secrets):
    """Sign in at a MyQ server."""
    told = at_myqx(simulator, MYQX_CLIENT_SECRET=simulator.client_secret, BROWSER=BROWSER, **secrets)
    return await run("myqx_async", "login", "--client-id", simulator.client_id, *ways, **told)


async def test_ezeep_from_login_to_logout(run, ezeep, tables, tmp_path):
    """One sign-in in the browser serves all other commands, until it is ended, here and at ezeep."""
    signed_in = await login_ezeep(run, ezeep)
    assert signed_in.code == 0, signed_in.err
    assert "@example.com" in signed_in.out

    for _ in range(2):
        mirrored = await run("ezeep_async", "mirror")
        assert mirrored.code == 0, mirrored.err
    assert len(tables(tmp_path / "directory.sqlite")["account_users"]) == 5

    out = await run("ezeep_async", "logout")
    assert (out.code, out.out.strip()) == (0, "signed out")
    assert 'credentials":{}' in (tmp_path / "tokens" / "tokens.json").read_text()
    after = await run("ezeep_async", "mirror")
    assert (after.code, "ezeep login" in after.err) == (2, True)
    assert ezeep.stats.token_requests == {"authorization_code": 1}


async def test_status(run, ezeep, tmp_path):
    """It tells who is signed in, with which scopes, and until when; as JSON too; and the file is its owner's only."""
    await login_ezeep(run, ezeep, "--scope", "printing reporting")
    shown, as_json = await run("ezeep_async", "status"), await run("ezeep_async", "status", "--json")

    facts = json.loads(as_json.out)
    assert facts["signed_in_at"] == ezeep.account_url
    assert facts["scopes"] == ["printing", "reporting"]
    assert facts["expires"] > facts["refreshed_from"] > "2026"
    assert facts["can_be_refreshed"] is True
    for text in (facts["as"], "printing reporting", "(in 4", "tokens.json"):
        assert text in shown.out
    assert stat.S_IMODE((tmp_path / "tokens" / "tokens.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("module", ["ezeep_async", "myqx_async"])
async def test_nobody_is_signed_in(run, tmp_path, module):
    """Then `status` fails and says how to sign in, `logout` has nothing to do, and no file is made."""
    status, logout = await run(module, "status"), await run(module, "logout")

    assert (status.code, "login`" in status.err) == (2, True)
    assert (logout.code, logout.out) == (0, "nobody is signed in\n")
    assert not list(tmp_path.iterdir())


async def test_a_confidential_client(run, tmp_path):
    """A client secret, here from a file, signs in, and is kept for the refreshes to come."""
    async with EzeepSimulator(users=5, client_secret="s3cret-canary") as simulator:
        (tmp_path / "secret").write_text("s3cret-canary\n")
        signed_in = await login_ezeep(run, simulator, "--confidential", EZEEP_CLIENT_SECRET_FILE="secret")
        assert signed_in.code == 0, signed_in.err
        assert "s3cret" not in signed_in.out + signed_in.err
        simulator.expire_access_tokens()
        assert (await run("ezeep_async", "mirror")).code == 0
        assert simulator.stats.token_requests["refresh_token"] == 1


async def test_other_servers_than_those_signed_in_at(run, ezeep, myqx):
    """A credential is not taken to other servers because the environment names them."""
    await login_ezeep(run, ezeep)
    moved = await run("ezeep_async", "status", EZEEP_ACCOUNT_URL="https://elsewhere.example")
    assert (moved.code, "elsewhere.example" in moved.err) == (2, True)

    await login_myqx(run, myqx, "--client-credentials")
    moved = await run("myqx_async", "status", "--url", "https://elsewhere.example")
    assert (moved.code, "elsewhere.example" in moved.err) == (2, True)


async def test_pairing(start, ezeep):
    """With `--pair` the code and the page are shown, and once somebody has approved them there, one is signed in."""
    command = await start("ezeep_async", "login", "--pair", "--client-id", ezeep.client_id, **at_ezeep(ezeep))
    await command.until("the code is")
    ezeep.approve_pairing(command._seen[-1].rpartition("the code is ")[2].strip(" :\n"))
    result = await command.end()
    assert result.code == 0, result.err
    assert "signed in at" in result.out


WAYS = {
    "browser": (("--browser",), {}),
    "pin": (("--pin",), {"MYQX_PIN": "pin"}),
    "card": (("--card",), {"MYQX_CARD": "card"}),
    "card and pin": (("--card", "--pin"), {"MYQX_CARD": "card", "MYQX_PIN": "pin"}),
    "card and password": (("--card", "--password"), {"MYQX_CARD": "card", "MYQX_PASSWORD": "password"}),
    "user": (("--user", "{username}"), {"MYQX_PASSWORD": "password"}),
    "application": (("--client-credentials",), {}),
}


@pytest.mark.parametrize("way", WAYS)
async def test_myqx_from_login_to_logout(run, myqx, way):
    """Every way leads in, serves the other commands, the client secret no longer told, and ends with `logout`."""
    who = myqx.credentials(0)
    arguments, secrets = WAYS[way]
    told = {variable: getattr(who, field) for variable, field in secrets.items()}
    signed_in = await login_myqx(run, myqx, *(each.format(username=who.username) for each in arguments), **told)
    assert signed_in.code == 0, signed_in.err
    shown = signed_in.out + signed_in.err
    assert not [secret for secret in (*told.values(), myqx.client_secret) if secret in shown]

    status = await run("myqx_async", "status", "--json")
    assert status.code == 0, status.err
    facts = json.loads(status.out)
    assert facts["signed_in_at"] == myqx.url
    assert facts["can_be_refreshed"] == (way != "application")
    assert sum(myqx.stats.token_requests.values()) == 1
    assert (await run("myqx_async", "logout")).out == "signed out\n"
    assert (await run("myqx_async", "status")).code == 2


@pytest.mark.parametrize("ways", [(), ("--pin", "--user", "anna"), ("--browser", "--pin"), ("--password",)])
async def test_ways_that_are_none(run, ways):
    """Options that do not go together are refused, with those that do, before anything is asked or sent."""
    arguments = ("--client-id", "app", "--url", "https://print.example", *ways)
    result = await run("myqx_async", "login", *arguments)
    assert result.code == 2
    assert "--card --pin" in result.err


async def test_a_secret_that_nobody_told(run, myqx):
    """Where nobody sits at a terminal, a missing secret is named, with the ways to tell it; nothing is sent."""
    result = await run("myqx_async", "login", "--client-id", "app", "--pin", **at_myqx(myqx))
    assert result.code == 2
    assert "MYQX_CLIENT_SECRET_FILE" in result.err
    assert myqx.stats.requests == 0


async def test_a_refused_login_keeps_the_old_one(run, myqx):
    """A login that is refused leaves whoever was signed in, signed in."""
    await login_myqx(run, myqx, "--client-credentials")
    refused = await login_myqx(run, myqx, "--pin", MYQX_PIN="000000000")
    assert (refused.code, "refused" in refused.err) == (1, True)
    status = await run("myqx_async", "status")
    assert "client credentials" in status.out


async def test_an_encrypted_file(run, ezeep, tmp_path):
    """With PRINT_ASYNC_TOKENS_KEY all of it is encrypted, and without the key nothing can be done."""
    key = "h3Tn8oQ0iZk5y0m0X5tQp4w1gkYv9yq0b2Jm1n3c4d8="
    assert (await login_ezeep(run, ezeep, PRINT_ASYNC_TOKENS_KEY=key)).code == 0
    assert b"ezeep" not in (tmp_path / "tokens" / "tokens.json").read_bytes()
    assert (await run("ezeep_async", "status", PRINT_ASYNC_TOKENS_KEY=key)).code == 0
    without = await run("ezeep_async", "status")
    assert (without.code, "encrypted" in without.err) == (1, True)


async def test_asked_at_the_terminal(myqx, tmp_path):
    """At a terminal, secrets are asked for, and what is typed is not shown."""
    main, other = pty.openpty()
    environment = {**os.environ, **at_myqx(myqx), "PRINT_ASYNC_TOKENS": str(tmp_path / "tokens.json")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "myqx_async", "login", "--pin", "--client-id", myqx.client_id),
        env=environment,
        stdin=other,
        stdout=other,
        stderr=other,
        start_new_session=True,
    )
    os.close(other)
    # The space behind a prompt comes when what was typed too early has been thrown away.
    shown, answers = "", {"Client secret: ": myqx.client_secret, "PIN: ": myqx.credentials(0).pin}
    with suppress(OSError):  # how Linux says that nobody is at the other end any more
        while said := await asyncio.to_thread(os.read, main, 4096):
            shown += said.decode()
            for prompt in [prompt for prompt in answers if prompt in shown]:
                os.write(main, f"{answers.pop(prompt)}\n".encode())
    assert await process.wait() == 0, shown
    os.close(main)
    assert "signed in at" in shown
    assert not [secret for secret in (myqx.client_secret, myqx.credentials(0).pin) if secret in shown]
