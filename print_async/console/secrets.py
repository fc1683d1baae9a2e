"""Where a command gets a secret from. Never from an argument: those are seen by everybody on the machine."""

import sys

import typer

from print_async.environment import find_secret
from print_async.secret import Secret


def read_secret(variable: str, what: str) -> Secret:
    """Return a secret from where it is found first: the environment, a file, the person at the terminal.

    Args:
        variable: The variable of the environment; with `_FILE` behind it, that of a file with the secret in it.
        what: What the person is asked for.

    Raises:
        ValueError: It is in neither place, and nobody is at the terminal.
        OSError: The file cannot be read.
    """
    found = find_secret(variable)
    if found is not None:
        return found
    if not sys.stdin.isatty():
        raise ValueError(
            f"the {what} is missing: set {variable}, or {variable}_FILE to the path of a file that has it, or run this "
            "at a terminal, where it is asked for"
        )
    return Secret(typer.prompt(what[:1].upper() + what[1:], hide_input=True, err=True))
