"""`ezeep login`, `status` and `logout`."""

from typing import Annotated

import typer

from ezeep_async.auth import AuthorizationCode, RefreshToken
from ezeep_async.cli.connection import VENDOR, Connection, Profile, signed_in
from ezeep_async.pairing import Pairing, pair
from print_async.auth.loopback import sign_in
from print_async.console.browser import open_browser
from print_async.console.options import Json
from print_async.console.profiles import forget, recall, remember
from print_async.console.run import run
from print_async.console.secrets import read_secret
from print_async.console.status import show, token_facts
from print_async.environment import find_secret
from print_async.errors import StatusError
from print_async.secret import Secret

_REDIRECT_URI = "http://localhost:3000/code"
"""The one that ezeep's own samples have."""


def login(
    client_id: Annotated[str, typer.Option(envvar="EZEEP_CLIENT_ID", help="As issued by ezeep.")],
    pairing: Annotated[bool, typer.Option("--pair", help="Sign in on another device, with a pairing code.")] = False,
    redirect_uri: Annotated[
        str,
        typer.Option(envvar="EZEEP_REDIRECT_URI", help="As registered with ezeep: http, on this machine."),
    ] = _REDIRECT_URI,
    scope: Annotated[str, typer.Option(help="Scopes, separated by spaces.")] = "printing",
    confidential: Annotated[
        bool, typer.Option("--confidential", help="The client has a secret: EZEEP_CLIENT_SECRET, or it is asked for.")
    ] = False,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds to wait for the person.")] = 300.0,
) -> None:
    """Sign a person in, and keep the credential for all other commands."""

    async def command() -> None:
        secret = read_secret("EZEEP_CLIENT_SECRET", "client secret") if confidential else None
        profile = Profile.make(client_id, secret or find_secret("EZEEP_CLIENT_SECRET") or Secret(""), scope)
        grant = await (_paired(profile, timeout) if pairing else _through_the_browser(profile, redirect_uri, timeout))
        async with profile.client() as ezeep:
            await ezeep.session.sign_in(grant)
            remember(VENDOR, profile)
            await _show_status(Connection(ezeep, profile.account_url), as_json=False)

    run(command)


def status(as_json: Json = False) -> None:
    """Show who is signed in, with which scopes, and for how long."""

    async def command() -> None:
        async with signed_in() as connection:
            await _show_status(connection, as_json=as_json)

    run(command)


def logout() -> None:
    """Sign out: have ezeep revoke the credential, and forget it."""

    async def command() -> None:
        profile = recall(VENDOR, Profile)
        if profile is None:
            typer.echo("nobody is signed in")
            return
        async with profile.client() as ezeep:
            await ezeep.session.revoke()
        forget(VENDOR, Profile)
        typer.echo("signed out")

    run(command)


async def _through_the_browser(profile: Profile, redirect_uri: str, timeout: float) -> AuthorizationCode:  # noqa: ASYNC109 - for a person
    request, callback_url = await sign_in(
        lambda uri: AuthorizationCode.begin(
            profile.client_id, redirect_uri=uri, scope=profile.scope, account_url=profile.account_url
        ),
        open_browser=open_browser,
        redirect_uri=redirect_uri,
        timeout=timeout,
    )
    return AuthorizationCode.finish(
        request, callback_url, client_id=profile.client_id, client_secret=profile.client_secret
    )


async def _paired(profile: Profile, timeout: float) -> RefreshToken:  # noqa: ASYNC109 - for a person
    return await pair(
        profile.client_id,
        show=_show_pairing,
        scope=profile.scope,
        client_secret=profile.client_secret,
        account_url=profile.account_url,
        timeout=timeout,
    )


def _show_pairing(pairing: Pairing) -> None:
    code = pairing.code.reveal()
    typer.echo(f"Open this on any device, and sign in there; the code is {code}:\n\n  {pairing.url}\n", err=True)


async def _show_status(connection: Connection, *, as_json: bool) -> None:
    session = connection.ezeep.session
    info = await session.ensure_token()
    facts = {"signed in at": connection.source, "as": await _who(connection), **token_facts(info)}
    show(facts, as_json=as_json)


async def _who(connection: Connection) -> str | None:
    try:
        user = await connection.ezeep.account_users.me()
    except StatusError:  # no document names that call, so it may be gone, or not be for every token
        return None
    name = user.display_name or " ".join(filter(None, (user.first_name, user.last_name)))
    return f"{name} <{user.email}>" if name else user.email
