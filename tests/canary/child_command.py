"""Runs a command that has a bug where it gets a token. No test, but run by one."""

import sys
from runpy import run_module

from print_async.auth import renewal


def broken(grant: object, request: object, *_: object, **__: object) -> None:
    """Fail as no code of ours should."""
    raise ZeroDivisionError(f"{grant} {request}")


renewal.exchange = broken
sys.argv = sys.argv[1:]
run_module(sys.argv[0], run_name="__main__", alter_sys=True)
