"""`myqx users`."""

from typing import Annotated

import attrs
import typer

from myqx_async.cli.connection import Server
from myqx_async.models import User
from print_async.console.options import Json, with_options
from print_async.console.run import run
from print_async.console.secrets import read_secret
from print_async.console.tables import show_json, show_table
from print_async.secret import reveal

_PARTS = {"aliases", "delegates", "policies", "accounts", "permissions", "groups"}
"""What comes only with `include`, which is not asked for."""


@with_options
def find(
    username: Annotated[str | None, typer.Option(help="User name or alias.")] = None,
    email: Annotated[str | None, typer.Option()] = None,
    card: Annotated[bool, typer.Option("--card", help="By card number: MYQX_CARD, or it is asked for.")] = False,
    code: Annotated[str | None, typer.Option(help="Personal number.")] = None,
    group: Annotated[str | None, typer.Option(help="Full path of a group: 'Group|SubGroup'.")] = None,
    sync_source: Annotated[str | None, typer.Option(help="Where they are synchronised from.")] = None,
    inactive: Annotated[bool, typer.Option("--inactive", help="Find the inactive users instead.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    as_json: Json = False,
    *,
    server: Server,
) -> None:
    """Find the users to whom all of the options apply; one of them is needed."""

    async def command() -> None:
        number = reveal(read_secret("MYQX_CARD", "card number")) if card else None
        async with server.connect("users") as connection:
            walk = connection.myqx.users.find(
                username=username,
                email=email,
                card=number,
                code=code,
                group=group,
                sync_source=sync_source,
                active=not inactive,
                page_size=min(limit, 100),
            )
            _show(await walk.collect(limit=limit), as_json=as_json)

    run(command)


def _show(found: list[User], *, as_json: bool) -> None:
    if as_json:
        show_json([attrs.asdict(each, filter=lambda field, _: field.name not in _PARTS) for each in found])
    elif found:
        show_table(("id", "username", "name", "email"), [(u.id, u.username, u.fullname, u.email) for u in found])
    else:
        typer.echo("nobody was found", err=True)
