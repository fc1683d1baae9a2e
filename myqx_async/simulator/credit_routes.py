"""The operations on payment sessions, below `/api/v3/accounts`.

Sources: `en/rad/v4/payment-session-control` and `en/rad/v4/creating-and-committing-payments`. Made up: that each user
has one account, whose reference is `internal-` and the user's index, as `include=accounts` shows it; that only its
owner's name, in any case, opens a session on it; and what is refused with which status.
"""

import re
from decimal import Decimal
from typing import Final

import attrs
import msgspec
from aiohttp import web

from myqx_async.simulator.access import CLIENT, Gate
from myqx_async.simulator.answers import Refusal, answer, read, written
from myqx_async.simulator.credit import Ledger, Payment, Session
from myqx_async.simulator.directory import Directory
from myqx_async.simulator.settings import Settings
from print_async.testing.simulator import Statistics

_SCOPE: Final = "credit"
_SESSIONS: Final = "/api/v3/accounts/{reference}/sessions"
_SESSION: Final = _SESSIONS + "/{session:[0-9]{1,18}}"
_PAYMENT: Final = _SESSION + "/payments/{payment:[0-9]{1,18}}"


class Opening(msgspec.Struct, rename="camel"):
    """The body that starts a session."""

    username: str
    client_id: str = ""


class Charge(msgspec.Struct):
    """An amount that is to be blocked, paid, or changed to."""

    amount: Decimal
    description: str = ""


@attrs.frozen
class CreditRoutes:
    """The routes on payment sessions."""

    settings: Settings
    stats: Statistics
    gate: Gate
    directory: Directory
    ledger: Ledger

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, for an application."""
        return [
            web.post(_SESSIONS, self.start),
            web.get(_SESSION + "/balance", self.balance),
            web.post(_SESSION + "/block", self.block),
            web.delete(_SESSION, self.end),
            web.post(_SESSION + "/payments", self.pay),
            web.patch(_PAYMENT, self.change),
            web.post(_PAYMENT + "/commit", self.commit),
            web.post(_PAYMENT + "/rollback", self.rollback),
        ]

    async def start(self, request: web.Request) -> web.Response:
        """Start a session."""
        index = self._account(request)
        if (await read(request, Opening)).username.casefold() != self.directory.user(index).username.casefold():
            raise Refusal(404, "Account not found")
        session = self.ledger.start(index)
        self.stats.mutations[f"session-started:{session.id}"] += 1
        balance = {"amount": self.ledger.available(index)}
        return answer({"id": session.id, "balance": balance, "quotas": {}}, status=self.settings.success_status)

    async def balance(self, request: web.Request) -> web.Response:
        """Answer what can be spent."""
        return answer({"balance": {"amount": self.ledger.available(self._session(request).index)}})

    async def block(self, request: web.Request) -> web.Response:
        """Set an amount aside."""
        session, charge = self._session(request), await _charge(request)
        self.ledger.block(session, charge.amount)
        self.stats.mutations[f"amount-blocked:{session.id}"] += 1
        return written({}, self.settings)

    async def end(self, request: web.Request) -> web.Response:
        """End a session."""
        session = self._session(request)
        self.ledger.end(session)
        self.stats.mutations[f"session-ended:{session.id}"] += 1
        return written({}, self.settings)

    async def pay(self, request: web.Request) -> web.Response:
        """Create a payment."""
        session, charge = self._session(request), await _charge(request)
        payment = self.ledger.pay(session, charge.amount, charge.description)
        self.stats.mutations[f"payment-created:{payment.id}"] += 1
        return answer({"id": payment.id, "amount": payment.amount}, status=self.settings.success_status)

    async def change(self, request: web.Request) -> web.Response:
        """Change the amount of a payment."""
        session, payment = self._payment(request)
        self.ledger.change(session, payment, (await _charge(request)).amount)
        self.stats.mutations[f"payment-updated:{payment.id}"] += 1
        return answer({"id": payment.id, "amount": payment.amount}, status=self.settings.success_status)

    async def commit(self, request: web.Request) -> web.Response:
        """Commit a payment."""
        session, payment = self._payment(request)
        self.ledger.commit(session, payment)
        self.stats.mutations[f"payment-committed:{payment.id}"] += 1
        return written({}, self.settings)

    async def rollback(self, request: web.Request) -> web.Response:
        """Roll a payment back."""
        _, payment = self._payment(request)
        payment.settle("rolledBack")
        self.stats.mutations[f"payment-rolled-back:{payment.id}"] += 1
        return written({}, self.settings)

    def _account(self, request: web.Request) -> int:
        self.gate.admit(request, kinds=CLIENT, scope=_SCOPE)
        found = re.fullmatch(r"internal-([0-9]{1,18})", request.match_info["reference"])
        if found is None or not self.directory.lives(int(found[1])):
            raise Refusal(404, "Account not found")
        return int(found[1])

    def _session(self, request: web.Request) -> Session:
        return self.ledger.session(self._account(request), int(request.match_info["session"]))

    def _payment(self, request: web.Request) -> tuple[Session, Payment]:
        session = self._session(request)
        payment = session.payments.get(int(request.match_info["payment"]))
        if payment is None:
            raise Refusal(404, "Payment not found")
        return session, payment


async def _charge(request: web.Request) -> Charge:
    charge = await read(request, Charge)
    if not charge.amount.is_finite() or charge.amount <= 0:
        raise Refusal(400, "Invalid parameter: amount")
    return charge
