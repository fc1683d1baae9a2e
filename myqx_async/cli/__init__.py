"""The command line of MyQ X. Needs the extra `cli`.

`myqx login` keeps a credential for all other commands. Without it, they take one from options and the environment:
MYQX_URL, MYQX_CA_FILE, MYQX_CLIENT_ID and MYQX_CLIENT_SECRET. `--simulate` needs neither: it starts the built-in
simulator for the time of the command.
"""

import typer

from myqx_async.cli.account import login, logout, status
from myqx_async.cli.mirror import mirror_command

app: typer.Typer = typer.Typer(
    help="MyQ X from the command line.", no_args_is_help=True, pretty_exceptions_show_locals=False
)

app.command("login")(login)
app.command("status")(status)
app.command("logout")(logout)
app.command("mirror")(mirror_command)
