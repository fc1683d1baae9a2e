"""Paying from users' accounts (source: rad/v4/payment-session-control, rad/v4/creating-and-committing-payments)."""

from contextlib import AbstractAsyncContextManager
from decimal import Decimal

from myqx_async.models.accounts import (
    AccountBalance,
    AccountCharge,
    AccountPayment,
    AccountSession,
    NewAccountSession,
)
from myqx_async.payments import PaymentSession
from print_async.auth.token import TokenKind
from print_async.codec import UNSET, UnsetType, decode
from print_async.finish import two_ends
from print_async.payment import noting
from print_async.service import Call, Service, operation

_SESSION_SOURCE = "rad/v4/payment-session-control"
_PAYMENT_SOURCE = "rad/v4/creating-and-committing-payments"
_SCOPES = ("credit",)
_KINDS = (TokenKind.CLIENT,)
_SESSIONS = "/v3/accounts/{reference}/sessions"
_SESSION = _SESSIONS + "/{session_id}"
_PAYMENTS = _SESSION + "/payments"
_PAYMENT = _PAYMENTS + "/{payment_id}"


class Accounts(Service):
    """Payments from users' accounts. `session` is the way to make them that leaves nothing open.

    A reference names an account. MyQ has them at `/v3/users/accounts`, whose answer it does not document; `request` of
    the client can read it. Amounts are exact, above zero and in the server's currency: `Decimal`, or int. A float is a
    `TypeError`, raised before anything is sent.
    """

    @operation("POST", _SESSIONS, scopes=_SCOPES, kinds=_KINDS, idempotent=False, source=_SESSION_SOURCE)
    async def start(
        self, call: Call, reference: str, username: str, *, client_id: str | UnsetType = UNSET
    ) -> AccountSession:
        """Start a payment session. Whoever starts one has to end it.

        Not repeated after a failure in which the server may have acted.

        Raises:
            ValueError: `reference` or `username` is empty.
        """
        wanted = NewAccountSession(username=username, client_id=client_id)
        return await call.fetch(AccountSession, path={"reference": reference}, json=wanted)

    @operation("GET", _SESSION + "/balance", scopes=_SCOPES, kinds=_KINDS, source=_SESSION_SOURCE)
    async def balance(self, call: Call, reference: str, session_id: int) -> Decimal:
        """Return the balance of a session's account."""
        return (await call.fetch(AccountBalance, path=_path(reference, session_id))).balance.amount

    @operation("POST", _SESSION + "/block", scopes=_SCOPES, kinds=_KINDS, idempotent=False, source=_SESSION_SOURCE)
    async def block(
        self,
        call: Call,
        reference: str,
        session_id: int,
        amount: Decimal | int,
        *,
        description: str | UnsetType = UNSET,
    ) -> None:
        """Set an amount aside, until the session ends.

        Not repeated after a failure in which the server may have acted.
        """
        await call.send(path=_path(reference, session_id), json=AccountCharge(amount=amount, description=description))

    @operation("DELETE", _SESSION, scopes=_SCOPES, kinds=_KINDS, source=_SESSION_SOURCE)
    async def end(self, call: Call, reference: str, session_id: int) -> None:
        """End a session, which frees all that it has blocked; `NotFound` where there is none, or no more."""
        await call.send(path=_path(reference, session_id))

    @operation("POST", _PAYMENTS, scopes=_SCOPES, kinds=_KINDS, idempotent=False, source=_PAYMENT_SOURCE)
    async def create_payment(
        self,
        call: Call,
        reference: str,
        session_id: int,
        amount: Decimal | int,
        *,
        description: str | UnsetType = UNSET,
    ) -> AccountPayment:
        """Create a payment, to be committed or rolled back. It moves no money yet.

        Not repeated after a failure in which the server may have acted; the end of the session clears it away.
        """
        charge = AccountCharge(amount=amount, description=description)
        return await call.fetch(AccountPayment, path=_path(reference, session_id), json=charge)

    @operation("PATCH", _PAYMENT, scopes=_SCOPES, kinds=_KINDS, idempotent=True, source=_PAYMENT_SOURCE)
    async def update_payment(
        self, call: Call, reference: str, session_id: int, payment_id: int, amount: Decimal | int
    ) -> AccountPayment:
        """Change the amount of a payment that is not committed, and return it."""
        charge = AccountCharge(amount=amount)
        body = (await call.send(path=_path(reference, session_id, payment_id), json=charge)).body
        return decode(body, AccountPayment) if body else AccountPayment(payment_id, charge.amount)

    @operation("POST", _PAYMENT + "/commit", scopes=_SCOPES, kinds=_KINDS, idempotent=False, source=_PAYMENT_SOURCE)
    async def commit_payment(self, call: Call, reference: str, session_id: int, payment_id: int) -> None:
        """Commit a payment: the balance goes down by its amount.

        Not repeated after a failure in which the server may have acted; the balance tells whether it has.
        """
        await call.send(path=_path(reference, session_id, payment_id))

    @operation("POST", _PAYMENT + "/rollback", scopes=_SCOPES, kinds=_KINDS, idempotent=True, source=_PAYMENT_SOURCE)
    async def rollback_payment(self, call: Call, reference: str, session_id: int, payment_id: int) -> None:
        """Give a payment up. It moves no money, so it is repeated like a read; a repetition may find it done."""
        await call.send(path=_path(reference, session_id, payment_id))

    def session(
        self, reference: str, *, username: str, client_id: str | UnsetType = UNSET
    ) -> AbstractAsyncContextManager[PaymentSession]:
        """Make payments from a user's account, in a session that ends with the block.

            async with myqx.accounts.session(reference, username="john.smith") as session:
                async with session.payment(Decimal("4.50")) as payment:
                    await print_it()

        A payment is committed where its body succeeds, and rolled back where it raises or is cancelled. The session
        ends in any case, which frees all that it has blocked. A cancellation waits until what is under way has its
        answer, and goes on then; a `payment.state` tells what became of each payment.

        Args:
            reference: The account.
            username: Whose account it is.
            client_id: What it stands for, MyQ does not say.

        Raises:
            ValueError: `reference` or `username` is empty. Nothing was sent.
            PaymentOutcomeUnknown: A commit was sent and its answer is lost. Look before paying again.
            PaymentSessionNotEnded: All payments are settled, and the session could not be ended. Where an error is on
                its way already, it has a note that says so instead.
            StatusError, AuthError, TransportError, DecodeError: The session could not be started. If that was
                answered by nothing that can be read, a note says that it may be there, without a block or payment.
        """

        async def begin() -> PaymentSession:
            with noting(f"a session may be there on account {reference!r}, without a block and without a payment"):
                started = await self.start(reference, username, client_id=client_id)
            return PaymentSession(self, reference, started, self._caller.clock)

        return two_ends(begin, succeed=PaymentSession.end, fail=PaymentSession.end)


def _path(reference: str, session_id: int, payment_id: int | None = None) -> dict[str, object]:
    return {"reference": reference, "session_id": session_id, "payment_id": payment_id}
