"""Recharging credit: every operation, over real sockets and TLS."""

from decimal import Decimal

import pytest

from myqx_async.models import NewRechargePayment, RechargePayment, RechargePaymentChanges, RechargeProvider
from myqx_async.services.recharge import EXTERNAL, Recharge
from print_async.errors import (
    BadRequest,
    ConnectionLost,
    DecodeError,
    Forbidden,
    InsufficientScope,
    InvalidCursor,
    NotFound,
    StatusError,
)
from print_async.service import operation_of
from print_async.testing import Fault, FaultKind

PAYMENTS = "/api/v3/rechargeProviders/external/payments"
ORDER = NewRechargePayment(user_id=1008, amount=Decimal("20.10"), description="Kiosk", params={"transaction": "T-31"})


@pytest.fixture
async def rig(start):
    """A client with the scope `credit`; the user of id 1008 has 7 at the start."""
    return await start(grant=lambda sim: sim.grant("credit"))


async def test_providers(rig):
    """The ways to recharge come with all that is documented of them."""
    found = await rig.myqx.recharge.providers().collect()

    assert found == [
        RechargeProvider("external", "External payment provider", "", ("transaction", 1, True)),
        RechargeProvider("paypal", "PayPal", "", ("transaction", 1, True)),
    ]


async def test_create(rig):
    """A payment is created with its amount to the last digit and an id that is a text; the credit stays as it was."""
    made = await rig.myqx.recharge.create(ORDER)

    assert made == RechargePayment("1", 1008, Decimal("20.10"), "Kiosk", {"transaction": "T-31"})
    assert rig.sim.ledger.balance(7) == 7
    assert rig.sim.recharges.states(7) == {1: "created"}


async def test_params_as_a_text(rig):
    """The parameters may be a text, as in MyQ's sample of the request."""
    made = await rig.myqx.recharge.create(NewRechargePayment(user_id=1008, amount=5, params="T-31"))

    assert (made.amount, made.params) == (Decimal(5), "T-31")


async def test_list(rig):
    """Created payments are in the provider's list, under the same id, and in no other's."""
    made = await rig.myqx.recharge.create(ORDER)

    (listed,) = await rig.myqx.recharge.payments().collect()

    assert listed == RechargePayment(
        id=1,
        user_id=1008,
        amount=Decimal("20.10"),
        currency="EUR",
        state="created",
        created="2025-06-15T15:06:40.000Z",
        updated="2025-06-15T15:06:40.000Z",
        expires="2025-06-15T15:36:40.000Z",
        payment_no=1,
        provider="external",
        description="Kiosk",
    )
    assert str(listed.id) == str(made.id)
    assert await rig.myqx.recharge.payments("paypal").collect() == []


async def test_a_cursor_is_of_one_provider(rig):
    """The cursor of one provider's payments is not taken for another's."""
    await rig.myqx.recharge.create(ORDER)
    walk = rig.myqx.recharge.payments()
    await walk.collect(limit=1)

    assert await rig.myqx.recharge.payments(EXTERNAL, resume=walk.cursor).collect() == []
    with pytest.raises(InvalidCursor):
        rig.myqx.recharge.payments("paypal", resume=walk.cursor)


@pytest.mark.parametrize("kind", [None, FaultKind.DROP_AFTER, FaultKind.DROP_BEFORE])
async def test_update(rig, kind):
    """What is said of a payment is changed, also when the answer is lost at first: a change is repeated."""
    made = await rig.myqx.recharge.create(ORDER)
    if kind:
        rig.sim.faults.add(Fault(kind=kind, method="PATCH", times=2))

    await rig.myqx.recharge.update(made.id, RechargePaymentChanges(description="Desk"))

    (listed,) = await rig.myqx.recharge.payments().collect()
    assert listed.description == "Desk"


async def test_commit(rig):
    """The credit goes up with the commit, once; a second commit is refused."""
    made = await rig.myqx.recharge.create(ORDER)

    await rig.myqx.recharge.commit(made.id)

    assert rig.sim.ledger.balance(7) == Decimal("27.10")
    with pytest.raises(BadRequest, match="cannot be performed in the current state"):
        await rig.myqx.recharge.commit(made.id)
    assert rig.sim.ledger.balance(7) == Decimal("27.10")


async def test_rollback(rig):
    """A payment that was rolled back cannot be committed any more."""
    made = await rig.myqx.recharge.create(ORDER)

    await rig.myqx.recharge.rollback(made.id)

    with pytest.raises(BadRequest):
        await rig.myqx.recharge.commit(made.id)
    assert rig.sim.ledger.balance(7) == 7
    assert rig.sim.recharges.states(7) == {1: "rolledBack"}


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.TRUNCATE])
@pytest.mark.parametrize("step", ["create", "commit"])
async def test_money_is_never_moved_twice(rig, kind, step):
    """What may have arrived is not sent again, for it creates a payment, or commits one."""
    made = await rig.myqx.recharge.create(ORDER)
    sent = rig.requests
    rig.sim.faults.add(Fault(kind=kind, method="POST"))

    with pytest.raises(ConnectionLost) as lost:
        await (rig.myqx.recharge.create(ORDER) if step == "create" else rig.myqx.recharge.commit(made.id))

    assert rig.requests == sent + 1
    assert lost.value.retryable is False


async def test_a_disabled_provider(start):
    """Where the provider is disabled, MyQ's own words say so."""
    rig = await start(grant=lambda sim: sim.grant("credit"), external_payments=False)

    with pytest.raises(StatusError, match=r"Payment provider is disabled\.") as refused:
        await rig.myqx.recharge.create(ORDER)

    assert refused.value.code == 400
    rig.sim.external_payments = True
    await rig.myqx.recharge.create(ORDER)


@pytest.mark.parametrize("status", [200, 201, 204])
async def test_any_success(start, status):
    """Every way to accept a write will do, where the answer says nothing that is needed."""
    rig = await start(grant=lambda sim: sim.grant("credit"))
    made = await rig.myqx.recharge.create(ORDER)
    rig.sim.success_status, rig.sim.success_body = status, False

    await rig.myqx.recharge.update(made.id, RechargePaymentChanges(params={"a": "b"}))
    await rig.myqx.recharge.commit(made.id)

    assert rig.sim.recharges.states(7) == {1: "committed"}


async def test_created_without_a_word(start):
    """An answer without the new payment's id is no success: nobody could commit it."""
    rig = await start(grant=lambda sim: sim.grant("credit"), success_status=204)

    with pytest.raises(DecodeError, match="RechargePayment"):
        await rig.myqx.recharge.create(ORDER)


async def test_user_tokens(start, signed_in):
    """A user may recharge with the right to, and only then."""
    rig = await start(grant=signed_in(0, "credit"))
    await rig.myqx.recharge.create(ORDER)
    other = rig.join(signed_in(1, "credit")(rig.sim))

    async with other:
        with pytest.raises(Forbidden, match="Manage payments"):
            await other.recharge.create(ORDER)


async def test_refused_before_any_io(rig):
    """A float, an amount of nothing, an empty reference and a missing scope cost no request."""
    with pytest.raises(TypeError, match="float"):
        NewRechargePayment(user_id=1, amount=0.1)
    with pytest.raises(ValueError, match="above zero"):
        NewRechargePayment(user_id=1, amount=0)
    with pytest.raises(ValueError, match="reference"):
        await rig.myqx.recharge.create(ORDER, reference="")
    with pytest.raises(ValueError, match="reference"):
        rig.myqx.recharge.payments("..")
    with pytest.raises(ValueError, match="payment_id"):
        await rig.myqx.recharge.commit("")
    other = rig.join(rig.sim.grant("users"))
    async with other:
        with pytest.raises(InsufficientScope):
            await other.recharge.create(ORDER)

    assert rig.requests == 0


async def test_there_is_no_such(rig):
    """Neither a provider nor a payment that is not there is found."""
    with pytest.raises(NotFound):
        await rig.myqx.recharge.payments("nobody/here").collect()
    with pytest.raises(NotFound):
        await rig.myqx.recharge.rollback(5)


def test_operations():
    """Committing and creating are never repeated; the rest changes nothing when it is done twice."""
    once = {
        name for name in vars(Recharge) if name.islower() and hasattr(vars(Recharge)[name], "operation")
        and not operation_of(vars(Recharge)[name]).idempotent
    }  # fmt: skip

    assert once == {"create", "commit"}
    assert operation_of(Recharge.commit).needs.scopes == {"credit"}
    assert operation_of(Recharge.commit).needs.kinds == frozenset()
