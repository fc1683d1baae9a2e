"""Which groups may print on which printers (source: rest_api/assignments, management_api/groups/printers)."""

from typing import Any

from print_async.model import model


@model
class AssignedGroup:
    """A group that a printer is assigned to."""

    group_id: str
    """UUID."""
    group_name: str | None = None
    group_foreign_id: str | None = None
    """The group's id where it is synchronised from; a UUID."""
    force_chosen: bool | None = None


@model
class Assignment:
    """Groups that have a printer with the same settings."""

    settings: Any = None
    """Not documented: as the server sent it. `None` in every sample."""
    groups: tuple[AssignedGroup, ...] = ()


@model
class PrinterAssignments:
    """A printer, and all groups that it is assigned to."""

    printer_id: str
    """UUID."""
    printer_name: str | None = None
    assignments: tuple[Assignment, ...] = ()
    """Empty for a printer that nobody has."""

    @property
    def group_ids(self) -> frozenset[str]:
        """The ids of the groups that have the printer."""
        return frozenset(group.group_id for assignment in self.assignments for group in assignment.groups)
