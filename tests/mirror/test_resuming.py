"""A run that failed, at whatever page and in whatever way, goes on from where it was."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import attrs
import pytest

from print_async.errors import PrintAsyncError
from print_async.testing import Fault, FaultKind

FAULTS = {
    "500": {"kind": FaultKind.STATUS, "status": 500},
    "403": {"kind": FaultKind.STATUS, "status": 403},
    "drop-before": {"kind": FaultKind.DROP_BEFORE},
    "drop-after": {"kind": FaultKind.DROP_AFTER},
    "truncate": {"kind": FaultKind.TRUNCATE},
}
LISTS = ("/printing/", "/v1/", "/api/v3/")


@pytest.fixture
async def whole(open_site, copy, read_tables, vendor, tmp_path):
    """Mirror without an interruption, and return all that is in the file."""
    path = tmp_path / "whole.sqlite"
    await copy(await open_site(vendor, 70), path, 10)
    return read_tables(path)


@attrs.define(kw_only=True)
class Turn(Fault):
    """Hits the requests for lists, all but the first so many, and does something first."""

    spared: int
    act: Callable[[], object] = lambda: None

    def matches(self, method: str, path: str) -> bool:
        """Count the request."""
        if not path.startswith(LISTS):
            return False
        self.spared -= 1
        if self.spared < 0:
            self.act()
        return self.spared < 0


class Copied:
    """A progress callback that remembers how much is in the file."""

    def __init__(self) -> None:
        self.items = {}

    def __call__(self, progress) -> None:
        """See a transaction."""
        self.items[progress.stage] = progress.items


@pytest.mark.parametrize("kind", FAULTS)
async def test_a_failure_at_any_page(open_site, copy, read_tables, whole, vendor, tmp_path, kind):
    """Failing before each page in turn, a run ends with an error, and the next one completes the very same file."""
    site = await open_site(vendor, 70)
    pages = 15 if vendor == "ezeep" else 10
    for page in range(pages):
        path = tmp_path / f"{page}.sqlite"
        copied = Copied()
        site.sim.faults.add(Turn(spared=page, **FAULTS[kind]))
        with pytest.raises(PrintAsyncError):
            await copy(site, path, 10, progress=copied)
        site.sim.faults.clear()
        report = await copy(site, path, 10)
        there = sum(copied.items.values())
        assert there >= 10 * (page - 3)
        assert (report.resumed_at, report.items) == (there, site.total - there)
        assert read_tables(path) == whole, f"after a failure at page {page}"


async def test_failing_again_and_again(site, copy, read_tables, whole, tmp_path):
    """A run that fails after every other page gets to the end all the same, and reads hardly a page twice."""
    path, finished, runs = tmp_path / "mirror.sqlite", None, 0
    while finished is None and runs < 20:
        runs += 1
        with suppress(PrintAsyncError):
            site.sim.faults.add(Turn(spared=3, **FAULTS["500"]))
            finished = await copy(site, path, 10)
        site.sim.faults.clear()

    assert finished is not None
    assert runs > 2
    assert finished.resumed_at + finished.items == site.total
    assert read_tables(path) == whole
    assert site.sim.stats.requests <= 16 + 3 * runs


async def test_a_token_refused_once(open_site, copy, read_tables, whole, vendor, tmp_path):
    """A 401, which the client answers with a new token, does not interrupt the mirror."""
    site = await open_site(vendor, 70)
    path = "/printing/" if vendor == "ezeep" else "/api/v3/"
    site.sim.faults.add(Fault(kind=FaultKind.STATUS, status=401, times=1, path=path))

    report = await copy(site, tmp_path / "mirror.sqlite", 10)

    assert (report.resumed_at, report.items) == (0, site.total)
    assert read_tables(tmp_path / "mirror.sqlite") == whole


@pytest.mark.parametrize("page", [1, 2, 3, 7, 9])
async def test_a_cancelled_run(site, copy, read_tables, whole, tmp_path, page):
    """Cancelled after any page, a run leaves a file that the next one completes."""
    path = tmp_path / "mirror.sqlite"
    running = asyncio.ensure_future(copy(site, path, 10))
    site.sim.faults.add(Turn(kind=FaultKind.DELAY, spared=page, act=running.cancel))
    await asyncio.wait([running])
    assert running.cancelled()
    site.sim.faults.clear()

    report = await copy(site, path, 10)

    assert report.resumed_at >= 10 * (page - 3)
    assert report.resumed_at + report.items == site.total
    assert read_tables(path) == whole


async def test_the_server_changes_in_between(open_site, copy, assert_mirrors, tmp_path):
    """Rows that were there before an interrupted second run, and are gone at its end, are removed by the third."""
    path = tmp_path / "mirror.sqlite"
    many, few = await open_site("ezeep", 70), await open_site("ezeep", 50)
    await copy(many, path, 10)
    few.sim.faults.add(Turn(spared=4, **FAULTS["500"]))
    with pytest.raises(PrintAsyncError):
        await copy(few, path, 10)
    few.sim.faults.clear()

    report = await copy(few, path, 10)

    assert_mirrors(path, await few.expected())
    assert report.removed > 40
    assert report.resumed_at > 0


async def test_rows_that_move_while_it_is_interrupted(open_site, copy, read_rows, assert_mirrors, tmp_path):
    """Where a row is deleted before the place a run was interrupted at, no row the server has is taken for gone."""
    path, site = tmp_path / "mirror.sqlite", await open_site("myqx", 70)
    await copy(site, path, 10)
    site.sim.faults.add(Turn(spared=3, **FAULTS["500"]))
    with pytest.raises(PrintAsyncError):
        await copy(site, path, 10)
    site.sim.faults.clear()
    site.sim.delete_user(1003)

    report = await copy(site, path, 10)

    expected = await site.expected()
    assert (report.unsettled, report.removed) == (("users",), 0)
    assert {row["id"] for row in read_rows(path, "users")} >= {row["id"] for row in expected["users"]}
    again = await copy(site, path, 10)
    assert (again.unsettled, again.removed) == ((), 1)
    assert_mirrors(path, expected)


async def test_interrupted_again_after_rows_have_moved(open_site, copy, tmp_path):
    """That rows have moved is not forgotten when the run that goes on is interrupted as well."""
    path, site = tmp_path / "mirror.sqlite", await open_site("myqx", 70)
    for interruption in range(2):
        site.sim.faults.add(Turn(spared=3, **FAULTS["500"]))
        with pytest.raises(PrintAsyncError):
            await copy(site, path, 10)
        site.sim.faults.clear()
        if not interruption:
            site.sim.delete_user(1003)

    report = await copy(site, path, 10)

    assert report.unsettled == ("users",)


async def test_counts_of_pages(open_site, copy, assert_mirrors, tmp_path):
    """Where the server's count is that of the page, an interrupted run says nothing of rows that move."""
    path, site = tmp_path / "mirror.sqlite", await open_site("myqx", 65, count_is_page=True)
    site.sim.faults.add(Turn(spared=3, **FAULTS["500"]))
    with pytest.raises(PrintAsyncError):
        await copy(site, path, 10)
    site.sim.faults.clear()

    report = await copy(site, path, 10)

    assert report.unsettled == ()
    assert_mirrors(path, await site.expected())
