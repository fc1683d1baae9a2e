"""The seeded data: the same for one seed, cheap at any size, and nothing secret in a repr."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import myqx_async.simulator
from myqx_async.simulator import MyQXSimulator
from myqx_async.simulator.population import FIRST_ID, Population


@pytest.fixture
def population() -> Population:
    """The people of some seed."""
    return Population(7)


def test_one_seed_makes_the_same_people(population: Population) -> None:
    """Two populations of one seed agree on everything, and another seed makes others."""
    same, other = Population(7), Population(8)
    for index in (0, 1, 59, 60, 999_999):
        assert population.user(index) == same.user(index)
        assert population.card(index) == same.card(index) != other.card(index)
        assert population.pin(index) == same.pin(index) != other.pin(index)
        assert population.password(index) == same.password(index) != other.password(index)


async def test_one_seed_answers_the_same_bytes(visit) -> None:
    """Two simulators of one seed answer the same users, printers and queues."""
    answers = []
    for _ in range(2):
        visitor = await visit(50, 10, 5, seed=3)
        token = await visitor.sign_in()
        paths = ("users", "printers", "queues")
        answers.append([(await visitor.get(path, token, include="groups,client")).body for path in paths])
    assert answers[0] == answers[1]


def test_what_identifies_a_user_is_unique_and_leads_back(population: Population) -> None:
    """Over many users no name, code, card or PIN repeats, and each leads to its index."""
    seen: set[str] = set()
    indexes = [*range(5000), *range(995_000, 1_000_000)]
    for index in indexes:
        user, card, pin = population.user(index), population.card(index), population.pin(index)
        seen |= {user.username, f"code {user.code}", f"card {card}", f"pin {pin}"}
        assert population.index_of_name(user.username) == index
        assert population.index_of_name(user.email) == index
        assert population.index_of_name(population.alias(index)) == index
        assert population.index_of_code(user.code) == index
        assert population.index_of_card(card) == index
        assert population.index_of_pin(pin) == index
    assert len(seen) == 4 * len(indexes)


def test_no_pin_is_a_run_of_digits(population: Population) -> None:
    """Every PIN is 4 to 16 digits that do not rise or fall by one constant step."""
    for index in range(2000):
        pin = population.pin(index)
        assert 4 <= len(pin) <= 16
        assert len({int(b) - int(a) for a, b in pairwise(pin)}) > 1


async def test_a_million_users_are_there_when_asked_for(visit) -> None:
    """The last page, searches by what identifies, a sign-in and a change work among a million, and little is kept."""
    visitor = await visit(1_000_000)
    token = await visitor.sign_in()
    page = (await visitor.get("users", token, start=999_990)).body
    assert (page["count"], len(page["users"])) == (1_000_000, 10)
    last = page["users"][-1]
    assert last["id"] == FIRST_ID + 999_999
    person = visitor.sim.credentials(777_777)
    login = {"type": 4, "card": person.card, "pin": person.pin}
    assert (await visitor.ask(grant_type="login_info", scope="jobs", login_info=login)).status == 200
    found = (await visitor.get("users/find", token, email=last["email"], isActive=0)).body
    assert found["users"] == [last]
    await visitor.call("PUT", f"/api/v3/users/{last['id']}", token, json={"notes": "x"})
    assert len(visitor.sim._directory._changed) == 1


async def test_a_search_that_identifies_reads_few_users(visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Finding by name, e-mail, code or card among a million makes a handful of users, not all."""
    made: list[int] = []
    make = Population.user
    monkeypatch.setattr(Population, "user", lambda self, index: made.append(index) or make(self, index))
    visitor = await visit(1_000_000)
    token = await visitor.sign_in()
    person = visitor.sim.credentials(123_456)
    filters = {"username": person.username, "email": f"{person.username}@example.com", "card": person.card}
    for name, value in filters.items():
        assert (await visitor.get("users/find", token, **{name: value})).body["count"] == 1
    await visitor.get("users/find", token, group="Sales|Prague", start=50_000, limit=10)
    assert len(made) < 100


def test_secrets_are_in_no_repr() -> None:
    """The repr of a simulator and of credentials shows no secret, password, PIN or card."""
    sim = MyQXSimulator()
    person = sim.credentials(0)
    assert sim.client_secret not in repr(sim)
    for value in (person.password, person.pin, person.card):
        assert value not in repr(person)


@pytest.mark.parametrize("wrong", [{"users": 0}, {"printers": -1}, {"token_seconds": 0}, {"success_status": 302}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, int]) -> None:
    """Impossible sizes, lifetimes and statuses are a ValueError at once."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        MyQXSimulator(**wrong)


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


def test_the_simulator_imports_nothing_of_the_client() -> None:
    """Of our own modules it imports its own, the shared simulator base, and within `grant` the client's grants."""
    allowed = ("myqx_async.simulator", "print_async.testing.faults", "print_async.testing.simulator")
    for path in Path(myqx_async.simulator.__file__).parent.glob("*.py"):
        ours = {name for name in _imports(path) if name.startswith(("myqx_async", "print_async", "ezeep_async", "."))}
        foreign = {name for name in ours if not name.startswith(allowed)}
        assert foreign <= ({"myqx_async.auth"} if path.name == "simulator.py" else set()), path


def test_trustme_is_imported_late() -> None:
    """Importing the simulator does not need trustme."""
    code = "import sys, myqx_async.simulator; sys.exit('trustme' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
