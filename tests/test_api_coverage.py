"""What is documented is there, nothing else is, and the page says so."""

import importlib
from collections import Counter
from pathlib import Path
from runpy import run_path

import pytest

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
