"""What is documented is there, with a route of the simulator; nothing else is, and the page says so."""

import importlib
import re
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from runpy import run_path

import pytest

from ezeep_async import Ezeep
from ezeep_async.simulator import EzeepSimulator
from myqx_async import MyQX, MyQXCentral
from myqx_async.simulator import MyQXCentralSimulator, MyQXSimulator
from print_async import AiohttpTransport
from print_async.errors import StatusError

DOCS = Path(__file__).parent.parent / "docs"
COVERAGE = run_path(str(DOCS / "api_coverage.py"))
ROWS = {vendor: COVERAGE["listed"](vendor) for vendor in COVERAGE["TITLES"]}
METHODS = {vendor: list(COVERAGE["methods"](vendor)) for vendor in COVERAGE["TITLES"]}
TYPED = [(vendor, row) for vendor, rows in ROWS.items() for row in rows if row.typed]


def test_how_many_there_are():
    """The lists are those of the vendors' documents, and complete."""
    known = {vendor: Counter(row.status for row in rows) for vendor, rows in ROWS.items()}
    assert known["ezeep"] == {"documented": 45, "by name": 31, "observed": 5}
    assert known["myqx"] == {"documented": 55, "listed": 6, "by name": 3, "inferred": 1}
    assert all(len({row.id for row in rows}) == len(rows) for rows in ROWS.values())


@pytest.mark.parametrize(("vendor", "row"), TYPED, ids=lambda value: value if isinstance(value, str) else value.id)
def test_every_known_operation_is_there(vendor, row):
    """Each operation that is known by method and path has a method of its own, or something else that does it."""
    if row.done_by is not None:
        module, *names = row.done_by.split(".")
        thing = importlib.import_module(module)
        for name in names:
            thing = getattr(thing, name) if hasattr(thing, name) else importlib.import_module(f"{module}.{name}")
            module = f"{module}.{name}"
        assert callable(thing)
        return
    wanted = [other for other in ROWS[vendor] if other.key == row.key and other.typed and other.done_by is None]
    found = [method for method in METHODS[vendor] if method.key == row.key]
    assert len(found) >= len(wanted), f"{row.id}: {found}"


@pytest.mark.parametrize("vendor", METHODS)
def test_nothing_is_made_up(vendor):
    """Each method is of a known operation; what is known by name only has none."""
    known = {row.key for row in ROWS[vendor] if row.typed}
    assert [method.name for method in METHODS[vendor] if method.key not in known] == []


@pytest.mark.parametrize("vendor", METHODS)
def test_what_was_observed_says_so(vendor):
    """A method of an operation that no document has says so in its source or its docstring."""
    observed = {row.key for row in ROWS[vendor] if row.status == "observed"}
    documented = {row.key for row in ROWS[vendor] if row.status == "documented"}
    for method in METHODS[vendor]:
        if method.key in observed - documented:
            assert "seen in" in method.operation.source, method.name


def test_the_page():
    """The page is what `python docs/api_coverage.py` makes."""
    assert (DOCS / "api-coverage.md").read_text(encoding="utf-8") == COVERAGE["page"]()


@pytest.fixture
async def estate():
    """A simulator of each server, and a client of it with every scope, under the name of the client's class."""
    async with AsyncExitStack() as stack:
        ezeep = await stack.enter_async_context(EzeepSimulator(users=5))
        myqx = await stack.enter_async_context(MyQXSimulator(users=5))
        central = await stack.enter_async_context(MyQXCentralSimulator())
        urls = {name: getattr(ezeep, name) for name in ("account_url", "management_url", "print_url")}
        clients = [
            Ezeep(ezeep.grant(), **urls),
            MyQX(myqx.url, myqx.grant("users"), transport=AiohttpTransport(ca_file=myqx.ca_file)),
            MyQXCentral(central.url, central.grant("users"), transport=AiohttpTransport(ca_file=central.ca_file)),
        ]
        yield {type(each).__name__: await stack.enter_async_context(each) for each in clients}


async def status_of(client, method, path):
    """Return the status of the answer to a request without a body."""
    try:
        return (await client.request(method, path)).status
    except StatusError as error:
        return error.status


async def test_every_operation_has_a_route(estate):
    """The simulators know the path of every operation, and its method there."""
    for client in estate.values():
        assert await status_of(client, "OPTIONS", "/v3/no/such/route") == 404
    unknown = []
    for method in (method for methods in METHODS.values() for method in methods):
        client = estate[method.name.partition(".")[0]]
        path = re.sub(r"\{[^}]*\}", "7", method.operation.path)
        # A path that is there answers 405 to a method that is not; a thing that is not there, 404 to one that is.
        answers = [await status_of(client, each, path) for each in ("OPTIONS", method.operation.method)]
        if answers[1] == 405 or answers == [404, 404]:
            unknown.append((method.name, answers))
    assert unknown == []
