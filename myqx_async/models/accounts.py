"""Payment sessions on users' accounts (source: rad/v4/payment-session-control, creating-and-committing-payments)."""

from decimal import Decimal
from typing import Any

import attrs

from print_async.codec import UNSET, UnsetType, wire
from print_async.model import model
from print_async.money import positive_amount


@model
class Balance:
    """What an account has, in the server's currency."""

    amount: Decimal


@model
class AccountBalance:
    """The balance of a session's account, as the server gives it."""

    balance: Balance


@model
class AccountSession:
    """A payment session, as the server gives it when it starts."""

    id: int
    balance: Balance | None = None
    quotas: Any = None
    """Its shape is not documented: it is as the server sent it."""


@attrs.frozen(kw_only=True)
class NewAccountSession:
    """A payment session to be started. What is `UNSET` is not sent."""

    username: str = attrs.field(validator=attrs.validators.min_len(1))
    client_id: str | UnsetType = wire("clientId", UNSET)
    """What it stands for is not documented."""


@model
class AccountPayment:
    """A payment in a session."""

    id: int
    amount: Decimal | None = None
    """In the server's currency."""


@attrs.frozen(kw_only=True)
class AccountCharge:
    """An amount to be blocked, or paid; a float is a `TypeError`. What is `UNSET` is not sent."""

    amount: Decimal = attrs.field(converter=positive_amount)
    """Above zero, in the server's currency."""
    description: str | UnsetType = UNSET
