"""The command line of MyQ X. Needs the extra `cli`.

`myqx login` keeps a credential for all other commands. Without it, they take one from options and the environment:
MYQX_URL, MYQX_CA_FILE, MYQX_CLIENT_ID and MYQX_CLIENT_SECRET. `--simulate` needs neither: it starts the built-in
simulator for the time of the command.
"""

import typer

from myqx_async.cli.account import login, logout, status
from myqx_async.cli.credit import recharge
from myqx_async.cli.jobs import save, show
from myqx_async.cli.mirror import mirror_command
from myqx_async.cli.users import find

app: typer.Typer = typer.Typer(
    help="MyQ X from the command line.", no_args_is_help=True, pretty_exceptions_show_locals=False
)
users_app: typer.Typer = typer.Typer(help="Users.", no_args_is_help=True)
jobs_app: typer.Typer = typer.Typer(help="Print jobs, by their ids: MyQ documents no list.", no_args_is_help=True)
credit_app: typer.Typer = typer.Typer(help="Users' credit.", no_args_is_help=True)
users_app.callback()(lambda: None)
jobs_app.callback()(lambda: None)
credit_app.callback()(lambda: None)

app.command("login")(login)
app.command("status")(status)
app.command("logout")(logout)
app.command("mirror")(mirror_command)
app.add_typer(users_app, name="users")
users_app.command("find")(find)
app.add_typer(jobs_app, name="jobs")
jobs_app.command("show")(show)
jobs_app.command("save")(save)
app.add_typer(credit_app, name="credit")
credit_app.command("recharge")(recharge)
