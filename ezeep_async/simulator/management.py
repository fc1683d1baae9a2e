"""The management API under `/printing/v1/`: groups, and users with their groups.

Sources: apidocs.ezeep.com, rest_api/users and rest_api/groups, quick-guides/writing_an_integration.
"""

from typing import cast

import attrs
from aiohttp import web

from ezeep_async.simulator.answers import add_resource, answer, invalid, not_found, read_object
from ezeep_async.simulator.bearer import signed_in
from ezeep_async.simulator.directory import Directory
from ezeep_async.simulator.paging import Lists
from ezeep_async.simulator.validation import group_changes
from print_async.testing.simulator import Statistics


@attrs.frozen(kw_only=True)
class Groups:
    """`/printing/v1/groups/`."""

    directory: Directory
    statistics: Statistics
    lists: Lists
    create_status: int
    delete_status: int

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        add_resource(app, "/printing/v1/groups/", {"GET": self.list, "POST": self.create})
        one = {"GET": self.get, "PATCH": self.update, "DELETE": self.delete}
        add_resource(app, "/printing/v1/groups/{id}/", one)

    async def list(self, request: web.Request) -> web.StreamResponse:
        """Answer a page of groups."""
        directory = self.directory
        return self.lists.by_offset(
            request, directory.group_count, lambda start, stop: [*directory.groups(start, stop)]
        )

    async def create(self, request: web.Request) -> web.StreamResponse:
        """Create a group; `name` and `organization_id` are required."""
        body = await read_object(request)
        changes = group_changes(body, required=("name", "organization_id"))
        if body["organization_id"] != self.directory.organization_id:
            raise invalid("organization_id", "Unknown organization.")
        group = self.directory.create_group(changes)
        self.statistics.mutations[f"group-created:{group.id}"] += 1
        return answer(group, self.create_status)

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Answer one group."""
        return answer(self.directory.group(self._index(request)))

    async def update(self, request: web.Request) -> web.StreamResponse:
        """Change the fields of a group that are sent; those that are read-only are passed over."""
        body = await read_object(request)
        group = self.directory.change_group(self._index(request), group_changes(body))
        self.statistics.mutations[f"group-updated:{group.id}"] += 1
        return answer(group)

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """Delete a group."""
        await request.read()  # old samples send an empty JSON body
        index = self._index(request)
        self.directory.delete_group(index)
        self.statistics.mutations[f"group-deleted:{self.directory.group_id(index)}"] += 1
        return web.Response(status=self.delete_status)

    def _index(self, request: web.Request) -> int:
        index = self.directory.find_group(request.match_info["id"])
        if index is None:
            raise not_found()
        return index


@attrs.frozen(kw_only=True)
class PrintingUsers:
    """`/printing/v1/users/`."""

    directory: Directory
    statistics: Statistics
    lists: Lists

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        add_resource(app, "/printing/v1/users/", {"GET": self.list})
        add_resource(app, "/printing/v1/users/{id}/", {"GET": self.get, "PUT": self.set_groups})

    async def list(self, request: web.Request) -> web.StreamResponse:
        """Answer a page of users: of all, or of the members of the groups that a body on the GET names."""
        body = await read_object(request)
        users = self.directory.members_of(self._groups(body)) if "groups" in body else range(self.directory.users)
        return self.lists.by_offset(
            request, len(users), lambda start, stop: [self.directory.user(index) for index in users[start:stop]]
        )

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Answer one user, which is also how the groups of a user are read."""
        return answer(self.directory.user(self._index(request)))

    async def set_groups(self, request: web.Request) -> web.StreamResponse:
        """Replace all groups of a user by those in the body."""
        body = await read_object(request)
        index = self._index(request)
        if "groups" not in body:
            raise invalid("groups", "This field is required.")
        # The documents show an answer in another order than the request's.
        self.directory.set_groups(index, tuple(reversed(self._groups(body))))
        user = self.directory.user(index)
        self.statistics.mutations[f"user-groups:{user.id}"] += 1
        return answer(user)

    def _groups(self, body: dict[str, object]) -> tuple[int, ...]:
        entries = body["groups"]
        if not isinstance(entries, list):
            raise invalid("groups", "Expected a list of items.")
        return tuple(dict.fromkeys(map(self._group, cast("list[object]", entries))))

    def _group(self, entry: object) -> int:
        group_id = cast("dict[str, object]", entry).get("group_id") if isinstance(entry, dict) else None
        index = self.directory.find_group(group_id) if isinstance(group_id, str) else None
        if index is None:
            raise invalid("groups", "Each item needs the group_id of a group that exists.")
        return index

    def _index(self, request: web.Request) -> int:
        user_id = request.match_info["id"]
        index = signed_in(request) if user_id == "me" else self.directory.find_user(user_id)
        if index is None:
            raise not_found()
        return index
