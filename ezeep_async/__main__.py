"""The `ezeep` command: `python -m ezeep_async` is the same."""

import sys


def main() -> None:
    """Run the command line, or say what it needs."""
    try:
        from ezeep_async.cli import app
    except ModuleNotFoundError as error:
        if error.name not in ("typer", "rich"):
            raise
        sys.exit("the command line needs an extra: python -m pip install 'print-async[cli]'")
    app()


if __name__ == "__main__":
    main()
