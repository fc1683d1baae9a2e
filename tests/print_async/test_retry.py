"""What is sent again, and when: the decision table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async import errors
from print_async.errors import (
    CertificateRejected,
    ConnectFailed,
    ConnectionLost,
    DecodeError,
    LoginRequired,
    TokenRequestFailed,
    TransportTimeout,
    error_class,
)
from print_async.retry import RetryPolicy, is_safe


def answer(status: int, retry_after: float | None = None) -> errors.StatusError:
    """Make the error of an answer."""
    return error_class(status)("no", status=status, retry_after=retry_after)


def token_failure(retryable: bool) -> TokenRequestFailed:
    """Make the error of a token request."""
    error = TokenRequestFailed("no token")
    error.retryable = retryable
    return error


TABLE = [  # the error; sent again if idempotent; sent again if not
    (ConnectFailed("refused", sent=False), True, True),
    (TransportTimeout("connect", sent=False, phase="connect"), True, True),
    (CertificateRejected("expired"), False, False),
    (ConnectionLost("reset", sent=True), True, False),
    (ConnectionLost("reset", sent=False), True, True),
    (TransportTimeout("silent", sent=True), True, False),
    (answer(429), True, True),
    (answer(502), True, False),
    (answer(503), True, False),
    (answer(504), True, False),
    *[(answer(status), False, False) for status in (301, 400, 401, 403, 404, 409, 412, 418, 422, 500, 501, 505, 507)],
    (token_failure(True), True, True),
    (token_failure(False), False, False),
    (DecodeError("not JSON"), False, False),
    (LoginRequired("gone", error="invalid_grant"), False, False),
    (errors.ForeignOrigin("elsewhere"), False, False),
    (errors.ClientClosed("closed"), False, False),
]


@pytest.mark.parametrize(
    ("error", "idempotent", "safe"),
    [(error, True, if_idempotent) for error, if_idempotent, _ in TABLE]
    + [(error, False, otherwise) for error, _, otherwise in TABLE],
    ids=lambda value: f"{type(value).__name__}{getattr(value, 'status', None) or ''}" if value not in (0, 1) else value,
)
def test_table(error, idempotent, safe):
    """Only what cannot be done twice, and may pass, is sent again."""
    pause = RetryPolicy().pause(error, attempt=1, idempotent=idempotent, draw=0.5)

    assert is_safe(error, idempotent=idempotent) is safe
    assert (pause is not None) is safe


@pytest.mark.parametrize("error", [ConnectFailed("refused", sent=False), answer(429), answer(503)])
@given(attempts=st.integers(1, 50), attempt=st.integers(1, 60))
def test_attempts(error, attempts, attempt):
    """A call is sent at most `attempts` times."""
    pause = RetryPolicy(attempts=attempts).pause(error, attempt=attempt, idempotent=True, draw=0.5)

    assert (pause is not None) is (attempt < attempts)


seconds = st.floats(0, 1e6)


@given(attempt=st.integers(1, 100_000), draw=st.floats(0, 1), base=seconds, cap=seconds)
def test_full_jitter(attempt, draw, base, cap):
    """The pause is the drawn part of base * 2^(n-1), and of the cap where that is less."""
    policy = RetryPolicy(attempts=100_001, base=base, cap=cap)
    pauses = {part: policy.pause(answer(503), attempt=attempt, idempotent=True, draw=part) for part in (0.0, draw, 1.0)}

    assert pauses[0.0] == 0
    assert 0 <= pauses[draw] <= pauses[1.0] <= cap
    assert pauses[draw] == pytest.approx(pauses[1.0] * draw)
    if attempt < 20:
        assert pauses[1.0] == min(cap, base * 2 ** (attempt - 1))


@given(asked=st.floats(0, 1e9), attempt=st.integers(1, 4), draw=st.floats(0, 1), cap=seconds)
def test_retry_after(asked, attempt, draw, cap):
    """What the server asks for is never undercut, nor capped; beyond it there is only the backoff."""
    policy = RetryPolicy(cap=cap)
    failed = TokenRequestFailed("no token", retry_after=asked)

    for error in (answer(429, asked), answer(503, asked), failed):
        pause = policy.pause(error, attempt=attempt, idempotent=True, draw=draw)
        assert asked <= pause <= max(asked, cap)


@pytest.mark.parametrize("wrong", [{"attempts": 0}, {"base": -1}, {"cap": -0.1}])
def test_nonsense(wrong):
    """A policy that makes no sense is refused when it is made."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RetryPolicy(**wrong)
