"""Printers assigned to groups (source: rest_api/assignments, management_api/groups/printers)."""

from collections.abc import Iterable
from operator import attrgetter

from ezeep_async.models.assignments import PrinterAssignments
from ezeep_async.services.lists import PAGE_SIZE, pager
from ezeep_async.services.users import Users
from print_async.paging import Pager
from print_async.service import Call, Service, names_of, operation

_SOURCE = "rest_api/assignments"
_LIST = "/printing/v1/assignments/"
_ONE = "/printing/v1/assignments/{printer_id}/"
_ID = attrgetter("printer_id")


class Assignments(Service):
    """Which groups may print on which printers."""

    @operation("GET", _LIST, source=_SOURCE)
    def list(
        self,
        call: Call,
        *,
        page_size: int = PAGE_SIZE,
        prefetch: int = 1,
        concurrency: int = 1,
        resume: str | None = None,
    ) -> Pager[PrinterAssignments]:
        """Walk all printers with their groups, also those of no group; see `print_async.Pager` for the arguments."""
        return pager(
            call,
            PrinterAssignments,
            key=_ID,
            page_size=page_size,
            prefetch=prefetch,
            concurrency=concurrency,
            resume=resume,
        )

    @operation("GET", _LIST, source=_SOURCE)
    def list_by_group(
        self,
        call: Call,
        group_id: str,
        *,
        page_size: int = PAGE_SIZE,
        prefetch: int = 1,
        concurrency: int = 1,
        resume: str | None = None,
    ) -> Pager[PrinterAssignments]:
        """Walk the printers of a group. Each comes with *all* of its groups.

        Args:
            group_id: UUID of the group.
            page_size, prefetch, concurrency, resume: See `print_async.Pager`.

        Raises:
            ValueError: The id is empty, which would mean all printers.
        """
        if not group_id:
            raise ValueError("group_id must not be empty; for all printers there is list()")
        query = {"group": group_id}
        return pager(
            call,
            PrinterAssignments,
            key=_ID,
            query=query,
            page_size=page_size,
            prefetch=prefetch,
            concurrency=concurrency,
            resume=resume,
        )

    async def printers_of_user(self, user_id: str) -> tuple[PrinterAssignments, ...]:
        """Return the printers of a user: those of all groups they are in, each printer once.

        ezeep has no call for it, so this reads the user and walks the printers of each group, one after the other. A
        change in between may be seen or not. `NotFound` if there is no such user; may be repeated.
        """
        user = await Users(self._caller).get(user_id)
        found: dict[str, PrinterAssignments] = {}
        for group_id in dict.fromkeys(membership.group_id for membership in user.groups):
            async for printer in self.list_by_group(group_id):
                found.setdefault(printer.printer_id, printer)
        return tuple(found.values())

    @operation("PUT", _ONE, source=_SOURCE)
    async def set(self, call: Call, printer_id: str, group_ids: Iterable[str]) -> PrinterAssignments:
        """Assign a printer to groups, and return it with the groups it has then.

        ezeep does not say whether groups that are not named keep the printer. To keep them for certain, name them; to
        take the printer away for certain, use `remove`.

        Raises:
            ValueError: No group is named. Nothing was sent.
        """
        return await call.fetch(PrinterAssignments, path={"printer_id": printer_id}, json=_body(group_ids))

    @operation("DELETE", _ONE, source=_SOURCE)
    async def remove(self, call: Call, printer_id: str, group_ids: Iterable[str]) -> None:
        """Take a printer away from groups.

        The groups go in the *body of a DELETE*, which some proxies drop; what ezeep then does is not documented.

        Raises:
            ValueError: No group is named. Nothing was sent.
        """
        await call.send(path={"printer_id": printer_id}, json=_body(group_ids))


def _body(group_ids: Iterable[str]) -> dict[str, object]:
    groups = [{"group_id": group_id} for group_id in dict.fromkeys(names_of(group_ids) or ())]
    if not groups:
        raise ValueError("name at least one group")
    # Singular here, and `assignments` in the answers.
    return {"assignment": [{"groups": groups}]}
