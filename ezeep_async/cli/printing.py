"""`ezeep print`."""

import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Annotated

import attrs
import typer

from ezeep_async.cli.connection import Server
from ezeep_async.cli.print_options import Settings
from ezeep_async.cli.print_outcome import Outcome, Printed
from ezeep_async.cli.printers import show_abilities, show_printers
from ezeep_async.client import Ezeep
from ezeep_async.models import JobState, JobStatus
from ezeep_async.printing import PrintJob, PrintOptions, UploadProgress
from ezeep_async.printing.document import Content
from print_async.console.options import Json, with_options
from print_async.console.progress import ProgressDisplay, StatusLine
from print_async.console.run import complain, run
from print_async.errors import (
    PrintAsyncError,
    PrinterNotFound,
    PrintFailed,
    PrintOptionsError,
    PrintOutcomeUnknown,
    PrintTimeout,
)
from print_async.mirror import Progress

_INTERRUPTED = (
    "interrupted. If the document was handed over already, it is printed all the same: look at the printer or its "
    "queue before you print it again"
)


@attrs.frozen(kw_only=True)
class Order:
    """What is to be printed where, and how."""

    source: Content
    """Of a URL, the text; else what the document is read from."""
    is_url: bool
    printer: str
    options: PrintOptions
    alias: str | None
    file_type: str | None
    delete_after: bool
    timeout: float


@with_options
def print_command(
    file: Annotated[str, typer.Argument(help="A path, an http(s) URL that ezeep can reach, or - for standard input.")],
    printer: Annotated[str, typer.Option("--printer", "-p", help="Name or id; `ezeep printers` lists them.")],
    settings: Settings,
    alias: Annotated[str | None, typer.Option(help="The document's name in the queue.")] = None,
    file_type: Annotated[
        str | None, typer.Option("--type", help="What it is, such as pdf; else its name tells.")
    ] = None,
    delete_after: Annotated[bool, typer.Option("--delete-after", help="Have ezeep delete the upload then.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Whether to wait until the job is over.")] = True,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait, for a URL to be fetched as well.")] = 300.0,
    as_json: Json = False,
    *,
    server: Server,
) -> None:
    """Print a document.

    It ends with 0 when the document is printed, stored in a queue, or with --no-wait handed over. With 1 and 2 nothing
    more comes out of it, and it can be printed again. With 3 nobody knows whether it was printed, and with 4 the job
    still goes on: look before you print it again.
    """

    async def command() -> None:
        order = Order(
            source=_standard_input(alias or file_type) if file == "-" else file,
            is_url=file.lower().startswith(("http://", "https://")),
            printer=printer,
            options=settings.options(),
            alias=alias,
            file_type=file_type,
            delete_after=delete_after,
            timeout=timeout,
        )
        async with server.connect() as connection:
            printed = await _print(connection.ezeep, order, wait=wait)
        printed.show(as_json=as_json)
        if printed.status:
            raise typer.Exit(printed.status)

    run(command, interrupted=_INTERRUPTED)


def _standard_input(named: str | None) -> Content:
    if named is None:
        raise ValueError("standard input has no name that tells its type: give --type, such as pdf, or --alias")
    if sys.stdin.isatty():
        raise ValueError("there is nothing at standard input: pipe the document in, or give a path")
    return sys.stdin.buffer


async def _print(ezeep: Ezeep, order: Order, *, wait: bool) -> Printed:
    try:
        async with _what_there_is(ezeep, order):
            job = await _hand_over(ezeep, order)
    except PrintOutcomeUnknown as error:
        complain(error)
        return Printed.unknown(order.printer, error)
    if job.is_queue or not wait:
        return Printed.of(order.printer, job, Outcome.STORED if job.is_queue else Outcome.HANDED_OVER)
    return await _watched(order, job)


@asynccontextmanager
async def _what_there_is(ezeep: Ezeep, order: Order) -> AsyncIterator[None]:
    """Show which printers there are, or what one can do, where the order asks for something else."""
    try:
        yield
    except PrinterNotFound:
        there = await ezeep.print_api.printers()
        alike = [each for each in there if each.name == order.printer]
        several = f"{len(alike)} printers are named {order.printer!r}: give the id of one"
        said = several if alike else f"there is no printer {order.printer!r}"
        typer.echo(f"error: {said}. Nothing was printed", err=True)
        show_printers(alike or there, err=True)
        raise typer.Exit(2) from None
    except PrintOptionsError as error:
        complain(error)
        show_abilities(await ezeep.printing.properties(order.printer))
        raise typer.Exit(2) from None


async def _hand_over(ezeep: Ezeep, order: Order) -> PrintJob:
    if order.is_url and isinstance(order.source, str):
        with StatusLine() as line:
            line.say("ezeep fetches the document")
            return await ezeep.printing.print_url(
                order.source,
                order.printer,
                options=order.options,
                alias=order.alias,
                file_type=order.file_type,
                delete_after=order.delete_after,
                timeout=order.timeout,
            )
    with ProgressDisplay(of_bytes=True) as display:

        def show(sent: UploadProgress) -> None:
            display.show(Progress("upload", sent.done, sent.total, sent.done == sent.total))

        return await ezeep.printing.print_file(
            order.source,
            order.printer,
            options=order.options,
            alias=order.alias,
            file_type=order.file_type,
            delete_after=order.delete_after,
            progress=show,
        )


async def _watched(order: Order, job: PrintJob) -> Printed:
    typer.echo(f"handed over to {order.printer} as job {job.id}", err=True)
    try:
        status = await _until_over(job, order.timeout)
    except PrintFailed as error:
        complain(error)
        return Printed.of(order.printer, job, Outcome.FAILED, error.code)
    except PrintTimeout as error:
        complain(error)
        return Printed.of(order.printer, job, Outcome.GOES_ON)
    except PrintAsyncError as error:
        error.add_note("The document was handed over, so do not print it again; look at the printer or its queue")
        complain(error)
        return Printed.of(order.printer, job, Outcome.GOES_ON)
    return Printed.of(order.printer, job, Outcome.PRINTED, status.code, status.pages_printed)


async def _until_over(job: PrintJob, timeout: float) -> JobStatus:  # noqa: ASYNC109 - on the client's clock
    with StatusLine() as line:
        async with aclosing(job.watch(timeout=timeout)) as seen:
            async for status in seen:
                line.say(_said(status))
                if status.state is JobState.FINISHED:
                    return status
    await job.wait(timeout=0)  # of a job that has failed it raises what that means
    raise PrintFailed("the job is over, and the server does not say how", job_id=job.id)


def _said(status: JobStatus) -> str:
    pages = f", {status.pages_printed or 0} of {status.pages_total} pages" if status.pages_total else ""
    return f"job {status.state.value}{pages if status.state is JobState.PRINTING else ''}"
