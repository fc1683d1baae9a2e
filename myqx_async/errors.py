"""How MyQ X writes errors. The errors themselves are those of `print_async.errors`, and one more."""

from print_async.caller import ErrorBody
from print_async.errors import PrintTimeout


def read_error(body: object) -> ErrorBody:
    """Read a decoded error body: `{code, message, data}`, in which the code may differ from the HTTP status.

    Source: rad/v4/error-messages.
    """
    if not isinstance(body, dict):
        return ErrorBody(data=body)
    code, message = body.get("code"), body.get("message")
    return ErrorBody(
        code if isinstance(code, (int, str)) else None,
        message if isinstance(message, str) else None,
        body.get("data"),
    )


class ReleaseTimeout(PrintTimeout):
    """Released jobs were not printed in the time given for it. Nothing was called off; waiting may be repeated.

    Attributes:
        pending: The ids of the jobs that are still waiting, or being printed.
    """

    def __init__(self, message: str, *, pending: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.pending = pending
