"""External Account: sessions on users' accounts."""

from decimal import Decimal

import pytest

from myqx_async.inbound import Conflict, NotFound, Release, external_account
from myqx_async.simulator import MyQCaller
from print_async import Secret
from tests.print_async.inbound.serving import CREDENTIALS, PASSWORD, USER, serve


class Bank:
    """One account, and what was asked of it."""

    def __init__(self):
        self.money = Decimal("10.10")
        self.holders = []
        self.blocked = []
        self.release = Release.NOW

    async def start(self, holder):
        """Start the session."""
        self.holders.append(holder)
        if holder.username == "unlucky":
            raise RuntimeError(f"{holder} has {holder.cards[0].reveal()}")
        return 42

    async def balance(self, session_id):
        """Return what there is."""
        if session_id != 42:
            raise NotFound
        return self.money

    async def block(self, session_id, amount):
        """Remember it."""
        if amount > self.money:
            raise Conflict("too small")
        self.blocked.append((session_id, amount))

    async def end(self, session_id):
        """End it."""
        if session_id != 42:
            raise NotFound
        return self.release


@pytest.fixture
def bank():
    """The account."""
    return Bank()


@pytest.fixture
async def myq(kind, bank):
    """MyQ, with the account to use."""
    async with (
        serve(kind, external_account(bank, CREDENTIALS)) as server,
        MyQCaller(server.url, USER, PASSWORD) as caller,
    ):
        yield caller


async def test_a_session(myq, bank):
    """A session is started, asked for the balance, blocks an amount and ends, with the documented answers."""
    started = await myq.start_session("john", aliases=("j", "jo"), cards=("04A2", "04A3"), personal_number="P-1")
    assert (started.status, started.json()) == (200, {"id": 42})
    (holder,) = bank.holders
    assert (holder.username, holder.aliases, holder.personal_number) == ("john", ("j", "jo"), "P-1")
    assert all(isinstance(card, Secret) for card in holder.cards)
    assert [card.reveal() for card in holder.cards] == ["04A2", "04A3"]
    assert "04A2" not in repr(holder)

    balance = await myq.balance(42)
    assert (balance.status, balance.body) == (200, b'{"balance":10.10}')

    blocked = await myq.block(42, Decimal("0.30"))
    assert (blocked.status, blocked.body) == (204, b"")
    assert bank.blocked == [(42, Decimal("0.30"))]
    assert str(bank.blocked[0][1]) == "0.30"

    ended = await myq.end_session(42)
    assert (ended.status, ended.body) == (204, b"")


async def test_amounts_that_are_released_later(myq, bank):
    """A session whose blocks are released later ends with 202."""
    bank.release = Release.LATER

    assert (await myq.end_session(42)).status == 202


@pytest.mark.parametrize(
    "amount", ["0", "0.1", "0.01", "12345678901234567890.123456789", "-3.50", "1E+3", "0.3333333333333333333333333333"]
)
async def test_money_is_exact(myq, bank, amount):
    """A balance goes out, and an amount comes in, with the very digits that it has."""
    bank.money = Decimal(amount)

    assert (await myq.balance(42)).body == f'{{"balance":{amount}}}'.encode()
    if bank.money >= 0:
        assert (await myq.block(42, Decimal(amount))).status == 204
        assert bank.blocked == [(42, Decimal(amount))]


@pytest.mark.parametrize(
    "body",
    [
        *("", "{}", "[]", "null", "{", '{"amount": null}', '{"amount": "x"}', '{"amount": "NaN"}', '{"amount": true}'),
        *('{"amount": "Infinity"}', '{"amount": -0.01}', '{"amount": 1e999999999}', '{"amount": 1e-999999}'),
        '{"amount": %s}' % ("1" * 100),
    ],
)
async def test_amounts_that_are_none(myq, bank, body):
    """What is no amount, negative, or so large that computing with it would never end, is 400."""
    reply = await myq.call("POST", "/sessions/42/block", body.encode(), "application/json")

    assert (reply.status, bank.blocked) == (400, [])


@pytest.mark.parametrize("spelling", ["personalnumber", "personalNumber"])
async def test_both_spellings(myq, bank, spelling):
    """The personal number is read however it is spelled, and what nobody knows is passed over."""
    body = f'{{"username": "john", "{spelling}": "P-1", "aliases": null, "new": [1]}}'.encode()

    assert (await myq.call("POST", "/sessions", body, "application/json")).status == 200
    assert (bank.holders[0].personal_number, bank.holders[0].aliases, bank.holders[0].cards) == ("P-1", (), ())


@pytest.mark.parametrize(
    "body", ["", "[]", "{", "{}", '{"username": 1}', '{"username": "j", "cards": [1]}', "[" * 50_000]
)
async def test_users_that_are_none(myq, bank, body):
    """A session without a user is 400."""
    assert (await myq.call("POST", "/sessions", body.encode(), "application/json")).status == 400
    assert bank.holders == []


async def test_a_body_that_is_too_large(myq, bank):
    """Nobody needs more than 64 KiB to name a user."""
    assert (await myq.start_session("j" * 70_000)).status == 413
    assert bank.holders == []


@pytest.mark.parametrize("session", ["43", "x", "-1", "1.0", "%31%00", "1" * 30, "٤٢", "4_2"])
async def test_sessions_that_are_not_there(myq, session):
    """A session that there cannot be is 404, as is one that there is not."""
    from urllib.parse import quote

    path = f"/sessions/{quote(session, safe='%')}"
    assert [(await myq.call(method, path)).status for method in ("GET", "DELETE")] == [404, 404]


async def test_what_the_documents_name_only(myq):
    """Payments within a session are not there, for their calls could not be seen."""
    assert (await myq.call("POST", "/sessions/42/payments", b"{}", "application/json")).status == 404


async def test_a_small_balance(myq):
    """What the account refuses is refused."""
    assert (await myq.block(42, Decimal(11))).status == 409


@pytest.mark.parametrize("balance", [Decimal("NaN"), Decimal("Infinity")])
async def test_a_balance_that_is_none(myq, bank, balance):
    """What is no number is not sent."""
    bank.money = balance

    assert (await myq.balance(42)).status == 500


async def test_no_card_is_logged(myq, caplog):
    """When the account fails, the log has no card number."""
    assert (await myq.start_session("unlucky", cards=("04A2B3C4",))).status == 500
    assert "04A2B3C4" not in caplog.text
    assert "has ***" in caplog.text
