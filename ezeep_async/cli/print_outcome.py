"""What has become of a document, for people and for programs."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Self

import attrs
import typer

from ezeep_async.printing import PrintJob
from print_async.console.run import OUTCOME_UNKNOWN
from print_async.console.tables import cell, show_json
from print_async.errors import PrintOutcomeUnknown

GOES_ON = 4
"""The status of a command that has handed a document over and does not know its end."""


class Outcome(StrEnum):
    """What has become of a document."""

    PRINTED = "printed"
    STORED = "stored"
    """A queue keeps it until somebody releases it."""
    HANDED_OVER = "handed over"
    GOES_ON = "goes on"
    """Handed over, and not known to be over."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Handed over or not: nobody knows."""


_STATUS = {Outcome.FAILED: 1, Outcome.UNKNOWN: OUTCOME_UNKNOWN, Outcome.GOES_ON: GOES_ON}


@attrs.frozen(kw_only=True)
class Printed:
    """What is known of a document that was handed over, or may have been."""

    outcome: Outcome
    printer: str
    """As it was given."""
    printer_id: str | None = None
    job_id: str | None = None
    file_id: str | None = None
    document: str | None = None
    code: int | None = None
    """The vendor's last word on the job."""
    pages: int | None = None
    submitted_at: datetime | None = None

    @classmethod
    def of(
        cls, printer: str, job: PrintJob, outcome: Outcome, code: int | None = None, pages: int | None = None
    ) -> Self:
        """Make one of a job."""
        return cls(
            outcome=outcome,
            printer=printer,
            printer_id=job.printer_id,
            job_id=job.id,
            file_id=job.file_id,
            document=job.document,
            code=code,
            pages=pages,
        )

    @classmethod
    def unknown(cls, printer: str, error: PrintOutcomeUnknown) -> Self:
        """Make one of a document of which nobody knows whether it arrived."""
        at = error.submitted_at
        return cls(
            outcome=Outcome.UNKNOWN,
            printer=printer,
            printer_id=error.printer,
            file_id=error.file_id,
            document=error.document,
            submitted_at=None if at is None else datetime.fromtimestamp(round(at), UTC),
        )

    @property
    def status(self) -> int:
        """The status that the command ends with."""
        return _STATUS.get(self.outcome, 0)

    def show(self, *, as_json: bool) -> None:
        """Print it: all of it as JSON, or what matters in words."""
        if as_json:
            show_json(attrs.asdict(self))
        elif self.outcome is Outcome.UNKNOWN:
            self._show_traces()
        elif self.outcome is Outcome.STORED:
            typer.echo(cell(f"stored in {self.printer}, until it is released at a printer"))
        elif not self.status:
            pages = f", {self.pages} {'page' if self.pages == 1 else 'pages'}" if self.pages else ""
            typer.echo(cell(f"{self.outcome}: {self.document or 'the document'} on {self.printer}{pages}"))

    def _show_traces(self) -> None:
        traces = {
            "document": self.document,
            "printer": f"{self.printer} ({self.printer_id})",
            "file id": self.file_id,
            "handed over": self.submitted_at and f"{self.submitted_at.astimezone():%Y-%m-%d %H:%M:%S}",
        }
        typer.echo("what to look for:", err=True)
        for name, value in traces.items():
            if value is not None:
                typer.echo(f"  {name:>11}  {cell(value)}", err=True)
