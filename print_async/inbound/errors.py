"""What a handler of a vendor's call raises to say no, and what it is told when a call breaks off.

    InboundError
    ├── Refused             the answer is no; `status` is what the vendor's server gets
    │   ├── BadRequest      400
    │   ├── AccessDenied    403
    │   ├── NotFound        404
    │   ├── Conflict        409
    │   └── TooLarge        413
    ├── UploadInterrupted   the caller went away, or fell silent, before its body was whole
    └── AnswerCutShort      for adapters: an answer that has begun cannot be finished

They are no `PrintAsyncError`: that tree is about calls that we make, this one about calls that we get.
"""

from http import HTTPStatus


class InboundError(Exception):
    """The root of all errors of calls that come in."""


class Refused(InboundError):
    """The answer is no. The text is sent to the caller as `{"error": text}`, so keep secrets out of it.

    Attributes:
        status: The HTTP status of the answer.
    """

    status: int = 400

    def __init__(self, text: str = "") -> None:
        super().__init__(text or HTTPStatus(self.status).phrase)


class BadRequest(Refused):
    """The call makes no sense: a path that leads out, a body that is not what the documents say."""


class AccessDenied(Refused):
    """The user is known and may not do this; in External Authentication: invalid or blocked."""

    status = 403


class NotFound(Refused):
    """There is no such file, folder, user or session."""

    status = 404


class Conflict(Refused):
    """It cannot be done as things are: the file is there already, the balance is too small."""

    status = 409


class TooLarge(Refused):
    """The body is larger than the limit, whether its length was said beforehand or found out on the way."""

    status = 413


class UploadInterrupted(InboundError):
    """The body did not come whole: the caller went away or fell silent. Throw away what came; nobody gets an answer.

    Attributes:
        status: 408 where the caller fell silent, else 400, which nobody sees.
    """

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


class AnswerCutShort(InboundError):
    """The source of a streamed answer failed after the answer had begun; the log of `print_async.inbound` says why.

    The connection must be dropped, so that nobody takes the part for the whole.
    """
