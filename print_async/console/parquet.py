"""The option `--parquet`, and what it does."""

import asyncio
import importlib.util
from pathlib import Path
from typing import Annotated

import typer

from print_async.parquet import export_parquet

Parquet = Annotated[
    Path | None,
    typer.Option("--parquet", help="A folder to write the tables to as well, as Parquet files.", show_default=False),
]


def check_parquet(folder: Path | None) -> None:
    """Raise `ValueError` if Parquet files are wanted, and pyarrow is missing."""
    if folder is not None and importlib.util.find_spec("pyarrow") is None:
        raise ValueError("--parquet needs an extra: python -m pip install 'print-async[parquet]'")


async def write_parquet(path: Path, folder: Path | None) -> None:
    """Write a mirror as Parquet files, if a folder is given, and say so."""
    if folder is not None:
        written = await asyncio.to_thread(export_parquet, path, folder)
        typer.echo(f"{sum(written.values())} rows in {len(written)} Parquet files: {folder}")
