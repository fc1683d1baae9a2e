"""`myqx credit recharge`: money is moved when that is said, each row once, whatever dies when."""

import asyncio
import csv
import json
import signal
import sys
from collections import Counter
from contextlib import suppress
from decimal import Decimal

import pytest

from myqx_async.simulator import MyQXSimulator
from print_async.testing import Fault, FaultKind

PAYMENTS = "/api/v3/rechargeProviders/external/payments"
FIRST = 1001
ROWS = 20
posix = pytest.mark.skipif(sys.platform == "win32", reason="a process is not killed so on Windows")


@pytest.fixture
async def sim():
    """Run a MyQ X server of thirty users; the one at index n, of id 1001 + n, has the balance n."""
    async with MyQXSimulator(30) as simulator:
        yield simulator


@pytest.fixture
def environment(sim):
    """Return what a command needs to find the simulator."""
    at = {"MYQX_URL": sim.url, "MYQX_CA_FILE": str(sim.ca_file)}
    return {**at, "MYQX_CLIENT_ID": sim.client_id, "MYQX_CLIENT_SECRET": sim.client_secret}


@pytest.fixture
def arguments(tmp_path):
    """Write the file and return the command on it."""

    def write(text: str, *options: object) -> list[object]:
        (tmp_path / "credit.csv").write_text(text, encoding="utf-8")
        return ["myqx_async", "credit", "recharge", "--from", "credit.csv", *options]

    return write


@pytest.fixture
def recharge(run, environment, arguments):
    """Run the command with a CSV file of the given text."""

    async def command(text: str, *options: object):
        return await run(*arguments(text, *options), **environment)

    return command


def credited(sim) -> dict[int, Decimal]:
    """Return by how much each balance went up, by the index of the user."""
    found = {index: sim.ledger.balance(index) - index for index in range(30)}
    return {index: amount for index, amount in found.items() if amount}


def commits(sim) -> int:
    """Return how often a commit was asked for."""
    return sum(count for route, count in sim.stats.routes.items() if route.endswith("/commit"))


def report(tmp_path) -> list[dict[str, str]]:
    """Read the report."""
    with (tmp_path / "recharge-report.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def states(result) -> list[str]:
    """Return the state of every row."""
    return [row["state"] for row in json.loads(result.out)["rows"]]


async def test_a_look_first(sim, recharge, tmp_path):
    """Without --commit it shows whom it would credit with how much, and changes nothing, here or there."""
    name = sim.credentials(4).username
    text = f"\ufeffamount,name,user\r\n12.50,x,1002\r\n7,y,{name}\r\n7,y,{name}\r\n"

    shown, as_json = await recharge(text), await recharge(text, "--json")

    assert (shown.code, as_json.code) == (0, 0), shown.err
    assert "3 ready, 26.50 in all\n" in shown.out
    assert "With --commit" in shown.err
    assert [line.split()[:2] for line in shown.out.splitlines()[2:5]] == [["2", "1002"], ["3", name], ["4", name]]
    told = json.loads(as_json.out)
    assert (told["committed"], told["amount"], told["counts"]) == (False, "26.50", {"ready": 3})
    assert told["rows"][1] | {"name": ""} == {
        "line": 3,
        "user": name,
        "user_id": FIRST + 4,
        "username": name,
        "name": "",
        "amount": "7",
        "state": "ready",
        "payment_id": None,
        "error": None,
    }
    assert not sim.stats.mutations
    assert [path.name for path in tmp_path.glob("*.*")] == ["credit.csv"]


async def test_once(sim, recharge, tmp_path):
    """With --commit each row is credited to the last digit; run again, in whatever order, nothing more is."""
    text = "user,amount\n1002,0.10\n1003,12.5\n1002,0.10\n"

    first = await recharge(text, "--commit")
    again = await recharge("amount,user\n12.50,1003\n0.1,1002\n0.100,1002\n", "--commit", "--json")

    assert (first.code, again.code) == (0, 0), first.err
    assert "3 credited, 12.70 in all\n" in first.out
    assert credited(sim) == {1: Decimal("0.20"), 2: Decimal("12.5")}
    assert states(again) == ["credited before"] * 3
    assert commits(sim) == 3
    assert report(tmp_path) == []


async def test_rows_added_later(sim, recharge):
    """What is added to the file is credited, and what was credited before is not."""
    await recharge("user,amount\n1002,5\n", "--commit")

    more = await recharge("user,amount\n1003,5\n1002,5\n1002,5\n", "--commit", "--json")

    assert states(more) == ["credited", "credited before", "credited"]
    assert credited(sim) == {1: 10, 2: 5}


@pytest.mark.parametrize("text", ["user,amount\n1002,50\n", "user,amount\nsomebody,5\n", "user,amount\n1003,5\n"])
async def test_a_credited_row_that_was_changed(sim, recharge, text):
    """A file in which a row is not any more what was credited is refused: it could be meant as the same one."""
    await recharge("user,amount\n1002,5\n", "--commit")

    for options in ((), ("--commit",)):
        result = await recharge(text, *options)
        assert (result.code, "1002: 5" in result.err) == (2, True)
        assert "nothing was changed" in result.err
    assert credited(sim) == {1: 5}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("user,amount\n", ["has no rows"]),
        ("", ["columns `user` and `amount`"]),
        ("user;amount\n1002;5\n", ["columns `user` and `amount`"]),
        ("user,amount\n1002,5,50\n", ["line 2", "more cells"]),
        ('user,amount\n1002,"5,50"\n,5\n1003\n1004,5\n', ["line 2: '5,50'", "line 3: no user", "line 4: ''"]),
        ("user,amount\n1002,0\n1002,-5\n1002,1e3\n1002,1_0\n1002,NaN\n1002,٣\n", [f"line {n}:" for n in range(2, 8)]),
        ('user,amount\n"1002,5\n', ["credit.csv"]),
    ],
    ids=["no row", "empty", "semicolons", "comma", "several", "amounts", "quote"],
)
async def test_a_bad_file(sim, recharge, text, says):
    """A file that is not right is refused as a whole with every line that is wrong, before anything is sent."""
    result = await recharge(text, "--commit")

    assert result.code == 2
    assert all(each in result.err for each in says), result.err
    assert not sim.stats.requests


async def test_users_that_are_not_there(sim, recharge):
    """As long as one row has no user that it can mean, none is credited."""
    result = await recharge("user,amount\n1002,5\nnobody,5\n9999,5\n", "--commit", "--json")

    assert result.code == 1
    assert states(result) == ["ready", "wrong", "wrong"]
    assert json.loads(result.out)["committed"] is False
    assert "nobody" in json.loads(result.out)["rows"][1]["user"]
    assert not sim.stats.mutations
    assert (await recharge("user,amount\n1002,5\n", "--commit")).code == 0


@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER, FaultKind.DROP_BEFORE, FaultKind.STATUS])
async def test_a_lost_answer(sim, recharge, tmp_path, kind):
    """A row whose commit has no answer is unknown, never repeated by itself, and done again when that is said."""
    sim.faults.add(Fault(kind=kind, method="POST", path=f"{PAYMENTS}/1/commit"))
    text = "user,amount\n1002,5\n"
    moved = {1: 5} if kind is FaultKind.DROP_AFTER else {}

    first, look, again = await recharge(text, "--commit"), await recharge(text), await recharge(text, "--commit")

    assert [result.code for result in (first, look, again)] == [3, 3, 3]
    assert credited(sim) == moved
    assert commits(sim) == 1
    (row,) = report(tmp_path)
    assert (row["state"], row["payment"], row["user"], row["amount"]) == ("unknown", "1", "1002", "5")
    assert "look for" in row["error"]
    sure = await recharge(text, "--commit", "--retry-unknown")
    assert sure.code == 0
    assert credited(sim) == {1: moved.get(1, 0) + 5}
    assert "1 credited before" in (await recharge(text, "--commit", "--retry-unknown")).out


async def test_a_person_who_has_looked(sim, recharge, tmp_path):
    """What somebody writes into the journal counts: a row that they saw credited is not done again."""
    sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, method="POST", path=f"{PAYMENTS}/1/commit"))
    assert (await recharge("user,amount\n1002,5\n", "--commit")).code == 3
    journal = tmp_path / "credit.csv.journal"
    journal.write_text(journal.read_text().replace('"unknown"', '"done"'))

    result = await recharge("user,amount\n1002,5\n", "--commit", "--retry-unknown")

    assert (result.code, credited(sim)) == (0, {1: 5})


async def test_what_failed_is_done_by_the_next_run(sim, recharge, tmp_path):
    """A row that the server refuses is in the report with its reason, and free to be done later."""
    sim.external_payments = False
    text = "user,amount\n1002,5\n1003,5\n"

    refused = await recharge(text, "--commit")
    sim.external_payments = True
    sim.faults.add(Fault(kind=FaultKind.STATUS, status=409, method="POST", path=f"{PAYMENTS}/1/commit"))
    half = await recharge(text, "--commit", "--concurrency", 1)
    rest = await recharge(text, "--commit")

    assert [result.code for result in (refused, half, rest)] == [1, 1, 0]
    assert "2 failed" in refused.out
    assert "Payment provider is disabled" in refused.out
    assert "1 credited" in half.out
    assert "1 credited, 5 in all; 1 credited before" in rest.out
    assert credited(sim) == {1: 5, 2: 5}


async def test_a_journal_of_another_server(sim, recharge, run, arguments):
    """What was done elsewhere, or through another provider, says nothing of here, and is not mixed with it."""
    await recharge("user,amount\n1002,5\n", "--commit")

    other = await recharge("user,amount\n1002,5\n", "--commit", "--provider", "paypal")
    simulated = await run(*arguments("user,amount\n1002,5\n", "--commit", "--simulate"))

    assert (other.code, "provider external" in other.err) == (2, True)
    assert (simulated.code, "1 credited" in simulated.out) == (0, True)
    assert credited(sim) == {1: 5}


async def test_two_at_once(sim, start, environment, arguments):
    """A second run on the same file is refused while the first is at work."""
    sim.latency = 0.5
    command = arguments("user,amount\n1002,5\n1003,5\n", "--commit", "--concurrency", 1)
    first = await start(*command, **environment)
    await first.until("users looked up")

    second = await (await start(*command, **environment)).end()

    assert (second.code, "in use by another process" in second.err) == (2, True)
    assert (await first.end()).code == 0
    assert credited(sim) == {1: 5, 2: 5}


@posix
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize(
    ("event", "times"),
    [("recharge-created", 1), ("recharge-created", 7), ("recharge-committed", 1), ("recharge-committed", 9)],
)
async def test_killed(sim, start, recharge, environment, arguments, how, event, times):
    """Killed at any point, again and again, no row is credited twice, and none is lost without being reported."""
    text = "user,amount\n" + "".join(f"{FIRST + index},10\n" for index in range(ROWS))
    options = ("--commit", "--concurrency", 4)
    for _ in range(3):
        sim.stats.mutations = counter = Bell(event, times)
        command = await start(*arguments(text, *options), **environment)
        ends = [asyncio.ensure_future(each) for each in (counter.rung.wait(), command.process.wait())]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        ends[0].cancel()
        with suppress(ProcessLookupError):
            await command.end(how)

    result = await recharge(text, *options, "--json")

    found = states(result)
    moved = credited(sim)
    assert set(moved.values()) <= {10}, "no row twice"
    assert set(found) <= {"credited", "credited before", "unknown"}
    unsure = {index for index, state in enumerate(found) if state == "unknown"}
    assert set(range(ROWS)) - set(moved) <= unsure, "none that is said to be credited is not"
    assert result.code == (3 if unsure else 0)
    if how == signal.SIGINT:
        assert not unsure, "who is asked to stop has the time to see what comes of what was begun"
    else:
        assert len(unsure) <= 3 * 4


class Bell(Counter[str]):
    """Counts changes at the server, and rings in the middle of the one that somebody waits for."""

    def __init__(self, event: str, times: int) -> None:
        super().__init__()
        self.event = event
        self.left = times
        self.rung = asyncio.Event()

    def __setitem__(self, what: str, count: int) -> None:
        super().__setitem__(what, count)
        self.left -= what.startswith(self.event)
        if not self.left:
            self.rung.set()
