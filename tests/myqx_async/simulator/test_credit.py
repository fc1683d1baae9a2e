"""Credit, read by plain aiohttp: accounts, payment sessions and recharging."""

import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest

SESSIONS = "/api/v3/accounts/internal-7/sessions"
PAYMENTS = "/api/v3/rechargeProviders/external/payments"
ORDER = {"userId": 1008, "amount": 5.25, "description": "Kiosk", "params": {"transaction": "T-31"}}
DISABLED = "Invalid operation: The operation cannot be performed in the current state. Payment provider is disabled."


class Teller:
    """Somebody with a token of the scope `credit`, and a session on the account of the user at index 7."""

    def __init__(self, visitor: Any, token: str) -> None:
        self.visitor, self.token = visitor, token
        self.sim, self.path = visitor.sim, SESSIONS

    async def call(self, method: str, path: str, body: object = None, status: int = 200) -> Any:
        """Make a call below the session, or of a whole path, and return the answer's body."""
        path = path if path.startswith("/") else f"{self.path}/{path}".rstrip("/")
        answer = await self.visitor.call(method, path, self.token, json=body)
        assert answer.status == status, answer.body
        return answer.body


@pytest.fixture
async def teller(visit) -> Teller:
    """Somebody with a session; the user has 7 at the start."""
    visitor = await visit()
    teller = Teller(visitor, await visitor.sign_in("credit"))
    started = await teller.call("POST", SESSIONS, {"username": visitor.sim.credentials(7).username, "clientId": "x"})
    assert started == {"id": 1, "balance": {"amount": 7}, "quotas": {}}
    teller.path = f"{SESSIONS}/1"
    return teller


async def test_a_commit_is_what_moves_the_balance(teller) -> None:
    """A payment sets its amount aside when it is created, and takes it from the balance when it is committed."""
    made = await teller.call("POST", "payments", {"amount": 2.5, "description": "Copies"})
    assert made == {"id": 2, "amount": 2.5}
    assert (teller.sim.ledger.balance(7), teller.sim.ledger.blocked(7)) == (7, Decimal("2.5"))
    assert await teller.call("GET", "balance") == {"balance": {"amount": 4.5}}

    await teller.call("POST", "payments/2/commit")

    assert (teller.sim.ledger.balance(7), teller.sim.ledger.blocked(7)) == (Decimal("4.5"), 0)
    assert teller.sim.stats.mutations["payment-committed:2"] == 1
    for step in ("commit", "rollback"):
        refused = await teller.call("POST", f"payments/2/{step}", status=400)
        assert refused["message"] == "Invalid operation: The operation cannot be performed in the current state."
    await teller.call("PATCH", "payments/2", {"amount": 1}, status=400)
    assert teller.sim.ledger.balance(7) == Decimal("4.5")


async def test_amounts_are_exact(teller) -> None:
    """No digit of an amount goes by way of a float."""
    teller.sim.ledger.set_balance(7, Decimal("0.30"))
    headers = {"Authorization": f"Bearer {teller.token}"}
    for amount in (b"0.1", b"0.2"):
        url = f"{teller.sim.url}{teller.path}/payments"
        async with teller.visitor.session.post(url, data=b'{"amount": %b}' % amount, headers=headers) as answer:
            assert json.loads(await answer.read(), parse_float=Decimal)["amount"] == Decimal(amount.decode())

    assert teller.sim.ledger.available(7) == 0


async def test_the_end_frees_everything(teller) -> None:
    """With the session, its blocks and open payments end; what was committed stays."""
    await teller.call("POST", "block", {"amount": 3})
    await teller.call("POST", "payments", {"amount": 1})
    await teller.call("POST", "payments", {"amount": 2})
    await teller.call("POST", "payments/3/commit")
    assert teller.sim.ledger.sessions(7) == [1]

    await teller.call("DELETE", "")

    ledger = teller.sim.ledger
    assert (ledger.blocked(7), ledger.balance(7), ledger.sessions(7)) == (0, 5, [])
    assert ledger.payments(7) == {2: "rolledBack", 3: "committed"}
    await teller.call("DELETE", "", status=404)
    await teller.call("POST", "payments", {"amount": 1}, status=404)


async def test_a_payment_comes_out_of_the_block(teller) -> None:
    """What a session has blocked is for its own payments; what is left of it stays blocked."""
    await teller.call("POST", "block", {"amount": 5})
    await teller.call("POST", "payments", {"amount": 4})
    assert teller.sim.ledger.blocked(7) == 5

    await teller.call("POST", "payments/2/commit")

    assert (teller.sim.ledger.balance(7), teller.sim.ledger.blocked(7)) == (3, 1)


async def test_blocks_are_for_all_sessions(teller) -> None:
    """What one session has blocked, another cannot spend."""
    await teller.call("POST", "block", {"amount": 5})
    other = Teller(teller.visitor, teller.token)
    started = await other.call("POST", SESSIONS, {"username": teller.sim.credentials(7).username})
    assert started["balance"] == {"amount": 2}
    other.path = f"{SESSIONS}/{started['id']}"

    await other.call("POST", "payments", {"amount": 2.01}, status=409)
    await other.call("POST", "block", {"amount": 2.01}, status=409)
    made = await other.call("POST", "payments", {"amount": 2})
    await other.call("PATCH", f"payments/{made['id']}", {"amount": 2.01}, status=409)
    assert (await other.call("PATCH", f"payments/{made['id']}", {"amount": 1}))["amount"] == 1


@pytest.mark.parametrize("body", [{}, {"amount": 0}, {"amount": -1}, {"amount": "NaN"}, {"amount": None}, []])
async def test_bad_amounts(teller, body) -> None:
    """What is no amount above zero is refused, and changes nothing."""
    await teller.call("POST", "payments", {"amount": 1})
    for method, path in (("POST", "payments"), ("POST", "block"), ("PATCH", "payments/2")):
        await teller.call(method, path, body, status=400)

    assert teller.sim.ledger.blocked(7) == 1


async def test_who_and_where(teller) -> None:
    """A session belongs to one account; other accounts, users, sessions and payments are not found."""
    name = teller.sim.credentials(7).username
    assert (await teller.call("POST", SESSIONS, {"username": name.upper()}))["id"] == 2
    await teller.call("POST", SESSIONS, {"username": "nobody"}, status=404)
    await teller.call("POST", "/api/v3/accounts/internal-9999/sessions", {"username": name}, status=404)
    await teller.call("POST", "/api/v3/accounts/savings/sessions", {"username": name}, status=404)
    await teller.call("GET", "/api/v3/accounts/internal-8/sessions/1/balance", status=404)
    await teller.call("POST", "payments/9/commit", status=404)


@pytest.mark.parametrize(("method", "path"), [("POST", SESSIONS), ("DELETE", f"{SESSIONS}/1")])
async def test_who_may(teller, method, path) -> None:
    """Accounts are for the application's own token, with the scope for credit."""
    visitor = teller.visitor
    for token in (await visitor.sign_in("users"), await visitor.log_in(7, "credit")):
        assert (await visitor.call(method, path, token, json={"username": "x"})).status == 403


async def test_recharging(teller) -> None:
    """A payment has a text for an id when it is created and a number in the list; its commit moves the balance."""
    made = await teller.call("POST", PAYMENTS, ORDER)
    assert made == {"id": "1", **ORDER}
    assert teller.sim.ledger.balance(7) == 7

    answered = await teller.call("POST", f"{PAYMENTS}/1/commit")

    assert teller.sim.ledger.balance(7) == Decimal("12.25")
    listed = (await teller.call("GET", PAYMENTS))["payments"]
    assert listed == [answered]
    assert listed[0] == {
        "id": 1, "userId": 1008, "amount": 5.25, "currency": "EUR", "state": "committed", "paymentNo": 1,
        "provider": "external", "description": "Kiosk", "created": "2023-11-14T22:13:20.000Z",
        "updated": "2023-11-14T22:13:20.000Z", "expires": "2023-11-14T22:43:20.000Z",
    }  # fmt: skip
    await teller.call("POST", f"{PAYMENTS}/1/rollback", status=400)
    await teller.call("PATCH", f"{PAYMENTS}/1", {"description": "x"}, status=400)


async def test_a_disabled_provider(teller) -> None:
    """A provider that is not enabled refuses with the documented message."""
    assert (await teller.call("POST", PAYMENTS.replace("external", "paypal"), ORDER, status=400))["message"] == DISABLED
    teller.sim.external_payments = False

    assert (await teller.call("POST", PAYMENTS, ORDER, status=400))["message"] == DISABLED
    providers = await teller.call("GET", "/api/v3/rechargeProviders")
    assert [each["reference"] for each in providers["providers"]] == ["external", "paypal"]


async def test_an_old_payment(teller) -> None:
    """A payment that was not committed in time cannot be committed any more."""
    await teller.call("POST", PAYMENTS, ORDER)
    teller.visitor.clock.time += 1799
    await teller.call("PATCH", f"{PAYMENTS}/1", {"description": "Desk", "params": {}})
    teller.visitor.clock.time += 1

    teller.token = await teller.visitor.sign_in("credit")
    await teller.call("POST", f"{PAYMENTS}/1/commit", status=400)
    assert teller.sim.ledger.balance(7) == 7


@pytest.mark.parametrize("change", [{"userId": 1}, {"amount": 0}, {"amount": None}, {"params": 5}])
async def test_bad_orders(teller, change) -> None:
    """A payment for nobody, of nothing, or with parameters of another kind is refused."""
    await teller.call("POST", PAYMENTS, ORDER | change, status=400)

    assert teller.sim.recharges.entries == []


async def test_who_may_recharge(teller) -> None:
    """A user with the right may recharge, others may not; unknown providers and payments are not found."""
    visitor = teller.visitor
    for index, status in ((0, 200), (1, 403)):
        token = await visitor.log_in(index, "credit")
        assert (await visitor.call("POST", PAYMENTS, token, json=ORDER)).status == status
    await teller.call("POST", f"{PAYMENTS}/7/commit", status=404)
    await teller.call("GET", PAYMENTS.replace("external", "cash"), status=404)


async def test_many_at_once(teller) -> None:
    """However many pay at once, nobody spends more than there is."""
    bodies = [asyncio.create_task(teller.visitor.call("POST", f"{teller.path}/payments", teller.token,
                                                      json={"amount": 1})) for _ in range(12)]  # fmt: skip
    statuses = [(await each).status for each in bodies]

    assert sorted(statuses) == [200] * 7 + [409] * 5
