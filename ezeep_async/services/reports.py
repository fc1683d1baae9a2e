"""Reports (source: quick-guides/automated_reports)."""

from ezeep_async.models.reports import NewReport, Report
from print_async.service import Call, Service, operation


class Reports(Service):
    """Reports on what was printed. Only ordering one is here: where it is then fetched is not documented."""

    @operation("POST", "/reporting/reports", scopes=("reporting",), source="quick-guides/automated_reports")
    async def create(self, call: Call, report: NewReport) -> Report:
        """Order a report, and return it as it stands: pending. Not repeated after a failure: it could be made twice.

        The scope is the one that a client of ezeep's was seen asking for; the page names none.
        """
        return await call.fetch(Report, json=report)
