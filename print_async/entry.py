"""How a vendor's command starts, also where the extra that it needs is missing."""

import sys
from importlib import import_module


def run_command_line(module: str) -> None:
    """Run the typer application `app` of a module, or say what it needs."""
    try:
        app = import_module(module).app
    except ModuleNotFoundError as error:
        if error.name not in ("typer", "rich"):
            raise
        sys.exit("the command line needs an extra: python -m pip install 'print-async[cli]'")
    app()
