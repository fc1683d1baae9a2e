"""Tables for people, and JSON for programs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import rich.box
import rich.console
import rich.measure
import rich.table
import rich.text
import typer

_MOST_COLUMNS = 5
"""How many fields of things with unknown fields are shown side by side: what 80 characters have room for."""


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, err: bool = False) -> None:
    """Print a table: as wide as the terminal, or where there is none as wide as it is, a line for each row.

    Args:
        columns: The names of the columns. The column `id` is never broken, so that it can be copied.
        rows: What is in them: texts, numbers, yes and no, or `None` for what is not known.
        err: Whether it goes to standard error.
    """
    console = rich.console.Console(stderr=err)
    table = rich.table.Table(box=rich.box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in columns:
        table.add_column(name, no_wrap=name == "id", overflow="fold")
    for row in rows:
        table.add_row(*(rich.text.Text(cell(value)) for value in row))
    if not console.is_terminal:
        console.width = rich.measure.Measurement.get(console, console.options.update(width=10_000), table).maximum
    console.print(table)


def show_records(records: Sequence[Mapping[str, object]]) -> None:
    """Print things whose fields nobody documents: the first few fields that have plain values, as the server sent them.

    What there is besides is said on standard error.
    """
    names = dict.fromkeys(name for record in records for name in record)
    plain = [name for name in names if not any(isinstance(each.get(name), (Mapping, list)) for each in records)]
    shown = plain[:_MOST_COLUMNS]
    show_table(shown, ([record.get(name) for name in shown] for record in records))
    left = [name for name in names if name not in shown]
    if left:
        typer.echo(f"with --json there are also: {cell(', '.join(left))}", err=True)


def show_json(value: object) -> None:
    """Print a value as JSON on standard output, with amounts of money as texts, and times in ISO 8601."""
    typer.echo(json.dumps(value, default=_plain))


def cell(value: object) -> str:
    """Return a value in words, on one line, and without what a terminal would take for a command."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"a {type(value).__name__} has no place in JSON")
