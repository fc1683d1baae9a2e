"""`/printing/v1/assignments/`: which groups may print on which printers.

Sources: apidocs.ezeep.com, rest_api/assignments; ezeepAPi/printingapi, management_api/groups/printers.
"""

from typing import cast

import attrs
from aiohttp import web

from ezeep_async.simulator.answers import add_resource, answer, invalid, not_found, read_object
from ezeep_async.simulator.fleet import Fleet, Printer
from ezeep_async.simulator.paging import Lists
from print_async.testing.simulator import Statistics


@attrs.frozen(kw_only=True)
class Assignments:
    """The routes. The key is `assignment` in a request, and `assignments` in an answer."""

    fleet: Fleet
    statistics: Statistics
    lists: Lists
    delete_status: int

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        add_resource(app, "/printing/v1/assignments/", {"GET": self.list})
        add_resource(app, "/printing/v1/assignments/{id}/", {"PUT": self.set, "DELETE": self.remove})

    async def list(self, request: web.Request) -> web.StreamResponse:
        """Answer a page of printers: all, or those of a group, each with all of its groups."""
        fleet, wanted = self.fleet, request.query.get("group")
        group = None if wanted is None else fleet.directory.find_group(wanted)
        if wanted is not None and group is None:
            raise invalid("group", "Select a valid choice. That choice is not one of the available choices.")
        found = list(fleet.printers.values()) if group is None else fleet.printers_of(group)
        return self.lists.by_offset(request, len(found), lambda start, stop: [*map(self._shown, found[start:stop])])

    async def set(self, request: web.Request) -> web.StreamResponse:
        """Assign a printer to the groups of the body."""
        printer, groups = await self._read(request)
        self.fleet.assign(printer.id, groups)
        self.statistics.mutations[f"assigned:{printer.id}"] += 1
        return answer(self._shown(printer))

    async def remove(self, request: web.Request) -> web.StreamResponse:
        """Take a printer away from the groups of the body, which comes with a DELETE."""
        printer, groups = await self._read(request)
        self.fleet.unassign(printer.id, groups)
        self.statistics.mutations[f"unassigned:{printer.id}"] += 1
        return web.Response(status=self.delete_status)

    async def _read(self, request: web.Request) -> tuple[Printer, tuple[int, ...]]:
        body = await read_object(request)
        printer = self.fleet.printers.get(request.match_info["id"].lower())
        if printer is None:
            raise not_found()
        entries = body.get("assignment")
        if not isinstance(entries, list):
            raise invalid("assignment", "This field is required.")
        return printer, tuple(group for entry in cast("list[object]", entries) for group in self._groups(entry))

    def _groups(self, entry: object) -> tuple[int, ...]:
        groups = cast("dict[str, object]", entry).get("groups") if isinstance(entry, dict) else None
        if not isinstance(groups, list):
            raise invalid("assignment", "Each item needs groups.")
        return tuple(map(self._group, cast("list[object]", groups)))

    def _group(self, entry: object) -> int:
        group_id = cast("dict[str, object]", entry).get("group_id") if isinstance(entry, dict) else None
        index = self.fleet.directory.find_group(group_id) if isinstance(group_id, str) else None
        if index is None:
            raise invalid("assignment", "Each group needs the group_id of a group that exists.")
        return index

    def _shown(self, printer: Printer) -> dict[str, object]:
        directory = self.fleet.directory
        groups = [directory.group(index) for index in self.fleet.groups_of(printer.id)]
        named = [
            {
                "group_id": group.id,
                "group_name": group.name,
                "group_foreign_id": getattr(group.origin, "foreign_id", None),
                "force_chosen": False,
            }
            for group in groups
        ]
        entries = [{"settings": None, "groups": named}] if named else []
        return {"printer_id": printer.id, "printer_name": printer.name, "assignments": entries}
