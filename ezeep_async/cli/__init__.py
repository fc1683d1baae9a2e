"""The command line of ezeep Blue. Needs the extra `cli`.

`ezeep login` keeps a credential for all other commands. Without it, they take one from the environment: EZEEP_CLIENT_ID
and EZEEP_REFRESH_TOKEN, and EZEEP_CLIENT_SECRET where the client has one. `--simulate` needs neither: it starts the
built-in simulator for the time of the command.
"""

import typer

from ezeep_async.cli.account import login, logout, status
from ezeep_async.cli.groups import add_users
from ezeep_async.cli.jobs import jobs
from ezeep_async.cli.mirror import mirror_command
from ezeep_async.cli.printers import printers
from ezeep_async.cli.printing import print_command

app: typer.Typer = typer.Typer(
    help="ezeep Blue from the command line.", no_args_is_help=True, pretty_exceptions_show_locals=False
)
groups_app: typer.Typer = typer.Typer(help="Groups of users.", no_args_is_help=True)
groups_app.callback()(lambda: None)

app.command("login")(login)
app.command("status")(status)
app.command("logout")(logout)
app.command("mirror")(mirror_command)
app.command("print")(print_command)
app.command("printers")(printers)
app.command("jobs")(jobs)
app.add_typer(groups_app, name="groups")
groups_app.command("add-users")(add_users)
