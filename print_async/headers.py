"""Reading the headers that decide what happens next."""

import math
from datetime import UTC
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
        seconds = float(value)
        return seconds if math.isfinite(seconds) else None
    until, sent = _timestamp(value), _timestamp(headers.get("Date"))
    if until is None:
        return None
    return max(0.0, until - (clock.time() if sent is None else sent))


def request_id(headers: Headers) -> str | None:
    """Return the server's id of the exchange, under any of the names in use."""
    return headers.get("X-Request-Id") or headers.get("X-Correlation-Id") or headers.get("Request-Id")


def _timestamp(date: str | None) -> float | None:
    if date is None:
        return None
    try:
        parsed = parsedate_to_datetime(date)
        # asctime's form names no zone, and means UTC as the others do (RFC 9110 section 5.6.7).
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
