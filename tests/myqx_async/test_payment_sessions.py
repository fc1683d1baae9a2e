"""Payments that settle themselves: under errors, cancellations and lost answers at every step, over real sockets."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest

from myqx_async.models import RechargePaymentChanges
from print_async.errors import (
    BadRequest,
    Conflict,
    ConnectionLost,
    PaymentOutcomeUnknown,
    PaymentSessionNotEnded,
    ServerError,
    TransportError,
)
from print_async.payment import PaymentState
from print_async.testing import Fault, FaultKind

STEPS = {
    "start": r"POST .*/sessions",
    "block": r"POST .*/block",
    "create": r"POST .*/payments",
    "update": r"PATCH .*/payments/\d+",
    "commit": r"POST .*/commit",
    "rollback": r"POST .*/rollback",
    "end": r"DELETE .*/sessions/\d+",
}
LOST = [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.TRUNCATE]
HUNDRED = Decimal(100)
AMOUNT = Decimal("4.50")
COMMITTED, ROLLED_BACK, OPEN, UNKNOWN = (
    PaymentState.COMMITTED,
    PaymentState.ROLLED_BACK,
    PaymentState.OPEN,
    PaymentState.UNKNOWN,
)


class Jammed(Exception):
    """What the body of a block raises."""


@attrs.define(kw_only=True)
class At(Fault):
    """A fault that strikes at a step, and may do something else there as well: the request has arrived then."""

    step: str
    then: Callable[[], object] = lambda: None

    def matches(self, method: str, path: str) -> bool:
        """Tell whether that step has come."""
        hit = self.times != 0 and re.fullmatch(STEPS[self.step], f"{method} {path}") is not None
        if hit:
            self.then()
        return hit


@attrs.define
class Run:
    """One go at paying, and what there is to see of it afterwards."""

    rig: Any
    index: int
    payments: list[Any] = attrs.field(factory=list)
    error: BaseException | None = None
    task: Any = None
    cancels: int = 0

    def begin(self, flow: Callable[["Run"], Any]) -> None:
        """Start it in a task of its own."""

        async def keep_error() -> None:
            try:
                await flow(self)
            except BaseException as error:
                self.error = error
                raise

        self.task = asyncio.create_task(keep_error())

    async def end(self) -> None:
        """Wait for it."""
        await asyncio.wait({self.task})
        if not self.task.cancelled():
            self.task.exception()
        self.rig.sim.faults.clear()

    async def go(self, flow: Callable[["Run"], Any]) -> "Run":
        """Run it from the beginning to the end."""
        self.begin(flow)
        await self.end()
        return self

    def cancel(self) -> None:
        """Cancel it."""
        self.cancels += self.task.cancel()

    def cancel_at(self, step: str, times: int = 1, kind: FaultKind = FaultKind.DELAY) -> None:
        """Cancel it when a step has arrived at the server, which may go wrong there; a second time a little later."""

        def strike() -> None:
            self.cancel()
            if times > 1:
                asyncio.get_running_loop().call_later(0.001, self.cancel)

        self.rig.sim.faults.rules.insert(0, At(kind=kind, seconds=0.005, step=step, times=1, then=strike))

    def fail(self, step: str, kind: FaultKind, **options: Any) -> None:
        """Let a step go wrong."""
        self.rig.sim.faults.add(At(kind=kind, step=step, **options))

    @property
    def state(self) -> PaymentState:
        """What the one payment came to, as the client saw it."""
        (payment,) = self.payments
        return payment.state

    @property
    def unknown(self) -> PaymentOutcomeUnknown | None:
        """The error that says that an outcome is unknown, wherever it is in the chain."""
        found, error = None, self.error
        while error is not None:
            found = error if isinstance(error, PaymentOutcomeUnknown) else found
            error = error.__cause__ or error.__context__
        return found

    @property
    def notes(self) -> str:
        """What was noted on the error."""
        return "\n".join(getattr(self.error, "__notes__", ()))

    def check(self, at_server: dict[int, str], moved: Decimal) -> None:
        """Check that both sides agree, and that nobody's cancellation was lost.

        Args:
            at_server: The state of every payment there.
            moved: By how much the balance has changed.
        """
        seen = {int(each.id): each.state for each in self.payments}
        for number, state in at_server.items():
            expected = {COMMITTED: {"committed"}, ROLLED_BACK: {"rolledBack"}, OPEN: {"created", "rolledBack"}}
            assert state in expected.get(seen.get(number, OPEN), {state}), (number, state, seen)
        paid = sum((each.amount for each in self.payments if at_server[int(each.id)] == "committed"), Decimal(0))
        assert moved == paid
        assert self.task.cancelled() == bool(self.cancels)
        assert (UNKNOWN in seen.values()) == (self.unknown is not None)
        if self.error is None:
            assert set(seen.values()) <= {COMMITTED, ROLLED_BACK}

    def check_session(self) -> None:
        """Check a run of payments in a session: nothing is blocked any more, nor any payment open."""
        ledger = self.rig.sim.ledger
        assert ledger.blocked(self.index) == 0
        assert "created" not in ledger.payments(self.index).values()
        self.check(ledger.payments(self.index), HUNDRED - ledger.balance(self.index))

    def check_recharge(self) -> None:
        """Check a run of recharging: a payment is left open only where the client knows that, or cannot."""
        states = self.rig.sim.recharges.states(self.index)
        self.check(states, self.rig.sim.ledger.balance(self.index) - HUNDRED)
        known = {int(each.id) for each in self.payments if each.state in (COMMITTED, ROLLED_BACK)}
        assert not known & {number for number, state in states.items() if state == "created"}


@pytest.fixture
async def rig(start):
    """A client with the scope `credit`, and users enough for one run each."""
    return await start(1500, grant=lambda sim: sim.grant("credit"))


@pytest.fixture
def make(rig):
    """Make runs, each for a user of its own who has 100."""

    def run(index: int = 7) -> Run:
        rig.sim.ledger.set_balance(index, HUNDRED)
        return Run(rig, index)

    return run


def paying(body: Callable[[Run, Any], Any] | None = None, payments: int = 1) -> Callable[[Run], Any]:
    """Return a flow that goes through all the steps of a session; `body` is what is paid for."""

    async def flow(run: Run) -> None:
        username = run.rig.sim.credentials(run.index).username
        async with run.rig.myqx.accounts.session(f"internal-{run.index}", username=username) as session:
            await session.block(10)
            for _ in range(payments):
                async with session.payment(AMOUNT, description="Copies") as payment:
                    run.payments.append(payment)
                    await payment.update(Decimal("3.75"))
                    if body is not None:
                        await body(run, payment)

    return flow


def recharging(body: Callable[[Run, Any], Any] | None = None) -> Callable[[Run], Any]:
    """Return a flow that goes through all the steps of a recharge."""

    async def flow(run: Run) -> None:
        user = run.rig.sim.credentials(run.index).user_id
        async with run.rig.myqx.recharge.payment(user, AMOUNT, description="Kiosk") as payment:
            run.payments.append(payment)
            await payment.update(RechargePaymentChanges(description="Desk"))
            if body is not None:
                await body(run, payment)

    return flow


async def jam(run: Run, payment: Any) -> None:
    """Raise."""
    raise Jammed


async def change_of_mind(run: Run, payment: Any) -> None:
    """Give the payment up."""
    await payment.rollback()


async def hang(run: Run, payment: Any) -> None:
    """Be cancelled."""
    run.cancel()
    await asyncio.sleep(60)


async def test_all_goes_well(make):
    """What is paid for is committed, once, and the session has ended with its block."""
    run = await make().go(paying())

    run.check_session()
    assert (run.error, run.state, run.rig.sim.ledger.sessions(7)) == (None, COMMITTED, [])
    assert run.payments[0].amount == Decimal("3.75")
    assert run.rig.sim.ledger.balance(7) == Decimal("96.25")


async def test_the_session_tells(rig, make):
    """A session has the balance that the server told at its start, and that of now."""
    make()
    username = rig.sim.credentials(7).username
    async with rig.myqx.accounts.session("internal-7", username=username, client_id="kiosk") as session:
        await session.block(Decimal("0.05"), description="Copies")
        assert (session.started.balance.amount, await session.balance()) == (100, Decimal("99.95"))
        assert str(session) == f"session {session.id} on account 'internal-7'"


@pytest.mark.parametrize("flow", [paying, recharging])
@pytest.mark.parametrize(
    ("body", "error"), [(jam, Jammed), (hang, asyncio.CancelledError), (change_of_mind, type(None))]
)
async def test_what_the_body_does(make, flow, body, error):
    """Where the body raises, is cancelled, or gives the payment up, it is rolled back, and the error goes on."""
    run = await make().go(flow(body))

    (run.check_session if flow is paying else run.check_recharge)()
    assert (type(run.error), run.state, run.notes) == (error, ROLLED_BACK, "")


async def test_given_up_once(make):
    """A payment that is not open any more is not rolled back."""
    run = await make().go(paying())

    with pytest.raises(RuntimeError, match="is committed"):
        await run.payments[0].rollback()
    assert run.rig.sim.stats.mutations[f"payment-rolled-back:{run.payments[0].id}"] == 0


async def test_several_payments_in_a_session(make):
    """What was committed stays so when a later payment of the session fails."""

    async def jam_the_second(run: Run, payment: Any) -> None:
        if len(run.payments) > 1:
            raise Jammed

    run = await make().go(paying(jam_the_second, payments=2))

    run.check_session()
    assert [each.state for each in run.payments] == [COMMITTED, ROLLED_BACK]


@pytest.mark.parametrize("kind", [*LOST, FaultKind.STATUS])
@pytest.mark.parametrize("step", ["start", "block", "create"])
async def test_lost_before_there_is_a_payment(make, step, kind):
    """What is lost on the way to a payment is raised as it is; the session ends, where its id is known."""
    run = make()
    run.fail(step, kind, status=500)

    await run.go(paying())

    run.check_session()
    assert type(run.error) is (ServerError if kind is FaultKind.STATUS else ConnectionLost)
    assert run.payments == []
    assert bool(run.rig.sim.ledger.sessions(7)) == (step == "start" and kind in LOST[1:])
    assert ("may be" in run.notes) == (step != "block")


async def test_what_was_refused_is_not_there(make):
    """After a refusal nothing is left, and nothing is noted."""
    for step in ("start", "create"):
        run = make()
        run.fail(step, FaultKind.STATUS, status=400)

        await run.go(paying())

        run.check_session()
        assert (type(run.error), run.notes) == (BadRequest, "")


@pytest.mark.parametrize("flow", [paying, recharging])
@pytest.mark.parametrize("kind", [*LOST, FaultKind.STATUS])
async def test_a_lost_commit(make, flow, kind):
    """A commit whose answer is lost is neither repeated nor undone, and said to be unknown, with where to look."""
    run = make()
    run.fail("commit", kind, status=500)

    await run.go(flow())

    (run.check_session if flow is paying else run.check_recharge)()
    error, stats = run.error, run.rig.sim.stats
    assert isinstance(error, PaymentOutcomeUnknown)
    assert isinstance(error.__cause__, ServerError if kind is FaultKind.STATUS else ConnectionLost)
    assert run.state is UNKNOWN
    assert error.retryable is False
    assert error.payment_id == run.payments[0].id
    assert error.reference == ("internal-7" if flow is paying else "external")
    assert error.amount == run.payments[0].amount
    assert error.submitted_at == run.rig.clock.now
    assert ("which was 100" if flow is paying else "recharge.payments('external')") in str(error)
    assert sum(count for route, count in stats.routes.items() if route.endswith("/commit")) == 1
    assert sum(count for route, count in stats.routes.items() if route.endswith("/rollback")) == 0


@pytest.mark.parametrize("flow", [paying, recharging])
@pytest.mark.parametrize(("status", "error"), [(400, BadRequest), (409, Conflict)])
async def test_a_refused_commit(make, flow, status, error):
    """A commit that the server refuses is no commit: the payment is rolled back and the refusal raised."""
    run = make()
    run.fail("commit", FaultKind.STATUS, status=status)

    await run.go(flow())

    (run.check_session if flow is paying else run.check_recharge)()
    assert (type(run.error), run.state) == (error, ROLLED_BACK)


@pytest.mark.parametrize("flow", [paying, recharging])
async def test_a_commit_that_was_never_done(make, flow):
    """A commit that was answered 429 was not done, and is sent again."""
    run = make()
    run.fail("commit", FaultKind.STATUS, status=429, times=2)

    await run.go(flow())

    assert (run.error, run.state) == (None, COMMITTED)


async def test_refused_and_not_undone_either(make):
    """Where neither commit nor rollback works, the refusal is raised with a note, and the session ends."""
    run = make()
    run.fail("commit", FaultKind.STATUS, status=409)
    run.fail("rollback", FaultKind.STATUS, status=500)

    await run.go(paying())

    run.check_session()
    assert (type(run.error), run.state) == (Conflict, OPEN)
    assert "was not committed, and could not be rolled back either" in run.notes


@pytest.mark.parametrize("body", [jam, hang])
@pytest.mark.parametrize("flow", [paying, recharging])
async def test_a_rollback_that_fails(make, flow, body):
    """Where the rollback fails, the body's error goes on with a note, and a session ends all the same."""
    run = make()
    run.fail("rollback", FaultKind.STATUS, status=500)

    await run.go(flow(body))

    (run.check_session if flow is paying else run.check_recharge)()
    assert type(run.error) is (Jammed if body is jam else asyncio.CancelledError)
    assert run.state is OPEN
    assert "could not be rolled back" in run.notes


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("step", ["rollback", "end"])
async def test_what_moves_no_money_is_repeated(make, step, kind):
    """A rollback, and the end of a session, are sent again until there is an answer; what is over is over."""
    run = make()
    run.fail(step, kind, times=3)

    await run.go(paying(change_of_mind if step == "rollback" and kind is FaultKind.DROP_BEFORE else jam))

    run.check_session()
    assert run.rig.sim.ledger.sessions(7) == []
    assert "ended" not in run.notes


async def test_a_session_that_does_not_end(make):
    """After a success it is an error of its own, which says what was paid, and must not be taken for a failed try."""
    run = make()
    run.fail("end", FaultKind.DROP_BEFORE)

    await run.go(paying(payments=2))

    error = run.error
    assert isinstance(error, PaymentSessionNotEnded)
    assert isinstance(error.__cause__, TransportError)
    assert (error.retryable, error.reference, error.payment_id) == (False, "internal-7", None)
    assert error.committed == tuple(each.id for each in run.payments)
    assert "were committed" in str(error)
    (session,) = run.rig.sim.ledger.sessions(7)
    assert error.session_id == session
    await run.rig.myqx.accounts.end(error.reference, error.session_id)
    run.check_session()


@pytest.mark.parametrize("body", [jam, hang])
async def test_nor_after_an_error(make, body):
    """After an error that goes on as it is, with a note on the session."""
    run = make()
    run.fail("end", FaultKind.STATUS, status=500)

    await run.go(paying(body))

    assert type(run.error) is (Jammed if body is jam else asyncio.CancelledError)
    assert "could not be ended" in run.notes
    assert "No payment was committed" in run.notes


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("step", STEPS)
async def test_cancelled_at_every_step(make, step, times):
    """Cancelled while a step is under way, once or twice, the rest is settled before the cancellation goes on."""
    run = make()
    run.cancel_at(step, times)

    await run.go(paying(jam if step == "rollback" else None))

    run.check_session()
    assert run.cancels >= 1
    assert run.rig.sim.ledger.sessions(7) == []
    if step in ("commit", "end"):
        assert run.state is COMMITTED
        assert "by then: " in run.notes
    elif run.payments:
        assert run.state is ROLLED_BACK
    if step == "rollback":
        assert isinstance(run.error.__cause__, Jammed)


@pytest.mark.parametrize("step", ["create", "update", "commit", "rollback"])
async def test_a_recharge_is_cancelled_at_every_step(make, step):
    """A recharge is settled as well before a cancellation goes on, however early it came."""
    run = make()
    run.cancel_at(step, 2)

    await run.go(recharging(jam if step == "rollback" else None))

    run.check_recharge()
    assert "created" not in run.rig.sim.recharges.states(7).values()


@pytest.mark.parametrize("flow", [paying, recharging])
async def test_cancelled_and_lost(make, flow):
    """Cancelled while a commit gets lost, the cancellation goes on, and tells that the outcome is unknown."""
    run = make()
    run.fail("commit", FaultKind.DROP_AFTER, then=run.cancel, times=1)

    await run.go(flow())

    (run.check_session if flow is paying else run.check_recharge)()
    assert run.task.cancelled()
    assert isinstance(run.error.__cause__, PaymentOutcomeUnknown)
    assert "may have been committed" in run.notes


async def test_a_timeout_around_it(make):
    """A deadline of `asyncio.timeout` around a session works as around anything else."""

    scope = asyncio.timeout(60)

    async def flow(run: Run) -> None:
        async with scope:
            await paying(wait)(run)

    async def wait(run: Run, payment: Any) -> None:
        scope.reschedule(asyncio.get_running_loop().time())
        await asyncio.sleep(60)

    run = await make().go(flow)

    run.check_session()
    assert (type(run.error), run.state) == (TimeoutError, ROLLED_BACK)


@pytest.mark.parametrize("status", [200, 201, 204])
async def test_any_success(make, status):
    """Settling takes every kind of success."""
    run = make()
    sim = run.rig.sim

    async def say_less(run: Run, payment: Any) -> None:
        sim.success_status, sim.success_body = status, False

    await run.go(paying(say_less))

    run.check_session()
    assert (run.error, run.state) == (None, COMMITTED)


async def test_what_cannot_be_paid(rig):
    """More than there is cannot be paid; a float and nothing at all cost no request."""
    with pytest.raises(TypeError, match="float"):
        rig.myqx.recharge.payment(1008, 0.1)
    with pytest.raises(ValueError, match="above zero"):
        rig.myqx.recharge.payment(1008, 0)
    assert rig.requests == 0

    username = rig.sim.credentials(7).username
    async with rig.myqx.accounts.session("internal-7", username=username) as session:
        before = rig.requests
        with pytest.raises(TypeError, match="float"):
            session.payment(0.1)
        assert rig.requests == before
        with pytest.raises(Conflict, match="Insufficient"):
            async with session.payment(Decimal("7.01")):
                pytest.fail("there is no such credit")
    assert (rig.sim.ledger.balance(7), rig.sim.ledger.sessions(7)) == (7, [])


async def test_a_loop_that_is_gone(make):
    """A block whose coroutine is closed unfinished, as when its loop has gone, does not try to wait for anything."""
    run, inside = make(), asyncio.Event()

    async def wait(run: Run, payment: Any) -> None:
        inside.set()
        await asyncio.get_running_loop().create_future()

    coroutine = paying(wait)(run)
    future = coroutine.send(None)
    while not inside.is_set():
        await (asyncio.wait({future}) if future else asyncio.sleep(0))
        future = coroutine.send(None)
    coroutine.close()

    assert run.state is OPEN


SEEDS = range(500)


def plan(run: Run, chance: random.Random, steps: list[str]) -> None:
    """Let up to two steps go wrong, often the commit; the end only in ways after which it is tried again."""
    for step in chance.choices([*steps, "commit", "commit", "commit", "rollback"], k=chance.choice([0, 1, 1, 2])):
        kind = chance.choice([*LOST, FaultKind.STATUS])
        status = 503 if step == "end" else chance.choice([400, 401, 409, 429, 500, 503])
        run.fail(step, kind, status=status, times=chance.choice([1, 1, 2, 3]))


async def turns_of(run: Run, flow: Callable[[Run], Any]) -> int:
    """Count the turns of the loop that a run takes: they are the transport's, and the machine's."""
    run.begin(flow)
    turns = 0
    while not run.task.done():
        await asyncio.sleep(0)
        turns += 1
    await run.end()
    return turns


async def disturb(run: Run, chance: random.Random, steps: list[str], flow: Callable[[Run], Any], turns: int) -> None:
    """Run it, and cancel it or not: at a step, or at any turn of the loop; once or twice."""
    how = chance.choice(["never", "step", "turn", "turn"])
    if how == "step":
        kind = chance.choice([*LOST, FaultKind.DELAY, FaultKind.DELAY])
        run.cancel_at(chance.choice([*steps, "commit", "commit"]), chance.choice([1, 2]), kind)
    run.begin(flow)
    for _ in range(chance.choice([1, 2]) if how == "turn" else 0):
        for _ in range(chance.randrange(10 * turns)):
            if run.task.done():
                break
            await asyncio.sleep(0)
        if not run.task.done():
            run.cancel()
    await run.end()


def outcome(run: Run) -> str:
    """Name how it ended."""
    state = run.payments[-1].state.value if run.payments else "no payment"
    return f"{state}, {'cancelled' if run.cancels else 'raised' if run.error else 'done'}"


@pytest.mark.parametrize("kind", ["session", "recharge"])
async def test_torture(make, kind):
    """In 500 random runs nothing stays blocked, no money moves unseen, and both sides agree unless it is unknown."""
    steps = list(STEPS) if kind == "session" else ["create", "update", "commit", "rollback"]
    outcomes: Counter[str] = Counter()
    plain = paying() if kind == "session" else recharging()
    turns = max([await turns_of(make(len(SEEDS) + number), plain) for number in (1, 2, 3)])
    for seed in SEEDS:
        chance = random.Random(f"{kind}/{seed}")
        run = make(seed + 1)
        plan(run, chance, steps)
        body = chance.choice([None, None, None, jam, change_of_mind, hang])
        flow = paying(body, chance.choice([1, 2])) if kind == "session" else recharging(body)

        await disturb(run, chance, steps, flow, turns)

        try:
            run.check_session() if kind == "session" else run.check_recharge()
        except AssertionError as failed:
            failed.add_note(f"seed {seed}: {outcome(run)}, {run.error!r}")
            raise
        outcomes[outcome(run)] += 1

    committed = {name: n for name, n in run.rig.sim.stats.mutations.items() if "-committed:" in name}
    assert set(committed.values()) == {1}
    expected = {f"{state}, {end}" for state in PaymentState for end in ("cancelled", "raised", "done")}
    never = {"open, done", "unknown, done"}  # what is not settled is never passed over in silence
    assert outcomes.keys() - {"no payment, cancelled", "no payment, raised"} <= expected - never
    assert min(outcomes[f"{state}, cancelled"] for state in PaymentState) > 0, outcomes
    assert min(outcomes[f"{state}, raised"] for state in (OPEN, ROLLED_BACK, UNKNOWN)) > 5, outcomes
    assert outcomes["committed, done"] > 50, outcomes
