"""`ezeep printers`, and what other commands show of printers."""

from collections.abc import Iterable

import attrs
import typer

from ezeep_async.cli.connection import Server
from ezeep_async.models import PrinterProperties, PrintTarget
from print_async.console.options import Json, with_options
from print_async.console.run import run
from print_async.console.tables import cell, show_json, show_table


@with_options
def printers(as_json: Json = False, *, server: Server) -> None:
    """List the printers that you may print on, and the queues that keep documents until you release them."""

    async def command() -> None:
        async with server.connect() as connection:
            found = await connection.ezeep.print_api.printers()
        if as_json:
            show_json([attrs.asdict(each) for each in found])
        else:
            show_printers(found)

    run(command)


def show_printers(found: Iterable[PrintTarget], *, err: bool = False) -> None:
    """Print a table of printers."""
    rows = [(each.name, each.id, each.location, each.is_queue) for each in found]
    show_table(("name", "id", "location", "queue"), rows, err=err)


def show_abilities(printer: PrinterProperties) -> None:
    """Say on standard error what a printer can do, as far as it says so."""
    trays = printer.known_trays
    facts = {
        "colour": printer.prints_color,
        "both sides": printer.duplex_supported,
        "paper": _list(each.name or str(each.id) for each in printer.paper_formats or ()),
        "orientation": _list(printer.orientations_supported or ()),
        "resolution": _list(printer.known_resolutions),
        "tray": _list(each.name or str(each.index) for each in trays or ()) or (None if trays is None else "none"),
    }
    known = {name: value for name, value in facts.items() if value not in (None, "")}
    typer.echo(f"\n{cell(printer.name)}:", err=True)
    for name, value in known.items():
        typer.echo(f"  {name:>11}  {cell(value)}", err=True)


def _list(values: Iterable[str]) -> str:
    return ", ".join(values)
