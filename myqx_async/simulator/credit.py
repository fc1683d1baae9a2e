"""Users' accounts, and the payment sessions on them: what is there, what is set aside, and what has been paid.

Source: `en/rad/v4/payment-session-control` and `en/rad/v4/creating-and-committing-payments`, which say that ending a
session frees its blocks, and that the balance changes at the commit of a payment. Made up is the rest: an open payment
sets its amount aside as well, out of what its session has blocked before; ending a session rolls its open payments
back; nobody can spend more than there is.
"""

import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, Literal

import attrs

from myqx_async.simulator.answers import Refusal

WRONG_STATE: Final = "Invalid operation: The operation cannot be performed in the current state."
"""The first sentence of the one message that the documents have on payments."""

State = Literal["created", "committed", "rolledBack"]

_ZERO: Final = Decimal(0)


@attrs.define(eq=False)
class Payment:
    """A payment in a session."""

    id: int
    amount: Decimal
    description: str = ""
    state: State = "created"

    def settle(self, state: State) -> None:
        """Commit it or roll it back; only once."""
        if self.state != "created":
            raise Refusal(400, WRONG_STATE)
        self.state = state


@attrs.define(eq=False)
class Session:
    """A payment session on the account of the user at `index`."""

    id: int
    index: int
    blocked: Decimal = _ZERO
    payments: dict[int, Payment] = attrs.field(factory=dict[int, Payment])

    @property
    def opened(self) -> Decimal:
        """What its open payments come to."""
        return sum((each.amount for each in self.payments.values() if each.state == "created"), _ZERO)

    @property
    def held(self) -> Decimal:
        """How much of the balance it keeps from others."""
        return max(self.blocked, self.opened)


class Ledger:
    """All accounts, by the index of their user."""

    def __init__(self) -> None:
        self._balances: dict[int, Decimal] = {}
        self._sessions: dict[int, Session] = {}
        self._ended: list[Session] = []
        self._numbers = itertools.count(1)

    def balance(self, index: int) -> Decimal:
        """Return what a user has, blocked or not; from the seed it is the index modulo 50."""
        return self._balances.get(index, Decimal(index % 50))

    def set_balance(self, index: int, amount: Decimal) -> None:
        """Say what a user has."""
        self._balances[index] = amount

    def blocked(self, index: int) -> Decimal:
        """Return how much of it is set aside."""
        return sum((each.held for each in self._sessions.values() if each.index == index), _ZERO)

    def available(self, index: int) -> Decimal:
        """Return what a user can spend."""
        return self.balance(index) - self.blocked(index)

    def sessions(self, index: int) -> list[int]:
        """Return the ids of a user's sessions that have not ended."""
        return [each.id for each in self._sessions.values() if each.index == index]

    def payments(self, index: int) -> dict[int, State]:
        """Return the state of every payment that there ever was on a user's account, by id."""
        return {each.id: each.state for session in self._all() if session.index == index for each in _of(session)}

    def start(self, index: int) -> Session:
        """Start a session."""
        session = Session(next(self._numbers), index)
        self._sessions[session.id] = session
        return session

    def session(self, index: int, session_id: int) -> Session:
        """Return a session on a user's account."""
        session = self._sessions.get(session_id)
        if session is None or session.index != index:
            raise Refusal(404, "Session not found")
        return session

    def end(self, session: Session) -> None:
        """End a session: what it has set aside is free again."""
        for payment in _of(session):
            if payment.state == "created":
                payment.settle("rolledBack")
        self._ended.append(self._sessions.pop(session.id))

    def block(self, session: Session, amount: Decimal) -> None:
        """Set more of the balance aside."""
        self._refuse_debts(session, session.blocked + amount)
        session.blocked += amount

    def pay(self, session: Session, amount: Decimal, description: str) -> Payment:
        """Create a payment."""
        self._refuse_debts(session, session.opened + amount)
        payment = Payment(next(self._numbers), amount, description)
        session.payments[payment.id] = payment
        return payment

    def change(self, session: Session, payment: Payment, amount: Decimal) -> None:
        """Change the amount of a payment that is still open."""
        if payment.state != "created":
            raise Refusal(400, WRONG_STATE)
        self._refuse_debts(session, session.opened - payment.amount + amount)
        payment.amount = amount

    def commit(self, session: Session, payment: Payment) -> None:
        """Take the amount from the balance."""
        payment.settle("committed")
        session.blocked = max(_ZERO, session.blocked - payment.amount)
        self._balances[session.index] = self.balance(session.index) - payment.amount

    def recharge(self, index: int, amount: Decimal) -> None:
        """Add to the balance."""
        self._balances[index] = self.balance(index) + amount

    def _refuse_debts(self, session: Session, held: Decimal) -> None:
        if held > self.available(session.index) + session.held:
            raise Refusal(409, "Insufficient credit")

    def _all(self) -> Iterator[Session]:
        yield from self._ended
        yield from self._sessions.values()


def _of(session: Session) -> list[Payment]:
    return list(session.payments.values())
