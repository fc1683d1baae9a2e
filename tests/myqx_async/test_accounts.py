"""Payment sessions on users' accounts: every operation, over real sockets and TLS."""

from decimal import Decimal

import pytest

from myqx_async.models import AccountPayment, Balance
from myqx_async.services.accounts import Accounts
from print_async.auth.token import TokenKind
from print_async.errors import (
    BadRequest,
    Conflict,
    ConnectionLost,
    DecodeError,
    InsufficientScope,
    NotFound,
    WrongTokenKind,
)
from print_async.service import operation_of
from print_async.testing import Fault, FaultKind

ACCOUNT = "internal-7"


@pytest.fixture
async def rig(start):
    """A client with the scope `credit`; the user at index 7 has 25.50."""
    rig = await start(grant=lambda sim: sim.grant("credit"))
    rig.sim.ledger.set_balance(7, Decimal("25.50"))
    return rig


def owner(rig):
    """Return the name of the account's owner."""
    return rig.sim.credentials(7).username


@pytest.fixture
async def session(rig):
    """A session on that account."""
    return await rig.myqx.accounts.start(ACCOUNT, owner(rig))


async def test_start(rig, session):
    """A session starts with its id and the balance, to the last digit."""
    assert (session.balance, session.quotas) == (Balance(Decimal("25.50")), {})
    assert rig.sim.ledger.sessions(7) == [session.id]


async def test_whose_account(rig):
    """Neither somebody else's account nor one that is not there can be opened."""
    for reference, username in ((ACCOUNT, "nobody"), ("internal-8", owner(rig)), ("a/b%2F", owner(rig))):
        with pytest.raises(NotFound):
            await rig.myqx.accounts.start(reference, username, client_id="kiosk")


async def test_block_and_end(rig, session):
    """A block takes from what can be spent until the session ends, and ends with it."""
    await rig.myqx.accounts.block(ACCOUNT, session.id, Decimal("5.25"), description="Copies")
    assert await rig.myqx.accounts.balance(ACCOUNT, session.id) == Decimal("20.25")
    with pytest.raises(Conflict, match="Insufficient"):
        await rig.myqx.accounts.block(ACCOUNT, session.id, 21)

    await rig.myqx.accounts.end(ACCOUNT, session.id)

    assert (rig.sim.ledger.blocked(7), rig.sim.ledger.balance(7)) == (0, Decimal("25.50"))
    with pytest.raises(NotFound):
        await rig.myqx.accounts.balance(ACCOUNT, session.id)


async def test_pay(rig, session):
    """A payment takes from the balance when it is committed, and not before."""
    made = await rig.myqx.accounts.create_payment(ACCOUNT, session.id, Decimal("4.50"), description="Copies")
    assert made == AccountPayment(made.id, Decimal("4.50"))
    assert rig.sim.ledger.balance(7) == Decimal("25.50")

    await rig.myqx.accounts.commit_payment(ACCOUNT, session.id, made.id)

    assert rig.sim.ledger.balance(7) == 21
    with pytest.raises(BadRequest, match="current state"):
        await rig.myqx.accounts.commit_payment(ACCOUNT, session.id, made.id)


@pytest.mark.parametrize("kind", [None, FaultKind.DROP_AFTER, FaultKind.DROP_BEFORE])
async def test_update(rig, session, kind):
    """The amount is changed, also when the answer is lost at first: a change is repeated."""
    made = await rig.myqx.accounts.create_payment(ACCOUNT, session.id, 4)
    if kind:
        rig.sim.faults.add(Fault(kind=kind, method="PATCH", times=2))

    changed = await rig.myqx.accounts.update_payment(ACCOUNT, session.id, made.id, Decimal("3.75"))

    assert changed == AccountPayment(made.id, Decimal("3.75"))
    await rig.myqx.accounts.commit_payment(ACCOUNT, session.id, made.id)
    assert rig.sim.ledger.balance(7) == Decimal("21.75")


async def test_rollback(rig, session):
    """A payment that was rolled back cannot be committed any more, and holds nothing."""
    made = await rig.myqx.accounts.create_payment(ACCOUNT, session.id, 4)

    await rig.myqx.accounts.rollback_payment(ACCOUNT, session.id, made.id)

    with pytest.raises(BadRequest):
        await rig.myqx.accounts.commit_payment(ACCOUNT, session.id, made.id)
    assert (rig.sim.ledger.blocked(7), rig.sim.ledger.balance(7)) == (0, Decimal("25.50"))


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.TRUNCATE])
@pytest.mark.parametrize("step", ["start", "block", "create_payment", "commit_payment"])
async def test_money_is_never_moved_twice(rig, session, kind, step):
    """What may have arrived is not sent again where it starts, blocks, creates or commits."""
    accounts, made = rig.myqx.accounts, await rig.myqx.accounts.create_payment(ACCOUNT, session.id, 4)
    sent = rig.requests
    rig.sim.faults.add(Fault(kind=kind, method="POST"))
    arguments = {
        "start": (owner(rig),),
        "block": (session.id, 1),
        "create_payment": (session.id, 1),
        "commit_payment": (session.id, made.id),
    }

    with pytest.raises(ConnectionLost) as lost:
        await getattr(accounts, step)(ACCOUNT, *arguments[step])

    assert rig.requests == sent + 1
    assert lost.value.retryable is False


@pytest.mark.parametrize("status", [200, 201, 204])
async def test_any_success(rig, session, status):
    """Every way to accept a write will do, where the answer says nothing that is needed."""
    accounts, made = rig.myqx.accounts, await rig.myqx.accounts.create_payment(ACCOUNT, session.id, 4)
    rig.sim.success_status, rig.sim.success_body = status, False

    await accounts.block(ACCOUNT, session.id, 1)
    assert await accounts.update_payment(ACCOUNT, session.id, made.id, 3) == AccountPayment(made.id, Decimal(3))
    await accounts.commit_payment(ACCOUNT, session.id, made.id)
    await accounts.end(ACCOUNT, session.id)

    assert rig.sim.ledger.balance(7) == Decimal("22.50")


async def test_started_without_a_word(rig):
    """An answer without the id of what was made is no success: nobody could go on with it."""
    rig.sim.success_status = 204

    with pytest.raises(DecodeError, match="AccountSession"):
        await rig.myqx.accounts.start(ACCOUNT, owner(rig))


async def test_refused_before_any_io(rig, signed_in):
    """A float, an amount of nothing, an empty name, a user's token and a missing scope cost no request."""
    accounts = rig.myqx.accounts
    with pytest.raises(TypeError, match="float"):
        await accounts.block(ACCOUNT, 1, 0.1)
    with pytest.raises(TypeError, match="float"):
        await accounts.create_payment(ACCOUNT, 1, 0.1)
    with pytest.raises(ValueError, match="above zero"):
        await accounts.update_payment(ACCOUNT, 1, 1, Decimal(-1))
    with pytest.raises(ValueError, match="username"):
        await accounts.start(ACCOUNT, "")
    with pytest.raises(ValueError, match="reference"):
        await accounts.start("", "john")
    async with rig.join(signed_in(0, "credit")(rig.sim)) as user, rig.join(rig.sim.grant("users")) as other:
        with pytest.raises(WrongTokenKind):
            await user.accounts.start(ACCOUNT, "john")
        with pytest.raises(InsufficientScope):
            await other.accounts.start(ACCOUNT, "john")

    assert rig.requests == 0


def test_operations():
    """Starting, blocking, creating and committing are never repeated; all takes the application's own token."""
    found = {name: operation_of(each) for name, each in vars(Accounts).items() if hasattr(each, "operation")}

    assert len(found) == 8
    assert {name for name, each in found.items() if not each.idempotent} == {
        *("start", "block", "create_payment", "commit_payment")
    }
    assert {each.needs.kinds for each in found.values()} == {frozenset({TokenKind.CLIENT})}
    assert {each.needs.scopes for each in found.values()} == {frozenset({"credit"})}
