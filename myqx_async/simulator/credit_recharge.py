"""The operations that recharge credit, below `/api/v3/rechargeProviders`.

Source: `en/rad/v4/credit-recharging`. The two references, the life of a payment and the message about a disabled
provider are the documents', and so is an id that is a text when a payment is created and a number in the list. Made up:
that an amount is required; what `params` of a provider are; the words of `state`; that a payment ends half an hour
after it was created; that who manages users may recharge as well, and that `paypal` is never enabled.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import attrs
import msgspec
from aiohttp import web

from myqx_async.simulator.access import ANY, Gate
from myqx_async.simulator.answers import Refusal, answer, read, written
from myqx_async.simulator.credit import WRONG_STATE, Ledger, Payment
from myqx_async.simulator.directory import Directory
from myqx_async.simulator.paging import wrap
from myqx_async.simulator.server import CONFIG
from myqx_async.simulator.settings import Settings
from print_async.testing.simulator import Statistics

PROVIDERS: Final = {"external": "External payment provider", "paypal": "PayPal"}
EXPIRES_AFTER: Final = 1800.0
_SCOPE: Final = "credit"
_PAYMENTS: Final = "/api/v3/rechargeProviders/{reference}/payments"
_PAYMENT: Final = _PAYMENTS + "/{id:[0-9]{1,18}}"


class Order(msgspec.Struct, rename="camel"):
    """The body that creates a payment."""

    user_id: int
    amount: Decimal
    description: str = ""
    params: dict[str, str] | str = msgspec.field(default_factory=dict)


class Change(msgspec.Struct):
    """The body that changes one."""

    description: str | msgspec.UnsetType = msgspec.UNSET
    params: dict[str, str] | msgspec.UnsetType = msgspec.UNSET


@attrs.define(eq=False)
class Recharge:
    """A payment that recharges credit."""

    payment: Payment
    index: int
    """Of the user."""
    provider: str
    params: dict[str, str] | str
    created: float
    updated: float


class RechargeBook:
    """All payments that were ever created."""

    def __init__(self) -> None:
        self.entries: list[Recharge] = []

    def states(self, index: int) -> dict[int, str]:
        """Return the state of every payment for a user, by id."""
        return {each.payment.id: each.payment.state for each in self.entries if each.index == index}


@attrs.frozen
class RechargeRoutes:
    """The routes on recharging."""

    settings: Settings
    stats: Statistics
    gate: Gate
    directory: Directory
    ledger: Ledger
    book: RechargeBook

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, for an application."""
        return [
            web.get("/api/v3/rechargeProviders", self.providers),
            web.get(_PAYMENTS, self.list),
            web.post(_PAYMENTS, self.create),
            web.patch(_PAYMENT, self.change),
            web.post(_PAYMENT + "/commit", self.commit),
            web.post(_PAYMENT + "/rollback", self.rollback),
        ]

    async def providers(self, request: web.Request) -> web.Response:
        """Answer the ways to recharge credit, enabled or not."""
        self._admit(request)
        found = [
            {"name": name, "reference": reference, "description": "", "params": ["transaction", 1, True]}
            for reference, name in PROVIDERS.items()
        ]
        return answer({"providers": found, "count": len(found)})

    async def list(self, request: web.Request) -> web.Response:
        """Answer the payments of a provider."""
        provider = self._provider(request)
        found = [self._show(each) for each in self.book.entries if each.provider == provider]
        return answer(wrap("payments", found, len(found), count_is_page=True))

    async def create(self, request: web.Request) -> web.Response:
        """Create a payment."""
        provider, order = self._provider(request), await read(request, Order)
        if provider != "external" or not self.settings.external_payments:
            raise Refusal(400, f"{WRONG_STATE} Payment provider is disabled.")
        index = self.directory.index(order.user_id)
        if index is None or not order.amount.is_finite() or order.amount <= 0:
            raise Refusal(400, "Invalid parameter: " + ("userId" if index is None else "amount"))
        now = self.settings.now()
        payment = Payment(len(self.book.entries) + 1, order.amount, order.description)
        self.book.entries.append(Recharge(payment, index, provider, order.params, now, now))
        self.stats.mutations[f"recharge-created:{payment.id}"] += 1
        content = {
            "id": str(payment.id),
            "userId": order.user_id,
            "amount": payment.amount,
            "description": payment.description,
            "params": order.params,
        }
        return answer(content, status=self.settings.success_status)

    async def change(self, request: web.Request) -> web.Response:
        """Change what is said of a payment."""
        entry, change = self._entry(request), await read(request, Change)
        if entry.payment.state != "created":
            raise Refusal(400, WRONG_STATE)
        if change.description is not msgspec.UNSET:
            entry.payment.description = change.description
        if change.params is not msgspec.UNSET:
            entry.params = change.params
        entry.updated = self.settings.now()
        self.stats.mutations[f"recharge-updated:{entry.payment.id}"] += 1
        return web.Response(status=self.settings.success_status)

    async def commit(self, request: web.Request) -> web.Response:
        """Commit a payment: the credit goes up."""
        entry = self._entry(request)
        if self.settings.now() >= entry.created + EXPIRES_AFTER:
            raise Refusal(400, WRONG_STATE)
        entry.payment.settle("committed")
        entry.updated = self.settings.now()
        self.ledger.recharge(entry.index, entry.payment.amount)
        self.stats.mutations[f"recharge-committed:{entry.payment.id}"] += 1
        return written(self._show(entry), self.settings)

    async def rollback(self, request: web.Request) -> web.Response:
        """Roll a payment back."""
        entry = self._entry(request)
        entry.payment.settle("rolledBack")
        entry.updated = self.settings.now()
        self.stats.mutations[f"recharge-rolled-back:{entry.payment.id}"] += 1
        return written({}, self.settings)

    def _admit(self, request: web.Request) -> None:
        signin = self.gate.admit(request, kinds=ANY, scope=_SCOPE)
        if signin.index is not None and not self.directory.traits(signin.index).manages_users:
            raise Refusal(403, "The right Manage payments is missing")

    def _provider(self, request: web.Request) -> str:
        self._admit(request)
        reference = request.match_info["reference"]
        if reference not in PROVIDERS:
            raise Refusal(404, "Payment provider not found")
        return reference

    def _entry(self, request: web.Request) -> Recharge:
        provider, wanted = self._provider(request), int(request.match_info["id"])
        for entry in self.book.entries:
            if entry.payment.id == wanted and entry.provider == provider:
                return entry
        raise Refusal(404, "Payment not found")

    def _show(self, entry: Recharge) -> dict[str, object]:
        return {
            "id": entry.payment.id,
            "userId": self.directory.user(entry.index).id,
            "amount": entry.payment.amount,
            "currency": CONFIG["currency"],
            "state": entry.payment.state,
            "created": _iso(entry.created),
            "updated": _iso(entry.updated),
            "expires": _iso(entry.created + EXPIRES_AFTER),
            "paymentNo": entry.payment.id,
            "provider": entry.provider,
            "description": entry.payment.description,
        }


def _iso(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
