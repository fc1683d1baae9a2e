"""Printing a document from its bytes to the end of the job.

    job = await ezeep.printing.print_file("report.pdf", "HP 2nd floor", options=PrintOptions(duplex=Duplex.LONG_EDGE))
    status = await job.wait(timeout=120)

What was handed over to the server is never handed over twice. Where it cannot be said whether it arrived, there is a
`print_async.errors.PrintOutcomeUnknown` that tells what to look for.
"""

from ezeep_async.printing.blob import UploadProgress
from ezeep_async.printing.job import PrintJob
from ezeep_async.printing.options import Duplex, Orientation, PaperSize, PrintOptions
from ezeep_async.printing.workflow import Printing

__all__ = ["Duplex", "Orientation", "PaperSize", "PrintJob", "PrintOptions", "Printing", "UploadProgress"]
