"""Payments while they are open: what the blocks of `accounts.session` and `recharge.payment` give."""

from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from typing import TYPE_CHECKING

from myqx_async.models.accounts import AccountSession
from myqx_async.models.recharge import RechargePayment, RechargePaymentChanges
from print_async.clock import Clock
from print_async.codec import UNSET, UnsetType
from print_async.errors import NotFound, PaymentOutcomeUnknown, PaymentSessionNotEnded, PrintAsyncError
from print_async.finish import two_ends
from print_async.money import positive_amount
from print_async.payment import OpenPayment, PaymentState, noting

if TYPE_CHECKING:
    from myqx_async.services.accounts import Accounts
    from myqx_async.services.recharge import Recharge


class SessionPayment(OpenPayment):
    """A payment in a session on a user's account, until it is committed or rolled back.

    Attributes:
        id: As the server gave it.
        amount: What it takes from the account: a `Decimal` in the server's currency.
    """

    def __init__(self, session: "PaymentSession", payment_id: int, amount: Decimal) -> None:
        super().__init__(amount, session.clock)
        self.id: int = payment_id
        self._session = session

    async def update(self, amount: Decimal | int) -> None:
        """Change the amount.

        Raises:
            TypeError, ValueError: It is a float, or not above zero. Nothing was sent.
            StatusError, AuthError, TransportError: As for every call; which amount it has then is not known.
        """
        of, wanted = self._session, positive_amount(amount)
        answer = await of.accounts.update_payment(of.reference, of.id, self.id, wanted)
        self.amount: Decimal = wanted if answer.amount is None else answer.amount

    def _title(self) -> str:
        return f"payment {self.id} of {self.amount} in {self._session}"

    async def _send_commit(self) -> None:
        of = self._session
        await of.accounts.commit_payment(of.reference, of.id, self.id)

    async def _send_rollback(self) -> None:
        of = self._session
        await of.accounts.rollback_payment(of.reference, of.id, self.id)

    def _unknown(self, error: Exception, submitted_at: float) -> PaymentOutcomeUnknown:
        of = self._session
        before = of.started.balance
        told = "" if before is None else f", which was {before.amount} when the session started"
        return PaymentOutcomeUnknown(
            f"{self._title()} may have been committed: {error}. It was not sent again. Look at the balance{told}, in "
            "a new session, before paying again",
            reference=of.reference,
            session_id=of.id,
            payment_id=self.id,
            amount=self.amount,
            submitted_at=submitted_at,
        )


class PaymentSession:
    """A payment session on a user's account, until it ends.

    Attributes:
        accounts: The service that it was started with.
        reference: The account.
        started: What the server said when it started; its balance is the one of then.
        clock: What the times of its errors are read from.
        payments: Every payment made in it.
    """

    def __init__(self, accounts: "Accounts", reference: str, started: AccountSession, clock: Clock) -> None:
        self.accounts = accounts
        self.reference = reference
        self.started = started
        self.clock = clock
        self.payments: list[SessionPayment] = []

    @property
    def id(self) -> int:
        """As the server gave it."""
        return self.started.id

    def __str__(self) -> str:
        return f"session {self.id} on account {self.reference!r}"

    async def balance(self) -> Decimal:
        """Return the balance of now, in the server's currency."""
        return await self.accounts.balance(self.reference, self.id)

    async def block(self, amount: Decimal | int, *, description: str | UnsetType = UNSET) -> None:
        """Set an amount aside until the session ends; see `Accounts.block`."""
        await self.accounts.block(self.reference, self.id, amount, description=description)

    def payment(
        self, amount: Decimal | int, *, description: str | UnsetType = UNSET
    ) -> AbstractAsyncContextManager[SessionPayment]:
        """Pay, if the body of the block succeeds.

        Entering creates the payment. Leaving commits it; where the body raises or is cancelled, it is rolled back
        instead. It may be given up without an error by `rollback`.

        Args:
            amount: Above zero, in the server's currency, exact: a `Decimal` or an int.
            description: Of the payment.

        Raises:
            TypeError, ValueError: The amount is a float, or not above zero. Nothing was sent.
            PaymentOutcomeUnknown: The commit was sent and its answer is lost. Look before paying again.
            StatusError, AuthError, TransportError, DecodeError: The payment was not committed.
        """
        wanted = positive_amount(amount)

        async def begin() -> SessionPayment:
            with noting(f"a payment of {wanted} may be open in {self}, uncommitted, until that ends"):
                made = await self.accounts.create_payment(self.reference, self.id, wanted, description=description)
            payment = SessionPayment(self, made.id, wanted if made.amount is None else made.amount)
            self.payments.append(payment)
            return payment

        return two_ends(begin, succeed=SessionPayment.succeed, fail=SessionPayment.fail)

    async def end(self) -> None:
        """End it; for the block that it is used in.

        Raises:
            PaymentSessionNotEnded: The server could not be told.
        """
        try:
            await self.accounts.end(self.reference, self.id)
        except NotFound:
            return  # an earlier attempt, whose answer was lost, has ended it
        except PrintAsyncError as error:
            raise self._not_ended(error) from error

    def _not_ended(self, error: PrintAsyncError) -> PaymentSessionNotEnded:
        committed = tuple(each.id for each in self.payments if each.state is PaymentState.COMMITTED)
        paid = f"Payments {', '.join(map(str, committed))} were committed" if committed else "No payment was committed"
        return PaymentSessionNotEnded(
            f"{self} could not be ended: {error}. What it has blocked stays so until it is: try "
            f"accounts.end({self.reference!r}, {self.id}). {paid} in it",
            reference=self.reference,
            session_id=self.id,
            committed=committed,
        )


class OpenRecharge(OpenPayment):
    """A payment that is to recharge a user's credit, until it is committed or rolled back.

    Attributes:
        created: What the server said when it was created.
        amount: What it adds to the credit: a `Decimal` in the server's currency.
    """

    def __init__(
        self, recharge: "Recharge", reference: str, created: RechargePayment, amount: Decimal, clock: Clock
    ) -> None:
        super().__init__(amount, clock)
        self.created = created
        self._recharge = recharge
        self._reference = reference

    @property
    def id(self) -> int | str:
        """As the server gave it."""
        return self.created.id

    async def update(self, changes: RechargePaymentChanges) -> None:
        """Change what is said of it; see `Recharge.update`."""
        await self._recharge.update(self.id, changes, reference=self._reference)

    def _title(self) -> str:
        return f"payment {self.id} of {self.amount} through {self._reference!r}"

    async def _send_commit(self) -> None:
        await self._recharge.commit(self.id, reference=self._reference)

    async def _send_rollback(self) -> None:
        await self._recharge.rollback(self.id, reference=self._reference)

    def _unknown(self, error: Exception, submitted_at: float) -> PaymentOutcomeUnknown:
        return PaymentOutcomeUnknown(
            f"{self._title()} may have been committed: {error}. It was not sent again. Look for it in "
            f"recharge.payments({self._reference!r}) before recharging again",
            reference=self._reference,
            payment_id=self.id,
            amount=self.amount,
            submitted_at=submitted_at,
        )
