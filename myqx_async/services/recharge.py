"""Recharging users' credit (source: rad/v4/credit-recharging)."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from typing import Final

from myqx_async.models.recharge import NewRechargePayment, RechargePayment, RechargePaymentChanges, RechargeProvider
from myqx_async.payments import OpenRecharge
from myqx_async.services.lists import whole
from print_async.codec import UNSET, UnsetType
from print_async.finish import two_ends
from print_async.paging import Pager
from print_async.payment import noting
from print_async.service import Call, Service, operation

EXTERNAL: Final = "external"
"""The provider for programs that take the money themselves."""

_SOURCE = "rad/v4/credit-recharging"
_SCOPES = ("credit",)
_PAYMENTS = "/v3/rechargeProviders/{reference}/payments"
_PAYMENT = _PAYMENTS + "/{payment_id}"


class Recharge(Service):
    """Recharging credit: a payment is created, may be changed, and is then committed or rolled back.

    Nothing happens to the credit before the commit. With a user token it needs the right "Manage payments" ("Recharge
    credit" in older versions). Through this API MyQ takes payments of the provider `external`, and vouchers, whose
    request it does not document. The provider must be enabled in Settings, Credit: else creating a payment is a
    `StatusError` whose message ends in "Payment provider is disabled".
    """

    @operation("GET", "/v3/rechargeProviders", scopes=_SCOPES, source=_SOURCE)
    def providers(self, call: Call, *, resume: str | None = None) -> Pager[RechargeProvider]:
        """Walk the ways to recharge credit. They come in one page."""
        return whole(call, RechargeProvider, "providers", query={}, resume=resume)

    @operation("GET", _PAYMENTS, scopes=_SCOPES, source=_SOURCE)
    def payments(self, call: Call, reference: str = EXTERNAL, *, resume: str | None = None) -> Pager[RechargePayment]:
        """Walk the payments of a provider. They come in one page. The newest text of MyQ's page has this no more."""
        return whole(call, RechargePayment, "payments", query={}, resume=resume, path={"reference": reference})

    @operation("POST", _PAYMENTS, scopes=_SCOPES, idempotent=False, source=_SOURCE)
    async def create(self, call: Call, payment: NewRechargePayment, *, reference: str = EXTERNAL) -> RechargePayment:
        """Create a payment, to be committed or rolled back. `payment` of this service does all three.

        Not repeated after a failure in which the server may have acted: it may be there then, and moves no money.
        """
        return await call.fetch(RechargePayment, path={"reference": reference}, json=payment)

    @operation("PATCH", _PAYMENT, scopes=_SCOPES, idempotent=True, source=_SOURCE)
    async def update(
        self, call: Call, payment_id: int | str, changes: RechargePaymentChanges, *, reference: str = EXTERNAL
    ) -> None:
        """Change what is said of a payment."""
        await call.send(path={"reference": reference, "payment_id": payment_id}, json=changes)

    @operation("POST", _PAYMENT + "/commit", scopes=_SCOPES, idempotent=False, source=_SOURCE)
    async def commit(self, call: Call, payment_id: int | str, *, reference: str = EXTERNAL) -> None:
        """Commit a payment: the user's credit goes up by its amount.

        Not repeated after a failure in which the server may have acted; the list of payments tells whether it has.
        """
        await call.send(path={"reference": reference, "payment_id": payment_id})

    @operation("POST", _PAYMENT + "/rollback", scopes=_SCOPES, idempotent=True, source=_SOURCE)
    async def rollback(self, call: Call, payment_id: int | str, *, reference: str = EXTERNAL) -> None:
        """Give a payment up. It moves no money, so it is repeated like a read; a repetition may find it done."""
        await call.send(path={"reference": reference, "payment_id": payment_id})

    def payment(
        self,
        user_id: int,
        amount: Decimal | int,
        *,
        reference: str = EXTERNAL,
        description: str | UnsetType = UNSET,
        params: Mapping[str, str] | str | UnsetType = UNSET,
    ) -> AbstractAsyncContextManager[OpenRecharge]:
        """Recharge a user's credit, if the body of the block succeeds.

            async with myqx.recharge.payment(user.id, Decimal("20.00")) as payment:
                await take_the_money()

        Entering creates the payment. Leaving commits it; where the body raises or is cancelled, it is rolled back
        instead. A cancellation waits until what is under way has its answer, and goes on then. What became of the
        payment is in its `state`, also afterwards.

        Args:
            user_id: Whose credit.
            amount: Above zero, in the server's currency, exact: a `Decimal` or an int.
            reference: The provider.
            description, params: See `NewRechargePayment`.

        Raises:
            TypeError, ValueError: The amount is a float, or not above zero; `reference` is empty. Nothing was sent.
            PaymentOutcomeUnknown: The commit was sent and its answer is lost. Look before recharging again.
            StatusError, AuthError, TransportError, DecodeError: The payment was not committed. Where its creation or
                rollback went unanswered, a note says that it may be left open; it ends by itself then.
        """
        wanted = NewRechargePayment(user_id=user_id, amount=amount, description=description, params=params)

        async def begin() -> OpenRecharge:
            with noting(f"a payment of {wanted.amount} to user {user_id} may be left open, uncommitted"):
                created = await self.create(wanted, reference=reference)
            amount = wanted.amount if created.amount is None else created.amount
            return OpenRecharge(self, reference, created, amount, self._caller.clock)

        return two_ends(begin, succeed=OpenRecharge.succeed, fail=OpenRecharge.fail)
