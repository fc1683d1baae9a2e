"""Recharging credit row by row: what is to be done, and doing it, each row at most once."""

import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

import attrs

from myqx_async.cli.recharge_file import Row
from myqx_async.client import MyQX
from myqx_async.models import User
from myqx_async.payments import OpenRecharge
from print_async.batch import run_batch
from print_async.console.journal import Entry, Journal, Key, Standing
from print_async.console.run import explained
from print_async.errors import AuthError, NotFound, PrintAsyncError
from print_async.mirror import Progress
from print_async.payment import PaymentState


class State(StrEnum):
    """How it stands with a row."""

    READY = "ready"
    WRONG = "wrong"
    """It cannot be done as it is written."""
    CREDITED = "credited"
    BEFORE = "credited before"
    """By an earlier run."""
    FAILED = "failed"
    """Nothing was credited, for certain."""
    UNKNOWN = "unknown"
    """It may have been credited, or not."""


@attrs.define
class Recharge:
    """A row, and how it stands with it."""

    row: Row
    state: State
    user: User | None = None
    payment_id: str | None = None
    note: str | None = None
    """What went wrong."""


_AFTER = {
    PaymentState.OPEN: (State.FAILED, Standing.NOT_DONE),
    PaymentState.ROLLED_BACK: (State.FAILED, Standing.NOT_DONE),
    PaymentState.COMMITTED: (State.CREDITED, Standing.DONE),
    PaymentState.UNKNOWN: (State.UNKNOWN, Standing.UNKNOWN),
}
Show = Callable[[Progress], None]


async def plan(
    myqx: MyQX, rows: Sequence[Row], entries: Mapping[Key, Entry], *, retry_unknown: bool, concurrency: int, show: Show
) -> list[Recharge]:
    """Tell how it stands with each row, and look up the users of those that are to be done. Nothing is changed.

    Args:
        myqx: The client.
        rows: The rows.
        entries: What the journal says of earlier runs.
        retry_unknown: Whether what may have been done is to be done again.
        concurrency: How many users to look up at a time.
        show: Is told how far it has come.

    Raises:
        StatusError, AuthError, TransportError, DecodeError: A user could not be looked up.
    """
    planned = [_standing(row, entries.get(row.key), retry_unknown) for row in rows]
    names = list(dict.fromkeys(each.row.user for each in planned if each.state is State.READY))
    found: dict[str, User | str] = {}

    async def look_up(name: str) -> None:
        found[name] = await find_user(myqx, name)

    await run_batch(
        look_up,
        names,
        concurrency=concurrency,
        progress=lambda tally, _: show(Progress("users looked up", tally.done, len(names), tally.done == len(names))),
    )
    for each in planned:
        if each.state is not State.READY:
            continue
        user = found[each.row.user]
        if isinstance(user, User):
            each.user = user
        else:
            each.state, each.note = State.WRONG, user
    return planned


async def find_user(myqx: MyQX, name: str) -> User | str:
    """Return the one user that an id or a user name means, or why there is not one."""
    found = {user.id: user for user in await myqx.users.find(username=name).collect()}
    if re.fullmatch("[1-9][0-9]{0,17}", name):
        try:
            by_id = await myqx.users.get(int(name))
            found[by_id.id] = by_id
        except NotFound:
            pass
    if len(found) == 1:
        return next(iter(found.values()))
    if not found:
        return "no active user has this name, and none this id"
    return f"this means {len(found)} users: " + ", ".join(f"{user.id} ({user.username})" for user in found.values())


async def recharge_all(
    myqx: MyQX, journal: Journal, planned: Sequence[Recharge], *, provider: str, concurrency: int, show: Show
) -> None:
    """Do what is ready. What has become of each row is in it, also when this is cancelled or raises.

    Args:
        myqx: The client.
        journal: Where it is written down before anything takes effect.
        planned: The rows.
        provider: The payment provider's reference.
        concurrency: How many rows at a time.
        show: Is told how far it has come.

    Raises:
        OSError: The journal cannot be written. Nothing was begun after that.
        AuthError: The credential does not serve any more, so the rest was not tried.
    """
    ready = [each for each in planned if each.state is State.READY]
    await run_batch(
        lambda each: _recharge(myqx, journal, each, provider),
        ready,
        concurrency=concurrency,
        progress=lambda tally, _: show(Progress("rows", tally.done, len(ready), tally.done == len(ready))),
    )


async def _recharge(myqx: MyQX, journal: Journal, each: Recharge, provider: str) -> None:
    if each.user is None:
        raise ValueError(f"line {each.row.line} has no user")
    payment: OpenRecharge | None = None
    try:
        async with myqx.recharge.payment(each.user.id, each.row.amount, reference=provider) as payment:
            # Between its creation and its commit, the last moment in which nothing can have been credited yet.
            each.payment_id = str(payment.id)
            _note(journal, each, Standing.BEGUN)
    except PrintAsyncError as error:
        each.state, each.note = State.FAILED, explained(error)
        if isinstance(error, AuthError):
            raise
    finally:
        if payment is not None:
            each.state, standing = _AFTER[payment.state]
            _note(journal, each, standing)


def _note(journal: Journal, each: Recharge, standing: Standing) -> None:
    # Not in a thread: a cancellation could come in between, and nobody else has to be served meanwhile.
    user_id = None if each.user is None else each.user.id
    journal.write(each.row.key, standing, line=each.row.line, user_id=user_id, payment=each.payment_id)


def _standing(row: Row, entry: Entry | None, retry_unknown: bool) -> Recharge:
    if entry is None or entry.standing is Standing.NOT_DONE or (retry_unknown and entry.standing is not Standing.DONE):
        return Recharge(row, State.READY)
    payment = str(entry.facts["payment"]) if "payment" in entry.facts else None
    if entry.standing is Standing.DONE:
        return Recharge(row, State.BEFORE, payment_id=payment)
    note = f"begun {entry.facts.get('at', 'once')}, and its end is not known: look for the payment"
    return Recharge(row, State.UNKNOWN, payment_id=payment, note=note)
