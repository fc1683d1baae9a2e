"""The `ezeep` command: `python -m ezeep_async` is the same."""

from print_async.entry import run_command_line


def main() -> None:
    """Run the command line, or say what it needs."""
    run_command_line("ezeep_async.cli")


if __name__ == "__main__":
    main()
