"""The `myqx` command: `python -m myqx_async` is the same."""

from print_async.entry import run_command_line


def main() -> None:
    """Run the command line, or say what it needs."""
    run_command_line("myqx_async.cli")


if __name__ == "__main__":
    main()
