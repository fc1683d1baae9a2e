"""A payment in two steps: it is created, and moves money only when it is committed."""

import enum
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from print_async.clock import Clock
from print_async.errors import (
    AuthError,
    ClientClosed,
    PaymentError,
    PaymentOutcomeUnknown,
    PrintAsyncError,
    StatusError,
    TransportError,
)


class PaymentState(enum.StrEnum):
    """How far a payment has come, as far as this side knows."""

    OPEN = "open"
    """Not committed, nor known to be rolled back. It moves no money."""
    COMMITTED = "committed"
    ROLLED_BACK = "rolled back"
    UNKNOWN = "unknown"
    """A commit was sent, and nobody can say what became of it."""


class OpenPayment(ABC):
    """A payment that has been created, while it may still be committed or rolled back.

    Attributes:
        amount: What it moves: a `Decimal`, in the server's currency.
    """

    def __init__(self, amount: Decimal, clock: Clock) -> None:
        self.amount = amount
        self._clock = clock
        self._state = PaymentState.OPEN

    @property
    def state(self) -> PaymentState:
        """How far it has come, as far as this side knows."""
        return self._state

    def __str__(self) -> str:
        return f"{self._title()} is {self._state}"

    async def rollback(self) -> None:
        """Give the payment up, so that leaving its block commits nothing.

        Raises:
            RuntimeError: It is not open any more.
            StatusError, AuthError, TransportError: As for every call. It is not committed, and may be tried again.
        """
        if self._state is not PaymentState.OPEN:
            raise RuntimeError(f"{self}: it cannot be rolled back any more")
        await self._send_rollback()
        self._state = PaymentState.ROLLED_BACK

    async def succeed(self) -> None:
        """Commit it, if it is open; for the block that it is used in.

        Raises:
            PaymentOutcomeUnknown: It may have been committed, or not.
            StatusError, AuthError, TransportError: It is certain that it was not; it has been rolled back then.
        """
        if self._state is not PaymentState.OPEN:
            return
        submitted_at = self._clock.time()
        self._state = PaymentState.UNKNOWN  # from the first byte on, until there is an answer
        try:
            await self._send_commit()
        except Exception as error:
            if not certainly_not_done(error):
                raise self._unknown(error, submitted_at) from error
            self._state = PaymentState.OPEN
            await self._give_up(error)
            raise
        self._state = PaymentState.COMMITTED

    async def fail(self) -> None:
        """Roll it back, if it is open; for the block that it is used in.

        Raises:
            PaymentError: It could not be told to the server. It is not committed.
        """
        if self._state is not PaymentState.OPEN:
            return
        try:
            await self.rollback()
        except PrintAsyncError as error:
            raise PaymentError(
                f"{self._title()} was not committed, and could not be rolled back either: {error}"
            ) from error

    async def _give_up(self, refusal: Exception) -> None:
        try:
            await self.fail()
        except PaymentError as error:
            refusal.add_note(str(error))

    @abstractmethod
    def _title(self) -> str:
        """Return what it is called in messages."""

    @abstractmethod
    async def _send_commit(self) -> None:
        """Tell the server to commit it, at most once."""

    @abstractmethod
    async def _send_rollback(self) -> None:
        """Tell the server to roll it back."""

    @abstractmethod
    def _unknown(self, error: Exception, submitted_at: float) -> PaymentOutcomeUnknown:
        """Return the error that says that nobody knows whether it was committed, and where to look."""


def certainly_not_done(error: Exception) -> bool:
    """Tell whether a call that ended so has, for certain, changed nothing at the server."""
    if isinstance(error, TransportError):
        return not error.sent
    if isinstance(error, StatusError):
        return 400 <= error.status < 500  # a redirect may be the answer to what was done
    return isinstance(error, (AuthError, ClientClosed))


@contextmanager
def noting(leftover: str) -> Iterator[None]:
    """Note on an error inside what may be at the server in spite of it, unless it is certain that nothing was done."""
    try:
        yield
    except PrintAsyncError as error:
        if not certainly_not_done(error):
            error.add_note(leftover)
        raise
