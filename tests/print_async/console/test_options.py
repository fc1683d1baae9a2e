"""Options that several commands share, taken together."""

from typing import Annotated

import attrs
import typer
from typer.testing import CliRunner

from print_async.console.options import with_options


@attrs.frozen(kw_only=True)
class Where:
    """Options of a test."""

    host: Annotated[str, typer.Option(help="The host.")]
    port: Annotated[int, typer.Option("--port", "-P", min=1)] = 80
    flag: Annotated[bool, typer.Option("--flag")] = False


def test_options_together():
    """Each field of the class is an option beside the others, and the command gets an instance."""
    seen = []
    app = typer.Typer()

    @app.command()
    @with_options
    def command(name: Annotated[str, typer.Argument()], loud: bool = False, *, where: Where) -> None:
        """Do it."""
        seen.append((name, loud, where))

    run = CliRunner().invoke
    assert run(app, ["x", "--host", "h", "-P", "8"]).exit_code == 0
    assert run(app, ["y", "--loud", "--host", "h", "--flag"]).exit_code == 0
    assert seen == [("x", False, Where(host="h", port=8)), ("y", True, Where(host="h", flag=True))]
    assert run(app, ["x"]).exit_code == 2, "what has no default is required"
    assert run(app, ["x", "--host", "h", "--port", "0"]).exit_code == 2
    assert "Do it." in run(app, ["--help"]).output
