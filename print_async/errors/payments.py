"""A payment was left open, or nobody can say whether it was made."""

from decimal import Decimal

from print_async.errors.base import PrintAsyncError


class PaymentError(PrintAsyncError):
    """Something about a payment. Where it is no subclass: the payment is not committed, and was left open.

    Attributes:
        reference: What the money is on, or comes through: the reference of an account or of a payment provider.
        session_id: The payment session, where there is one.
        payment_id: The payment, where it is about one.
    """

    def __init__(
        self,
        message: str,
        *,
        reference: str | None = None,
        session_id: int | None = None,
        payment_id: int | str | None = None,
    ) -> None:
        super().__init__(message)
        self.reference = reference
        self.session_id = session_id
        self.payment_id = payment_id


class PaymentOutcomeUnknown(PaymentError):
    """The commit of a payment was sent and its answer is lost: the money may have moved, or not.

    It was not sent again, nor was the payment rolled back. Nobody may pay again without a look at the balance, or at
    the list of payments, where there is one; the message says which. The failure itself is the `__cause__`.

    Attributes:
        amount: What may have moved, a `Decimal` in the server's currency; `None` where that is not known.
        submitted_at: When the commit was sent: wall clock, seconds since 1970.
    """

    def __init__(
        self,
        message: str,
        *,
        reference: str | None = None,
        session_id: int | None = None,
        payment_id: int | str | None = None,
        amount: Decimal | None = None,
        submitted_at: float | None = None,
    ) -> None:
        super().__init__(message, reference=reference, session_id=session_id, payment_id=payment_id)
        self.amount = amount
        self.submitted_at = submitted_at


class PaymentSessionNotEnded(PaymentError):
    """A payment session is over here, but the server could not be told: what it has blocked may stay blocked.

    Its payments are settled, so the work must not be done again; ending the session may be tried again. The failure
    itself is the `__cause__`.

    Attributes:
        committed: The ids of the payments that were committed in it.
    """

    def __init__(
        self,
        message: str,
        *,
        reference: str | None = None,
        session_id: int | None = None,
        committed: tuple[int, ...] = (),
    ) -> None:
        super().__init__(message, reference=reference, session_id=session_id)
        self.committed = committed
