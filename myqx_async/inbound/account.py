"""External Account: MyQ asks you for users' balances, and blocks amounts for what they are about to print.

Source: rad/v4/external-account-api, rad/v5/external-account-api. Those pages go on to payments within a session, of
which no more than the names could be seen: such calls get 404.
"""

import enum
from decimal import Decimal
from typing import Protocol

import attrs

from print_async.codec import decode, wire
from print_async.errors import DecodeError
from print_async.inbound.api import Api
from print_async.inbound.basic import BasicCredentials
from print_async.inbound.errors import BadRequest, NotFound
from print_async.inbound.exchange import Answer, Call
from print_async.inbound.routes import Route
from print_async.model import model
from print_async.secret import Secret

_MAX_DIGITS = 30


class Release(enum.Enum):
    """When the amounts that a session has blocked are free again."""

    NOW = 204
    LATER = 202


@attrs.frozen
class AccountHolder:
    """The user for whom a session is started."""

    username: str
    aliases: tuple[str, ...] = ()
    cards: tuple[Secret, ...] = ()
    """Card numbers."""
    personal_number: str | None = None


class Account(Protocol):
    """Who keeps the users' accounts. Amounts are `Decimal`, in the currency that MyQ is set to, which it does not name.

    Each method may raise `NotFound`, `AccessDenied` or `Conflict` of `print_async.inbound`, which MyQ gets as 404, 403
    and 409; what it makes of them is not documented. Anything else is logged, and MyQ gets 500.
    """

    async def start(self, holder: AccountHolder) -> int:
        """Start a session for a user and return its id, from 0 to 2**63 - 1."""
        ...

    async def balance(self, session_id: int) -> Decimal:
        """Return the user's balance."""
        ...

    async def block(self, session_id: int, amount: Decimal) -> None:
        """Set an amount aside, until the session ends; `Conflict` where the balance is too small. Never negative."""
        ...

    async def end(self, session_id: int) -> Release:
        """End a session, and say when what it has blocked is free again."""
        ...


def external_account(account: Account, credentials: BasicCredentials) -> Api:
    """Return the API, to be mounted, through which MyQ uses accounts. MyQ has the `credentials` in its settings."""
    routes = _Routes(account)
    return Api(
        "MyQ External Account",
        credentials,
        (
            Route("POST", "/sessions", routes.start),
            Route("GET", "/sessions/{sessionId}", routes.balance),
            Route("POST", "/sessions/{sessionId}/block", routes.block),
            Route("DELETE", "/sessions/{sessionId}", routes.end),
        ),
    )


@model
class _Start:
    username: str
    aliases: tuple[str, ...] | None = None
    cards: tuple[Secret, ...] | None = None
    personalnumber: str | None = None
    personal_number: str | None = wire("personalNumber", None)
    """The page spells it both ways."""


@model
class _Block:
    amount: Decimal


@attrs.frozen
class _Routes:
    account: Account

    async def start(self, call: Call) -> Answer:
        holder = await _holder(call)
        call.secrets.extend(holder.cards)
        return Answer.json({"id": await self.account.start(holder)})

    async def balance(self, call: Call) -> Answer:
        balance = Decimal(await self.account.balance(_session(call)))
        if not balance.is_finite():
            raise ValueError("a balance must be a number")
        return Answer.json({"balance": balance})

    async def block(self, call: Call) -> Answer:
        session = _session(call)
        await self.account.block(session, await _amount(call))
        return Answer(204)

    async def end(self, call: Call) -> Answer:
        return Answer((await self.account.end(_session(call))).value)


def _session(call: Call) -> int:
    text = call.parameters[0]
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise NotFound("there is no such session")
    return int(text)


async def _holder(call: Call) -> AccountHolder:
    try:
        said = decode(await call.body.read(), _Start)
    except DecodeError:
        raise BadRequest("the body is not a session's user: username, aliases, cards, personalnumber") from None
    number = said.personalnumber or said.personal_number
    return AccountHolder(said.username, said.aliases or (), said.cards or (), number)


async def _amount(call: Call) -> Decimal:
    try:
        amount = decode(await call.body.read(), _Block).amount
    except DecodeError:
        raise BadRequest("the body has no amount") from None
    # Numbers like 1e999999999 are valid, and the first sum with one would take all the memory there is.
    if (
        not amount.is_finite()
        or amount < 0
        or abs(amount.adjusted()) > _MAX_DIGITS
        or len(amount.as_tuple().digits) > 60
    ):
        raise BadRequest("the amount is negative, or none that an account could have")
    return amount
