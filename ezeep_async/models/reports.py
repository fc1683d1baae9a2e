"""Reports on what was printed (source: quick-guides/automated_reports)."""

import attrs

from print_async.codec import UNSET, OpenEnum, UnsetType
from print_async.model import model
from print_async.validators import is_moment, moment


class CsvDelimiter(OpenEnum):
    """What separates the fields of a report."""

    COMMA = ","
    SEMICOLON = ";"


class ReportStatus(OpenEnum):
    """Where a report stands. Only these two are documented."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"


@attrs.frozen(kw_only=True)
class NewReport:
    """A report to be made. What is `UNSET` is left to ezeep.

    Raises:
        ValueError: `start` or `end` is no date or timestamp, or there is nothing between them.
    """

    start: str = attrs.field(validator=is_moment)
    """From then on: a date, or a timestamp of ISO 8601."""
    end: str = attrs.field(validator=is_moment)
    """Until then, and not including it."""
    timestamp_offset: int | UnsetType = UNSET
    """The zone of the timestamps in the report: hours from UTC, 0 by default."""
    csv_delimiter: CsvDelimiter | UnsetType = UNSET
    file_name_obfuscated: bool | UnsetType = UNSET
    user_email_blank: bool | UnsetType = UNSET
    user_name_blank: bool | UnsetType = UNSET

    def __attrs_post_init__(self) -> None:
        if moment(self.start) >= moment(self.end):
            raise ValueError("end must be after start: what is printed at the end itself is not in the report")


@model
class Report:
    """A report that was ordered."""

    report_id: str
    status: ReportStatus | None = None
    created: str | None = None
    """ISO 8601, UTC, with seven fractional digits."""
    format: str | None = None
    """`csv`."""
    start: str | None = None
    end: str | None = None
    timestamp_offset: int | None = None
    csv_delimiter: CsvDelimiter | None = None
    file_name_obfuscated: bool | None = None
    user_email_blank: bool | None = None
    user_name_blank: bool | None = None
    user_id: str | None = None
    """UUID of who ordered it."""
