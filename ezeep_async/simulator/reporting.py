"""`/reporting/reports`, without a slash at the end. Only ordering a report is documented with its path.

Source: apidocs.ezeep.com, quick-guides/automated_reports.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import attrs
from aiohttp import web

from ezeep_async.simulator.answers import answer, invalid, read_object
from ezeep_async.simulator.bearer import require_scope, signed_in
from ezeep_async.simulator.directory import Directory
from ezeep_async.simulator.fields import Check, checked, flag, moment, number, one_of
from print_async.testing.simulator import Statistics

_NEW: dict[str, Check] = {
    "start": moment,
    "end": moment,
    "timestamp_offset": number(-12, 14),
    "csv_delimiter": one_of(",", ";"),
    "file_name_obfuscated": flag,
    "user_email_blank": flag,
    "user_name_blank": flag,
}
_DEFAULTS: dict[str, object] = {
    "timestamp_offset": 0,
    "csv_delimiter": ",",
    "file_name_obfuscated": False,
    "user_email_blank": False,
    "user_name_blank": False,
}


@attrs.frozen(kw_only=True)
class Reports:
    """The route, and what was ordered."""

    directory: Directory
    statistics: Statistics
    now: Callable[[], float]
    ordered: list[dict[str, object]] = attrs.field(factory=list)

    def register(self, app: web.Application) -> None:
        """Add the route."""
        app.router.add_route("POST", "/reporting/reports", self.create)

    async def create(self, request: web.Request) -> web.StreamResponse:
        """Take the order of a report."""
        require_scope(request, "reporting")
        fields = checked(await read_object(request), _NEW, ("start", "end"))
        if _aware(fields["start"]) >= _aware(fields["end"]):
            raise invalid("end", "Must be after start.")
        created = datetime.fromtimestamp(self.now(), UTC)
        report: dict[str, object] = {
            "report_id": str(uuid4()),
            "created": f"{created:%Y-%m-%dT%H:%M:%S.%f}0Z",  # seven digits, as the vendor's has
            **_DEFAULTS,
            **fields,
            "format": "csv",
            "status": "pending",
            "user_id": self.directory.user_ids.at(signed_in(request)),
        }
        self.ordered.append(report)
        self.statistics.mutations[f"report-ordered:{report['report_id']}"] += 1
        return answer(report, 202)


def _aware(text: object) -> datetime:
    found = datetime.fromisoformat(str(text))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
