"""`myqx login`, `status` and `logout`."""

from pathlib import Path
from typing import Annotated

import typer

from myqx_async.auth import server_url
from myqx_async.cli.connection import VENDOR, CaFile, Connection, Profile, Url, connected
from myqx_async.cli.ways import Way, device_login, through_the_browser, way_of
from print_async.auth.loopback import ANY_PORT
from print_async.console.options import Json
from print_async.console.profiles import forget, recall, remember
from print_async.console.run import run
from print_async.console.secrets import read_secret
from print_async.console.status import show, token_facts

_OFFLINE = "offline.access"


def login(
    client_id: Annotated[str, typer.Option(envvar="MYQX_CLIENT_ID", help="Of the REST API application.")],
    url: Annotated[str, typer.Option(envvar="MYQX_URL", help="Of the server, without /api.")],
    ca_file: CaFile = None,
    client_credentials: Annotated[
        bool, typer.Option("--client-credentials", help="The application itself signs in, and nobody else.")
    ] = False,
    browser: Annotated[bool, typer.Option("--browser", help='"Sign in with MyQ".')] = False,
    pin: Annotated[bool, typer.Option("--pin", help="By PIN (MYQX_PIN, or it is asked for).")] = False,
    card: Annotated[bool, typer.Option("--card", help="By card (MYQX_CARD), alone or with --pin, --password.")] = False,
    user: Annotated[str | None, typer.Option(help="By this user name, and a password.")] = None,
    password: Annotated[bool, typer.Option("--password", help="By password (MYQX_PASSWORD).")] = False,
    scope: Annotated[
        str, typer.Option(help="Scopes, separated by spaces. For a person, offline.access is added.")
    ] = "users printers queues",
    redirect_uri: Annotated[
        str, typer.Option(envvar="MYQX_REDIRECT_URI", help="For --browser: http, on this machine; port 0 is any.")
    ] = ANY_PORT,
    timeout: Annotated[float, typer.Option(min=1, help="For --browser: seconds to wait for the person.")] = 300.0,
) -> None:
    """Sign in, and keep the credential for all other commands.

    No secret is an argument. Each comes from the environment (MYQX_CLIENT_SECRET, MYQX_PIN, MYQX_CARD, MYQX_PASSWORD),
    from a file that such a variable with _FILE at its end names, or is asked for.
    """
    given = {
        "--client-credentials": client_credentials,
        "--browser": browser,
        "--pin": pin,
        "--card": card,
        "--user": bool(user),
        "--password": password,
    }

    async def command() -> None:
        way = way_of(frozenset(name for name, value in given.items() if value))
        profile = _profile(way, url, ca_file, client_id, scope, user)
        async with profile.client() as myqx:
            if way is Way.BROWSER:
                await myqx.session.sign_in(await through_the_browser(profile, redirect_uri, timeout))
            elif way is not Way.CLIENT_CREDENTIALS:
                await myqx.session.sign_in(device_login(way, profile, user))
            await myqx.session.ensure_token()
            remember(VENDOR, profile)
            await _show_status(Connection(myqx, profile.url, profile.way), as_json=False)

    run(command)


def status(
    url: Url = None,
    ca_file: CaFile = None,
    as_json: Json = False,
) -> None:
    """Show how somebody is signed in, with which scopes, and for how long."""

    async def command() -> None:
        async with connected(url, ca_file) as connection:
            await _show_status(connection, as_json=as_json)

    run(command)


def logout(ca_file: CaFile = None) -> None:
    """Sign out: forget the credential. MyQ has no way to revoke it; its last token lives out its half hour."""

    async def command() -> None:
        profile = recall(VENDOR, Profile)
        if profile is None:
            typer.echo("nobody is signed in")
            return
        async with profile.client(ca_file) as myqx:
            await myqx.session.revoke()
        forget(VENDOR, Profile)
        typer.echo("signed out")

    run(command)


async def _show_status(connection: Connection, *, as_json: bool) -> None:
    info = await connection.myqx.session.ensure_token()
    show({"signed in at": connection.source, "by": connection.way, **token_facts(info)}, as_json=as_json)


def _profile(way: Way, url: str, ca_file: Path | None, client_id: str, scope: str, user: str | None) -> Profile:
    application = way is Way.CLIENT_CREDENTIALS
    return Profile(
        url=server_url(url),
        ca_file=None if ca_file is None else str(ca_file.absolute()),
        client_id=client_id,
        client_secret=read_secret("MYQX_CLIENT_SECRET", "client secret"),
        scope=scope if application or _OFFLINE in scope.split() else f"{scope} {_OFFLINE}",
        way=f"{way.value} {user or ''}".rstrip(),
        application=application,
    )
