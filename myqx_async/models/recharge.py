"""Recharging credit (source: rad/v4/credit-recharging)."""

from collections.abc import Mapping
from decimal import Decimal

import attrs

from print_async.codec import UNSET, UnsetType, wire
from print_async.model import model
from print_async.money import positive_amount


@model
class RechargeProvider:
    """A way to recharge credit. MyQ promises no field in particular, so all but the reference may be `None`."""

    reference: str
    """Such as `external`, the one for programs; `paypal` is another that MyQ shows."""
    name: str | None = None
    description: str | None = None
    params: tuple[str | int | float | bool, ...] | None = None
    """What they mean is not documented."""


@model
class RechargePayment:
    """A payment that recharges a user's credit, or is going to.

    MyQ promises no field in particular. `params` is there when it was just created, `currency` to `provider` when it
    comes from the list. Times are ISO 8601 in UTC, such as `2025-03-10T20:20:11.000Z`.
    """

    id: int | str
    """A text when it was just created, a number in the list: compare them by `str`."""
    user_id: int | None = wire("userId", None)
    amount: Decimal | None = None
    """In the server's currency."""
    description: str | None = None
    params: Mapping[str, str] | str | None = None
    currency: str | None = None
    """Such as `EUR`."""
    state: str | None = None
    """The set of values is not documented."""
    created: str | None = None
    updated: str | None = None
    expires: str | None = None
    """When it ends by itself, unless it is committed."""
    payment_no: int | None = wire("paymentNo", None)
    provider: str | None = None
    """The provider's reference."""


@attrs.frozen(kw_only=True)
class RechargePaymentChanges:
    """What to change about a payment that is not committed yet. What is `UNSET` is not sent."""

    description: str | UnsetType = UNSET
    params: Mapping[str, str] | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class NewRechargePayment:
    """A payment to be created. What is `UNSET` is not sent.

    The amount is a `Decimal` above zero, or an int, in the server's currency; a float is a `TypeError`. MyQ's sample of
    this request has no amount; that it is wanted is inferred from the answer, which has one.
    """

    user_id: int = wire("userId")
    amount: Decimal = attrs.field(converter=positive_amount)
    description: str | UnsetType = UNSET
    params: Mapping[str, str] | str | UnsetType = UNSET
    """MyQ's sample of the request has a text here, those of the answer and of a change have an object."""
