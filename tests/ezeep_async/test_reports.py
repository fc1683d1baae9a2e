"""Reports, over real sockets."""

from datetime import datetime

import attrs
import pytest

from ezeep_async.models import CsvDelimiter, NewReport, ReportStatus
from print_async import required_scopes
from print_async.errors import BadRequest, ConnectionLost, Forbidden, InsufficientScope
from print_async.testing import Fault, FaultKind

JULY = NewReport(start="2021-07-01", end="2021-08-01T00:00:00Z", csv_delimiter=CsvDelimiter.SEMICOLON)


async def test_create(start):
    """A report that is ordered is pending, and shows what was asked for."""
    rig = await start(grant=lambda sim: sim.grant("printing reporting"))

    report = await rig.ezeep.reports.create(JULY)

    assert (report.status, report.format, report.csv_delimiter) == (ReportStatus.PENDING, "csv", JULY.csv_delimiter)
    assert (report.start, report.end, report.timestamp_offset) == (JULY.start, JULY.end, 0)
    assert report.user_id == rig.sim.directory.user_ids.at(0)
    assert len(report.created.partition(".")[2]) == len("1234567Z")
    assert datetime.fromisoformat(report.created).timestamp() == rig.clock.now
    assert [each["report_id"] for each in rig.sim.reports.ordered] == [report.report_id]
    assert rig.sim.stats.statuses[202] == 1


async def test_a_token_without_the_scope(start):
    """A token that is known to lack the scope is not sent; one whose scope ezeep does not tell is the server's."""
    rig = await start()

    with pytest.raises(InsufficientScope, match="reporting"):
        await rig.ezeep.reports.create(JULY)
    assert rig.sim.stats.routes["POST /reporting/reports"] == 0
    async with rig.join(attrs.evolve(rig.sim.grant(), scope="")) as silent:
        with pytest.raises(Forbidden):
            await silent.reports.create(JULY)
    assert required_scopes(rig.ezeep.reports.create, rig.ezeep.webhooks.create_endpoint) == {"reporting", "webhooks"}


async def test_a_lost_answer(start):
    """An order is not repeated."""
    rig = await start(grant=lambda sim: sim.grant("reporting"))
    rig.sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, path="/reporting"))

    with pytest.raises(ConnectionLost):
        await rig.ezeep.reports.create(JULY)

    assert len(rig.sim.reports.ordered) == 1


async def test_what_the_server_refuses(start):
    """A zone that is none is refused with its field."""
    rig = await start(grant=lambda sim: sim.grant("reporting"))

    with pytest.raises(BadRequest, match="timestamp_offset"):
        await rig.ezeep.reports.create(NewReport(start="2021-07-01", end="2021-07-02", timestamp_offset=99))
    assert rig.sim.reports.ordered == []


@pytest.mark.parametrize(
    ("start_at", "end_at", "why"),
    [
        ("", "2021-07-02", "start must be a date"),
        ("2021-07-01", "July", "end must be a date"),
        ("2021-07-01", "2021-07-01", "after"),
        ("2021-07-02T00:00:00", "2021-07-01T23:59:59Z", "after"),
        ("2021-07-01T00:00:00+02:00", "2021-06-30T22:00:00", "after"),
    ],
)
def test_bad_input(start_at, end_at, why):
    """A report without a stretch of time is refused at once."""
    with pytest.raises(ValueError, match=why):
        NewReport(start=start_at, end=end_at)


def test_seven_digits():
    """Timestamps with the seven fractional digits that ezeep writes are taken."""
    assert NewReport(start="2021-07-01T00:00:00.1234567Z", end="2021-07-01T00:00:00.1234579Z").start.endswith("7Z")
