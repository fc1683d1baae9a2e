"""Reading the headers that decide what happens next."""

from email.utils import parsedate_to_datetime

from print_async.clock import Clock
from print_async.wire import Headers


def retry_after(headers: Headers, clock: Clock) -> float | None:
    """Return how many seconds the server asks to wait (RFC 9110 section 10.2.3); `None` if it does not, or garbled.

    A date is taken relative to the server's own `Date`, where it sent one, so that its clock need not agree with ours.
    """
    value = headers.get("Retry-After")
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    until, sent = _timestamp(value), _timestamp(headers.get("Date"))
    if until is None:
        return None
    return max(0.0, until - (clock.time() if sent is None else sent))


def request_id(headers: Headers) -> str | None:
    """Return the server's id of the exchange, under any of the names in use."""
    return headers.get("X-Request-Id") or headers.get("X-Correlation-Id") or headers.get("Request-Id")


def _timestamp(date: str | None) -> float | None:
    try:
        return None if date is None else parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None
