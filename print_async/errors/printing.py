"""A document was not printed, or nobody can say whether it was."""

from print_async.errors.base import PrintAsyncError


class PrintError(PrintAsyncError):
    """A document was not printed, or it cannot be said whether it was.

    Attributes:
        printer: The printer's id, or what was given to find it; `None` where there is none yet.
        file_id: The document's id at the server, once it has one.
        job_id: The job's id, once it has one.
    """

    def __init__(
        self, message: str, *, printer: str | None = None, file_id: str | None = None, job_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.printer = printer
        self.file_id = file_id
        self.job_id = job_id


class PrintOptionsError(PrintError, ValueError):
    """The printer cannot do what the options ask for. Nothing was sent; the message lists what it can do.

    Attributes:
        problems: One text for each option that does not fit.
    """

    def __init__(self, message: str, *, printer: str | None = None, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message, printer=printer)
        self.problems = problems


class PrinterNotFound(PrintError, LookupError):
    """There is no such printer for this credential, or more than one of that name. Nothing was sent."""


class UploadFailed(PrintError):
    """The document did not reach the server whole. Nothing was printed, so printing it again doubles nothing.

    The failure itself is the `__cause__`, where there is one.

    Attributes:
        status: The HTTP status of the answer that ended it; `None` without one.
        code: What the storage calls the reason, such as `AuthenticationFailed`.
    """

    retryable = True

    def __init__(
        self, message: str, *, file_id: str | None = None, status: int | None = None, code: str | None = None
    ) -> None:
        super().__init__(message, file_id=file_id)
        self.status = status
        self.code = code


class PrintFailed(PrintError):
    """The server refused the document, or the job ended in a failure. Nothing more will come out of it by itself.

    Attributes:
        code: The vendor's code.
        message: What the vendor says about it; `None` where it says nothing.
    """

    def __init__(
        self,
        text: str,
        *,
        code: int | None = None,
        message: str | None = None,
        printer: str | None = None,
        file_id: str | None = None,
        job_id: str | None = None,
    ) -> None:
        super().__init__(text, printer=printer, file_id=file_id, job_id=job_id)
        self.code = code
        self.message = message


class PrintTimeout(PrintError, TimeoutError):
    """Not done in the time given for it. Nothing was called off: the message says what goes on, and how to follow."""


class PrintOutcomeUnknown(PrintError):
    """A document was handed over and the answer is lost: it may come out of the printer, or not.

    It was not sent again, and must not be without a look at the printer or its queue: `file_id`, `printer`, `document`
    and `submitted_at` are what to look for. The failure itself is the `__cause__`, where there is one.

    Attributes:
        document: The document's name, as the queue shows it; `None` without one.
        submitted_at: When it was handed over: wall clock, seconds since 1970.
    """

    def __init__(
        self,
        message: str,
        *,
        printer: str | None = None,
        file_id: str | None = None,
        document: str | None = None,
        submitted_at: float | None = None,
    ) -> None:
        super().__init__(message, printer=printer, file_id=file_id)
        self.document = document
        self.submitted_at = submitted_at
