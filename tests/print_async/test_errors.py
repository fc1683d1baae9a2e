"""The tree of errors: as drawn, copyable, picklable, and chosen by status."""

import copy
import inspect
import pickle
import re
from decimal import Decimal

import pytest

from print_async import errors
from print_async.errors import ConnectFailed, PrintAsyncError, StatusError, TransportError, error_class

CLASSES = [each for each in vars(errors).values() if inspect.isclass(each) and issubclass(each, PrintAsyncError)]
STATUS = {"status": 418, "code": 7, "message": "no", "data": {"x": [1]}, "method": "GET", "path": "/x",
          "request_id": "id", "retry_after": 2.5, "retryable": True}  # fmt: skip
FACTS = {
    "TokenRequestFailed": {"status": 503, "retry_after": 1.5},
    "LoginRequired": {"error": "invalid_grant", "description": "gone"},
    "AuthorizationRefused": {"error": "access_denied"},
    "InsufficientScope": {"missing": frozenset({"users"})},
    "PrintOptionsError": {"printer": "p", "problems": ("no paper",)},
    "UploadFailed": {"file_id": "f", "status": 403, "code": "AuthenticationFailed"},
    "PrintFailed": {"code": 3011, "message": "failed", "printer": "p", "file_id": "f", "job_id": "j"},
    "PrintOutcomeUnknown": {"printer": "p", "file_id": "f", "document": "d", "submitted_at": 1.5},
    "PaymentError": {"reference": "credit", "session_id": 71, "payment_id": 9},
    "PaymentOutcomeUnknown": {"reference": "credit", "payment_id": "9", "amount": Decimal("3.75"), "submitted_at": 1.5},
    "PaymentSessionNotEnded": {"reference": "credit", "session_id": 71, "committed": (9,)},
}


def facts(cls: type[PrintAsyncError]) -> dict[str, object]:
    """Return attributes to make an error of that class with."""
    if issubclass(cls, TransportError):
        return {"method": "PUT", "url": "https://print.example/x", "sent": False, "phase": "connect"}
    return STATUS if issubclass(cls, StatusError) else FACTS.get(cls.__name__, {})


def test_drawn_as_it_is():
    """The tree in the docstring has every class, each below its base."""
    drawn, above = {}, {}
    for line in inspect.getdoc(errors).splitlines():
        found = re.match(r"(?P<lead>[ │├└─]*)(?P<name>[A-Z]\w+)(  |$)", line)
        if found and hasattr(errors, found["name"]):
            depth = len(found["lead"])
            above[depth] = found["name"]
            drawn[found["name"]] = above[max((d for d in above if d < depth), default=depth)]

    assert drawn.pop("PrintAsyncError") == "PrintAsyncError"
    assert drawn == {each.__name__: each.__bases__[0].__name__ for each in CLASSES if each is not PrintAsyncError}


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))],  # noqa: S301
                         ids=["copy", "deepcopy", "pickle"])  # fmt: skip
def test_duplicates(cls, duplicate):
    """A copy, and what comes back from a pickle, has the text, every attribute, and the cursor."""
    error = cls("the text", **facts(cls))
    error.retryable, error.cursor = True, "a cursor"

    made = duplicate(error)

    assert type(made) is cls
    assert str(made) == "the text"
    assert vars(made) == vars(error) | {"cursor": "a cursor", "retryable": True}
    assert {name: getattr(made, name) for name in facts(cls)} == facts(cls)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_only_the_text_is_needed(cls):
    """Every error can be made of its text alone, as a test's stub does, and is described."""
    assert str(cls("the text")) == "the text"
    assert cls.__doc__


def test_nothing_was_sent():
    """`ConnectFailed` says that nothing was sent and that a retry is safe, without being told."""
    assert ConnectFailed("refused").sent is False
    assert ConnectFailed("refused").retryable is True
    assert errors.CertificateRejected("expired").sent is False
    assert errors.CertificateRejected("expired").retryable is False


@pytest.mark.parametrize(
    ("status", "name"),
    [(300, "UnexpectedRedirect"), (302, "UnexpectedRedirect"), (308, "UnexpectedRedirect"), (400, "BadRequest"),
     (401, "Unauthorized"), (402, "StatusError"), (403, "Forbidden"), (404, "NotFound"), (409, "Conflict"),
     (410, "NotFound"), (412, "Conflict"), (418, "StatusError"), (422, "BadRequest"), (429, "RateLimited"),
     (500, "ServerError"), (503, "ServerError"), (599, "ServerError"), (999, "StatusError")],
)  # fmt: skip
def test_by_status(status, name):
    """The class of an error follows from the status, as the tree says."""
    assert error_class(status).__name__ == name


def test_bad_cursor_is_a_bad_argument():
    """A wrong cursor is a `ValueError` as well, as every bad argument."""
    assert issubclass(errors.InvalidCursor, ValueError)
